"""A rehearsal has a stand-in for every secret the app needs, and never a real value: a new one for each container,
and the same for each build, so that it can be found in layers that were kept.
"""

from __future__ import annotations

from deploy.config import SecretRule
from deploy.pipeline.steps.candidate import build_secrets, rehearsal_circumstances, rehearsal_secrets


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


def test_a_build_mounts_the_same_value_for_a_name_each_time_in_every_project() -> None:
    """A layer that BuildKit kept from another build, of whatever project, holds the value that is looked for now."""
    rules = {name: rule(name) for name in ("KEY", "OTHER")}
    mounted = build_secrets(rules)
    assert mounted == build_secrets(rules)
    assert mounted["KEY"] != mounted["OTHER"]
    assert mounted["KEY"] == build_secrets({"KEY": rule("KEY", generate="hex:16")})["KEY"]


def test_what_a_build_mounts_is_no_containers_value_and_signs_tokens() -> None:
    rules = {"KEY": rule("KEY")}
    assert build_secrets(rules)["KEY"] != rehearsal_secrets(rules)["KEY"]
    assert len(build_secrets(rules)["KEY"].reveal()) >= 32


def test_a_declared_stand_in_is_not_looked_for_as_it_may_stand_anywhere() -> None:
    assert build_secrets({"URL": rule("URL", rehearse="sqlite://"), "OPTIONAL": rule("OPTIONAL", required=False)}) == {}


def test_what_stands_in_for_a_secret_and_what_is_absent_is_known_to_the_diagnosis() -> None:
    rules = [
        rule("KEY"),
        rule("URL", rehearse="sqlite://"),
        rule("DSN", required=False),
        rule("SEED", generate="hex:16"),
    ]
    here = rehearsal_circumstances({each.name: each for each in rules})
    assert (set(here.stand_ins), set(here.absent)) == ({"KEY", "SEED"}, {"DSN"})
