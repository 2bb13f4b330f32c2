"""A rehearsal has a stand-in for every secret the app needs, and never a real value."""

from __future__ import annotations

from deploy.config import SecretRule
from deploy.pipeline.trial import rehearsal_secrets


def rule(name: str, *, required: bool = True, generate: str | None = None, rehearse: str | None = None) -> SecretRule:
    return SecretRule(name=name, required=required, generate=generate, rehearse=rehearse)


def rehearsed(*rules: SecretRule) -> dict[str, str]:
    return {name: secret.reveal() for name, secret in rehearsal_secrets({each.name: each for each in rules}).items()}


def test_a_needed_secret_has_a_new_random_stand_in_each_time() -> None:
    needed = (rule("KEY"), rule("MADE", required=False, generate="hex:32"))
    first, second = rehearsed(*needed), rehearsed(*needed)
    assert first.keys() == {"KEY", "MADE"}
    assert len({*first.values(), *second.values()}) == 4
    assert all(len(value) >= 32 for value in first.values())


def test_a_declared_stand_in_is_taken_as_it_is() -> None:
    assert rehearsed(rule("URL", rehearse="sqlite://"), rule("EMPTY", rehearse="")) == {"URL": "sqlite://", "EMPTY": ""}


def test_what_the_app_can_do_without_it_does_without() -> None:
    assert rehearsed(rule("OPTIONAL", required=False)) == {}
