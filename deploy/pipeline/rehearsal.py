"""The rehearsal: what would be shipped is built and booted here first, as the Space would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.card import parse as parse_card
from deploy.config import SecretRule
from deploy.errors import EngineUnavailable, SmokeFailed
from deploy.image.boot import Serving
from deploy.image.build import BuildOutcome, ImageSource, build_image, mark_passed
from deploy.image.engine import Engine
from deploy.image.smoke import SmokeRequest, smoke_image, throw_away
from deploy.pipeline.run import Run
from deploy.secret import Secret
from deploy.verify.app import visiting
from deploy.verify.suite import failures, verify

_STEPS = ("image build", "boot on a random $PORT", "boot with $PORT unset", "checks against the container")


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """`engine` None: there is no Docker engine, and `absence` says why. `waived`: the user said to go without."""

    engine: Engine | None
    absence: EngineUnavailable | None
    waived: bool

    @classmethod
    def prepare(cls, *, waived: bool) -> Rehearsal:
        """Look for an engine."""
        try:
            return cls(engine=Engine.connect(), absence=None, waived=waived)
        except EngineUnavailable as error:
            return cls(engine=None, absence=error, waived=waived)

    def require(self, run: Run) -> None:
        """Nothing is shipped unrehearsed without a word. Raises EngineUnavailable."""
        if self.engine and not self.waived:
            return
        run.not_rehearsed.extend(_STEPS)
        if not (run.target.is_local or self.waived):
            raise EngineUnavailable(
                f"{run.target.name!r} cannot be rehearsed: no Docker engine answers. Nothing was changed.",
                cause=self.absence.cause if self.absence else None,
                next_step="start Docker and run the command again; or go without: --without-rehearsal",
            )

    def rehearse(self, run: Run, staged: Path) -> None:
        """Build, boot twice, and run the checks. Raises BuildFailed, SmokeFailed, EngineUnavailable."""
        if not self.engine or self.waived:
            with run.console.step("rehearsal") as step:
                step.skip("told to go without" if self.waived else "no Docker engine here")
            return
        source = image_source(run, staged)
        outcome = self._build(run, self.engine, source)
        self._smoke(run, self.engine, source, outcome)

    def _build(self, run: Run, engine: Engine, source: ImageSource) -> BuildOutcome:
        with run.console.step("build") as step:
            outcome = build_image(engine, source, on_line=step.line)
            run.image = outcome.image.id
            size = f"{outcome.image.size / 1_000_000:.0f} MB, {outcome.image.layers} layers"
            step.note("built and passed before" if outcome.reused else size)
        return outcome

    def _smoke(self, run: Run, engine: Engine, source: ImageSource, outcome: BuildOutcome) -> None:
        with run.console.step("smoke") as step:
            if outcome.reused:
                step.skip("this image passed before")
                return
            report = smoke_image(
                engine,
                smoke_request(run, source, outcome),
                while_serving=lambda serving: _check_container(run, serving),
            )
            step.note(", ".join(f"port {boot.port} after {boot.seconds:.1f} s" for boot in report.boots))
        for warning in report.warnings:
            run.console.warn(warning)
        mark_passed(engine, source, outcome)


def image_source(run: Run, staged: Path) -> ImageSource:
    """What to build: the staged source with the target's settings, as the Space would have them."""
    return ImageSource(
        project=run.config.root.name,
        staged=staged,
        revision=run.revision,
        source_sha=run.source_sha or None,
        variables=run.settings.variables,
        secrets=rehearsal_secrets(run.target.secrets),
        timeout=run.target.build_timeout,
    )


def smoke_request(run: Run, source: ImageSource, outcome: BuildOutcome) -> SmokeRequest:
    return SmokeRequest(
        image=outcome.image.id,
        app_port=parse_card((source.staged / "README.md").read_text(encoding="utf-8")).app_port,
        health=run.config.app.health,
        version=run.config.app.version,
        revision=run.revision if run.config.app.version else None,
        ready_timeout=run.config.app.ready_timeout,
        environment={**source.variables, **source.secrets},
        fixed_port=run.config.source.fixed_port,
        strict=run.config.source.strict,
    )


def rehearsal_secrets(rules: Mapping[str, SecretRule]) -> dict[str, Secret]:
    """A stand-in for each secret: a rehearsal never holds a real value, and so cannot reach a real database."""
    stand_ins = throw_away(name for name, rule in rules.items() if rule.rehearse is None and rule.needed)
    declared = {name: Secret(rule.rehearse) for name, rule in rules.items() if rule.rehearse is not None}
    return {**stand_ins, **declared}


def _check_container(run: Run, serving: Serving) -> None:
    with visiting(serving.url) as app:
        failed = failures(verify(app, run.config.app, run.config.checks, run.revision))
    if failed:
        raise SmokeFailed(
            f"The image serves, and {len(failed)} of the declared checks fail in its container.",
            cause=failed[0].line,
            next_step="mend the app, or the [[checks]] in deploy.toml; invoke smoke",
            details=(*(result.line for result in failed), *serving.container.log_tail().splitlines()),
        )
