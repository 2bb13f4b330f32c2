"""build, smoke: the image of what would be shipped, made and booted here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from deploy.tasks.base import Session, command, session

if TYPE_CHECKING:
    from deploy.pipeline.trial import Trial


@command()
def build(_: Any, to: str = "", json: bool = False) -> None:
    """Build the image as the Space would; the log is shown as it comes."""
    current = session(to)
    with _trial(current) as trial:
        outcome = trial.build(current.console)
    current.console.result(outcome.as_document(), f"{outcome.image.tag}\n{outcome.image.id}")


@command()
def smoke(_: Any, to: str = "", json: bool = False) -> None:
    """Build the image, look for secrets in it, and boot it on a random $PORT, and on the card's app_port without."""
    current = session(to)
    with _trial(current) as trial:
        outcome = trial.build(current.console)
        contents = trial.search(outcome, current.console)
        contents.require_clean()
        report = trial.smoke(outcome, current.console)
    current.console.result({**outcome.as_document(), **contents.as_document(), **report.as_document()})


@contextmanager
def _trial(current: Session) -> Iterator[Trial]:
    from deploy.image.engine import Engine
    from deploy.pipeline.staging import staged_source
    from deploy.pipeline.trial import Trial

    settings = current.settings()
    with (
        closing(Engine.connect(current.env)) as engine,
        staged_source(current.config, current.target, current.console) as source,
    ):
        yield Trial.of(engine, current.config, current.target, settings, source)
