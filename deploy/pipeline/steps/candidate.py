"""The release candidate: the image of a staged source, with what it is built from and what its containers get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.card import DEFAULT_PORT
from deploy.card import parse as parse_card
from deploy.config import Config, SecretRule, Target
from deploy.image.boot import SmokeRequest
from deploy.image.build import ImageSource
from deploy.image.engine import Engine
from deploy.image.smoke import stand_ins, throw_away
from deploy.image.traces import Named
from deploy.image.waiting import Expectation
from deploy.known_failures import A_RUN, Circumstances
from deploy.pipeline.steps.source import Staged
from deploy.secret import Secret
from deploy.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What is built and booted, with which engine, and what the project demands of it.

    `secrets` are what its containers get, and `known` what must not be in the image; `circumstances` tell which of
    them are stand-ins.
    """

    engine: Engine
    config: Config
    source: ImageSource
    app_port: int
    secrets: Mapping[str, Secret]
    known: tuple[Named, ...]
    circumstances: Circumstances = A_RUN

    @classmethod
    def of(cls, engine: Engine, config: Config, target: Target, settings: Settings, staged: Staged) -> Candidate:
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
            circumstances=rehearsal_circumstances(target.secrets),
        )

    def request(self, image: str) -> SmokeRequest:
        """How the image of that id is booted."""
        return SmokeRequest(
            image=image,
            expect=Expectation(
                app_port=self.app_port,
                app=self.config.app,
                revision=self.source.revision,
                circumstances=self.circumstances,
            ),
            environment={**self.source.variables, **self.secrets},
            fixed_port=self.config.source.fixed_port,
            strict=self.config.source.strict,
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


def rehearsal_circumstances(rules: Mapping[str, SecretRule]) -> Circumstances:
    """What a container's errors may come from: values that are made up, and secrets that have none."""
    return Circumstances(
        stand_ins=frozenset(_made_up(rules)), absent=frozenset(rules) - rehearsal_secrets(rules).keys()
    )


def _made_up(rules: Mapping[str, SecretRule]) -> tuple[str, ...]:
    return tuple(name for name, rule in rules.items() if rule.rehearse is None and rule.needed)


def _app_port(staged: Staged) -> int:
    """Of the card; the Hub's own default when the source has none."""
    card = staged.tree.by_path.get("README.md")
    return parse_card(card.read().decode("utf-8", "replace")).app_port if card else DEFAULT_PORT
