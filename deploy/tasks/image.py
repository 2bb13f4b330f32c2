"""build, smoke: the image of what would be shipped, made and booted here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from deploy.tasks.base import Session, command, session

if TYPE_CHECKING:
    from deploy.image.build import BuildOutcome, ImageSource
    from deploy.image.engine import Engine
    from deploy.image.smoke import SmokeReport


@command()
def build(_: Any, to: str = "", json: bool = False) -> None:
    """Build the image as the Space would; the log is shown as it comes."""
    from deploy.image.engine import Engine

    run = session(to)
    with closing(Engine.connect(run.env)) as engine, _staged(run) as source:
        outcome = _build(run, engine, source)
    run.console.result(outcome.as_document(), f"{outcome.image.tag}\n{outcome.image.id}")


@command()
def smoke(_: Any, to: str = "", json: bool = False) -> None:
    """Build the image and boot it twice: on a random $PORT, and on the card's app_port without $PORT."""
    from deploy.image.build import mark_passed
    from deploy.image.engine import Engine

    run = session(to)
    with closing(Engine.connect(run.env)) as engine, _staged(run) as source:
        outcome = _build(run, engine, source)
        report = _smoke(run, engine, source, outcome)
        mark_passed(engine, source, outcome)
    run.console.result({**outcome.as_document(), **report.as_document()})


@contextmanager
def _staged(run: Session) -> Iterator[ImageSource]:
    """What would be shipped, in a folder of its own for as long as the block lasts."""
    import tempfile
    from pathlib import Path

    from deploy.image.build import ImageSource
    from deploy.pipeline.provenance import source_sha
    from deploy.pipeline.rehearsal import rehearsal_secrets
    from deploy.settings import resolve
    from deploy.source.tree import read_tree, stage

    tree = read_tree(run.config.source.path)
    with tempfile.TemporaryDirectory(prefix="spacewright-") as folder:
        stage(tree, Path(folder))
        yield ImageSource(
            project=run.root.name,
            staged=Path(folder),
            revision=tree.revision,
            source_sha=source_sha(run.root),
            variables=resolve(run.target, run.root, run.env).variables,
            secrets=rehearsal_secrets(run.target.secrets),
            timeout=run.target.build_timeout,
            demands=f"smoke {run.config.app} {run.config.source.fixed_port} {run.config.source.strict}",
        )


def _build(run: Session, engine: Engine, source: ImageSource) -> BuildOutcome:
    from deploy.image.build import build_image

    with run.console.step("build") as step:
        outcome = build_image(engine, source, on_line=step.line)
        step.note(outcome.summary)
    return outcome


def _smoke(run: Session, engine: Engine, source: ImageSource, outcome: BuildOutcome) -> SmokeReport:
    from deploy.image.smoke import SmokeRequest, smoke_image

    app, shipped = run.config.app, run.config.source
    request = SmokeRequest(
        image=outcome.image.id,
        app_port=_app_port(source),
        health=app.health,
        version=app.version,
        revision=source.revision if app.version else None,
        ready_timeout=app.ready_timeout,
        environment={**source.variables, **source.secrets},
        fixed_port=shipped.fixed_port,
        strict=shipped.strict,
    )
    with run.console.step("smoke") as step:
        report = smoke_image(engine, request)
        step.note(report.summary)
    for warning in report.warnings:
        run.console.warn(warning)
    return report


def _app_port(source: ImageSource) -> int:
    """Of the card; the Hub's own default when the source has no README.md."""
    from deploy.card import DEFAULT_PORT, parse

    card = source.staged / "README.md"
    return parse(card.read_text(encoding="utf-8")).app_port if card.is_file() else DEFAULT_PORT
