"""What is sent on behalf of people has the fields, the method and the encoding that the scenario says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx2
import pytest

from deploy.config import ScenarioConfig
from deploy.http import Answer
from deploy.secret import Secret
from deploy.verify import acts
from deploy.verify.acts import Account
from deploy.verify.app import App
from tests.unit.verify.builders import URL
from tests.unit.verify.subjects import scenario

ANN = Account(username="check-ann", password=Secret("her own"))
BEARER = {"Authorization": "Bearer hers"}

Act = Callable[[App, ScenarioConfig], Answer]
ACTS: dict[str, Act] = {
    "register": lambda app, given: acts.register(app, given, ANN),
    "login": lambda app, given: acts.log_in(app, given, ANN),
    "change_password": lambda app, given: acts.change_password(app, given, ANN, Secret("another"), BEARER),
    "delete_account": lambda app, given: acts.delete_account(app, given, ANN, BEARER),
}


def sent(root: Path, act: str, toml: str = "") -> httpx2.Request:
    """What the app was asked."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(204)

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
        ACTS[act](App(URL, client), scenario(root, f"[scenario]\n{toml}").scenario)
    [request] = seen
    return request


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("register", {"username": "check-ann", "password": "her own"}),
        ("change_password", {"current_password": "her own", "new_password": "another"}),
        ("delete_account", {"password": "her own"}),
    ],
)
def test_without_a_word_it_is_as_the_backend_that_comes_along_has_it(
    act: str, body: dict[str, str], tmp_path: Path
) -> None:
    request = sent(tmp_path, act)
    assert (request.method, json.loads(request.content)) == ("POST", body)


def test_a_login_is_a_password_form(tmp_path: Path) -> None:
    request = sent(tmp_path, "login")
    assert parse_qs(request.content.decode()) == {"username": ["check-ann"], "password": ["her own"]}


def test_a_login_may_be_json_of_other_fields(tmp_path: Path) -> None:
    toml = 'login_as = "json"\nlogin_with = { email = "{email}", secret = "{password}", remember = true }'
    request = sent(tmp_path, "login", toml)
    assert json.loads(request.content) == {"email": "check-ann@example.com", "secret": "her own", "remember": True}


def test_placeholders_are_found_however_deep(tmp_path: Path) -> None:
    toml = 'register_with = { user = { names = ["{username}", "as {email}"], of = 3 }, password = "{password}" }'
    body = json.loads(sent(tmp_path, "register", toml).content)
    assert body["user"] == {"names": ["check-ann", "as check-ann@example.com"], "of": 3}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_password_may_be_changed_by_another_method(method: str, tmp_path: Path) -> None:
    assert sent(tmp_path, "change_password", f'change_password_by = "{method}"').method == method


def test_who_goes_may_say_nothing_but_delete(tmp_path: Path) -> None:
    request = sent(tmp_path, "delete_account", 'delete_account_by = "DELETE"\ndelete_account_with = {}')
    assert (request.method, request.content) == ("DELETE", b"")
    assert request.headers["Authorization"] == BEARER["Authorization"]
