"""The image of a staged source on trial: built as the Space would, booted twice, asked every declared check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.card import DEFAULT_PORT
from deploy.card import parse as parse_card
from deploy.config import Config, SecretRule, Target
from deploy.console import Console
from deploy.errors import SmokeFailed
from deploy.image.boot import Serving
from deploy.image.build import BuildOutcome, ImageSource, build_image, mark_passed
from deploy.image.contents import Contents, search
from deploy.image.diagnosis import SEARCHED_LINES, SHOWN_LINES
from deploy.image.engine import Engine
from deploy.image.smoke import SmokeReport, SmokeRequest, served, smoke_image, stand_ins, throw_away
from deploy.image.traces import Named
from deploy.logs import end_of
from deploy.pipeline.staging import Staged
from deploy.proof import failures
from deploy.secret import Secret
from deploy.settings import Settings
from deploy.verify.app import visiting
from deploy.verify.serving import verify
from deploy.wording import counted

_NOTHING_RUN = SmokeReport(boots=(), warnings=())


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried, with which engine, and what the project demands of it.

    `secrets` are what its containers get, and `known` what must not be in the image.
    """

    engine: Engine
    config: Config
    source: ImageSource
    app_port: int
    secrets: Mapping[str, Secret]
    known: tuple[Named, ...]

    @classmethod
    def of(cls, engine: Engine, config: Config, target: Target, settings: Settings, staged: Staged) -> Trial:
        """The staged source with the target's variables; no secret has its real value, in the build or in a container.

        An image is made of what is mounted, so the real values are only looked for in it.
        """
        mounted = build_secrets(target.secrets)
        source = ImageSource(
            project=config.root.name,
            staged=staged.folder,
            revision=staged.tree.revision,
            source_sha=staged.source_sha,
            variables=settings.variables,
            secrets={**mounted, **declared_stand_ins(target.secrets)},
            timeout=target.build_timeout,
            demands=repr((config.app, config.checks, config.source.fixed_port, config.source.strict, config.suite)),
        )
        token = {"the Hub token": settings.token} if settings.token else {}
        return cls(
            engine=engine,
            config=config,
            source=source,
            app_port=_app_port(staged),
            secrets=rehearsal_secrets(target.secrets),
            known=(*settings.secrets.items(), *token.items(), *mounted.items()),
        )

    def build(self, console: Console) -> BuildOutcome:
        """Raises BuildFailed, EngineUnavailable."""
        with console.step("build") as step:
            outcome = build_image(self.engine, self.source, on_line=step.line)
            step.note(outcome.summary)
        return outcome

    def search(self, outcome: BuildOutcome, console: Console, *more: Named) -> Contents:
        """Look for known values, and `more` of them, in the image: also in one that passed before, as a secret may be
        newer than it. Raises EngineUnavailable.
        """
        with console.step("layers") as step:
            contents = search(lambda: self.engine.saved(outcome.image), (*self.known, *more))
            step.note(contents.summary)
            if contents.leaks:
                step.fail(contents.summary)
            if contents.unreadable:
                step.skip(contents.unreadable)
        return contents

    def smoke(self, outcome: BuildOutcome, console: Console) -> SmokeReport:
        """Boot it, unless it passed before. Raises SmokeFailed, EngineUnavailable.

        It has passed when it boots, or in a project that demands the whole suite, when that is through.
        """
        with console.step("smoke") as step:
            if outcome.reused:
                step.skip("this image passed before")
                return _NOTHING_RUN
            report = smoke_image(self.engine, self._request(outcome), while_serving=self._ask)
            step.note(report.summary)
        for warning in report.warnings:
            console.warn(warning)
        if self.config.suite == "serving":
            mark_passed(self.engine, self.source, outcome)
        return report

    def stand(self, outcome: BuildOutcome, prove: Callable[[Serving], None]) -> None:
        """Serve it once more, for `prove` to look at; it has passed when that raises nothing."""
        with served(self.engine, self._request(outcome)) as serving:
            prove(serving)
        mark_passed(self.engine, self.source, outcome)

    def _request(self, outcome: BuildOutcome) -> SmokeRequest:
        return SmokeRequest(
            image=outcome.image.id,
            app_port=self.app_port,
            app=self.config.app,
            revision=self.source.revision,
            environment={**self.source.variables, **self.secrets},
            fixed_port=self.config.source.fixed_port,
            strict=self.config.source.strict,
        )

    def _ask(self, serving: Serving) -> None:
        with visiting(serving.url) as app:
            failed = failures(verify(app, self.config.app, self.config.checks, self.source.revision))
        if failed:
            log = serving.container.log_tail(SEARCHED_LINES).splitlines()
            raise SmokeFailed(
                f"The image serves, and {counted(len(failed), 'declared check')} failed in its container.",
                cause=failed[0].line,
                next_step="mend the app, or the [[checks]] in deploy.toml; invoke smoke",
                details=(*(result.line for result in failed), *end_of(log, SHOWN_LINES)),
            )


def rehearsal_secrets(rules: Mapping[str, SecretRule]) -> dict[str, Secret]:
    """What a container gets for each secret: never a real value, so that it cannot reach a real database."""
    return {**throw_away(_made_up(rules)), **declared_stand_ins(rules)}


def build_secrets(rules: Mapping[str, SecretRule]) -> dict[str, Secret]:
    """What the build mounts where deploy.toml declares no stand-in, known to whoever searches the image later."""
    return stand_ins(_made_up(rules))


def declared_stand_ins(rules: Mapping[str, SecretRule]) -> dict[str, Secret]:
    """Those of deploy.toml. They are public, and may stand in an image by right."""
    return {name: Secret(rule.rehearse) for name, rule in rules.items() if rule.rehearse is not None}


def _made_up(rules: Mapping[str, SecretRule]) -> tuple[str, ...]:
    return tuple(name for name, rule in rules.items() if rule.rehearse is None and rule.needed)


def _app_port(staged: Staged) -> int:
    """Of the card; the Hub's own default when the source has none."""
    card = staged.tree.by_path.get("README.md")
    return parse_card(card.read().decode("utf-8", "replace")).app_port if card else DEFAULT_PORT
