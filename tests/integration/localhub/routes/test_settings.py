"""Secrets and variables: what goes in, what comes out, what a change sets off."""

from __future__ import annotations

from huggingface_hub import HfApi

from tests.integration.hub_fixtures import Hub, status


def test_secrets_go_in_and_never_come_out(hub: Hub, api: HfApi, space: str) -> None:
    value = "correct-horse-battery-staple"
    api.add_space_secret(space, "KEY", value, description="for the test")
    held = api.get_space_secrets(space)["KEY"]
    assert held.description == "for the test"
    assert held.updated_at is not None
    for path in ("secrets", "variables", "runtime", "logs/build", "auth-check"):
        assert value not in hub.ask("GET", f"/api/spaces/{space}/{path}").text
    assert value not in hub.log()
    api.delete_space_secret(space, "KEY")
    api.delete_space_secret(space, "KEY")
    assert api.get_space_secrets(space) == {}


def test_a_value_that_is_refused_is_not_repeated(hub: Hub, space: str) -> None:
    answer = hub.ask("POST", f"/api/spaces/{space}/secrets", json={"key": "KEY", "value": ["correct-horse"]})
    assert (answer.status_code, "correct-horse" in answer.text) == (400, False)
    answer = hub.ask("POST", f"/api/spaces/{space}/secrets", json={"key": "1KEY", "value": "correct-horse"})
    assert (answer.status_code, "correct-horse" in answer.text) == (400, False)


def test_variables_answer_with_all_of_them(api: HfApi, space: str) -> None:
    first = api.add_space_variable(space, "ONE", "1")["ONE"]
    both = api.add_space_variable(space, "TWO", "2", description="second")
    assert {key: one.value for key, one in both.items()} == {"ONE": "1", "TWO": "2"}
    changed = api.add_space_variable(space, "ONE", "one")["ONE"]
    assert first.updated_at is not None
    assert changed.updated_at is not None
    assert changed.updated_at > first.updated_at
    assert set(api.delete_space_variable(space, "ONE")) == {"TWO"}


def test_strangers_do_not_see_the_names_of_secrets(hub: Hub, space: str) -> None:
    assert status(lambda: hub.api(hub.new_token("eve")).get_space_secrets(space)) == 403
