"""build, smoke: the image of what would be shipped, made and booted here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from deploy.tasks.base import Session, command, session

if TYPE_CHECKING:
    from deploy.pipeline.steps.candidate import Candidate


@command()
def build(_: Any, to: str = "", json: bool = False) -> None:
    """Build the image as the Space would; the log is shown as it comes."""
    from deploy.pipeline.steps import build as step

    current = session(to)
    with _candidate(current) as candidate:
        outcome = step.build(candidate, current.console)
    current.console.result(outcome.as_document(), f"{outcome.image.tag}\n{outcome.image.id}")


@command()
def smoke(_: Any, to: str = "", json: bool = False) -> None:
    """Build the image, look for secrets in it, and boot it on a random $PORT, and on the card's app_port without."""
    from deploy.pipeline.steps import build as first
    from deploy.pipeline.steps import layers
    from deploy.pipeline.steps import smoke as last

    current = session(to)
    with _candidate(current) as candidate:
        outcome = first.build(candidate, current.console)
        contents = layers.search_layers(candidate, outcome, current.console)
        contents.require_clean()
        report = last.smoke(candidate, outcome, current.console)
    current.console.result({**outcome.as_document(), **contents.as_document(), **report.as_document()})


@contextmanager
def _candidate(current: Session) -> Iterator[Candidate]:
    from deploy.image.engine import Engine
    from deploy.pipeline.steps.candidate import Candidate
    from deploy.pipeline.steps.source import staged_source

    settings = current.settings()
    with (
        closing(Engine.connect(current.env)) as engine,
        staged_source(current.config, current.target, current.console) as source,
    ):
        yield Candidate.of(engine, current.config, current.target, settings, source)
