"""Sessions: renewed with tokens that are good once, ended by whoever may, and bounded in number."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from app.data import accounts, sessions, users
from app.data.errors import Stale
from app.data.tables import sessions as table
from app.data.tables import utc_now

AUTH = "/api/v1/auth"
Login = Callable[[], dict[str, Any]]


@pytest.fixture
def login(client: TestClient, password: str) -> Login:
    """Logs ann in, who is registered, and gives the answer."""
    client.post(f"{AUTH}/register", json={"username": "ann", "password": password}).raise_for_status()

    def login() -> dict[str, Any]:
        answer = client.post(f"{AUTH}/login", data={"username": "ann", "password": password})
        document: dict[str, Any] = answer.raise_for_status().json()
        return document

    return login


def access(token: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['access_token']}"}


def serves(client: TestClient, token: dict[str, Any]) -> bool:
    status = client.get(f"{AUTH}/me", headers=access(token)).status_code
    assert status in {200, 401}
    return status == 200


def renew(client: TestClient, token: dict[str, Any]) -> Any:
    return client.post(f"{AUTH}/refresh", json={"refresh_token": token["refresh_token"]})


def test_a_session_is_renewed_and_its_old_access_token_stays_good(client: TestClient, login: Login) -> None:
    first = login()
    second = renew(client, first).raise_for_status().json()
    third = renew(client, second).raise_for_status().json()
    assert set(third) == {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"}
    assert len({token["refresh_token"] for token in (first, second, third)}) == 3
    assert all(serves(client, token) for token in (first, second, third))


def test_a_refresh_token_that_comes_back_ends_its_session_and_no_other(
    client: TestClient, login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    first, other = login(), login()
    second = renew(client, first).raise_for_status().json()
    with caplog.at_level(logging.WARNING):
        again = renew(client, first)
    assert (again.status_code, again.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert renew(client, second).status_code == 401
    assert not serves(client, second)
    assert serves(client, other)

    claims = jwt.decode(first["access_token"], options={"verify_signature": False})
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "app.api.auth"]
    assert claims["sid"] in warning
    assert claims["sub"] in warning
    assert first["refresh_token"] not in caplog.text


def test_a_session_that_is_over_is_not_called_stolen(
    client: TestClient, login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    token = login()
    client.post(f"{AUTH}/logout", json={"refresh_token": token["refresh_token"]})
    with caplog.at_level(logging.WARNING):
        assert renew(client, token).status_code == 401
    assert not [record for record in caplog.records if record.name == "app.api.auth"]


def test_of_two_renewals_at_once_one_wins_and_the_session_ends(client: TestClient, login: Login) -> None:
    for _ in range(5):
        token = login()
        meeting = threading.Barrier(2)

        def race(token: dict[str, Any] = token, meeting: threading.Barrier = meeting) -> Any:
            meeting.wait(10)
            return renew(client, token)

        with ThreadPoolExecutor(2) as threads:
            answers = [future.result() for future in [threads.submit(race) for _ in range(2)]]
        assert sorted(answer.status_code for answer in answers) == [200, 401]
        (winner,) = [answer.json() for answer in answers if answer.status_code == 200]
        assert not serves(client, winner)
        assert renew(client, winner).status_code == 401


@pytest.mark.parametrize("query", ["", "sort=due", "q=water", "q=fire", "due_to=2000-01-01"])
@pytest.mark.parametrize("tasks", [0, 1])
def test_a_list_of_any_length_is_for_sessions_that_are_there(
    client: TestClient, login: Login, query: str, tasks: int
) -> None:
    token = login()
    for _ in range(tasks):
        client.post("/api/v1/tasks", json={"title": "water"}, headers=access(token)).raise_for_status()
    assert client.get(f"/api/v1/tasks?{query}", headers=access(token)).status_code == 200

    client.post(f"{AUTH}/logout", json={"refresh_token": token["refresh_token"]}).raise_for_status()

    assert client.get(f"/api/v1/tasks?{query}", headers=access(token)).status_code == 401


def test_logging_out_ends_one_session_with_its_access_tokens(client: TestClient, login: Login) -> None:
    token, other = login(), login()
    for _ in range(2):
        answer = client.post(f"{AUTH}/logout", json={"refresh_token": token["refresh_token"]})
        assert answer.status_code == 204
    assert not serves(client, token)
    assert serves(client, other)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\x00", "é" * 100])
def test_what_is_no_refresh_token_logs_nobody_out_and_renews_nothing(client: TestClient, token: str) -> None:
    body = {"refresh_token": token}
    assert client.post(f"{AUTH}/logout", json=body).status_code == 204
    assert client.post(f"{AUTH}/refresh", json=body).status_code == 401


def test_an_access_token_renews_nothing(client: TestClient, login: Login) -> None:
    token = login()
    assert renew(client, {"refresh_token": token["access_token"]}).status_code == 401
    assert not serves(client, {"access_token": token["refresh_token"]})
    assert serves(client, token)


def test_changing_the_password_ends_the_other_sessions(client: TestClient, login: Login, password: str) -> None:
    own, other = login(), login()
    body = {"current_password": password, "new_password": "another good one"}
    assert client.post(f"{AUTH}/me/password", json=body, headers=access(own)).status_code == 204
    assert not serves(client, other)
    assert renew(client, other).status_code == 401
    assert renew(client, own).status_code == 200
    for word, status in ((password, 401), ("another good one", 200)):
        assert client.post(f"{AUTH}/login", data={"username": "ann", "password": word}).status_code == status


@pytest.mark.parametrize(
    ("current", "new", "status"),
    [
        ("wrong", "another good one", 403),
        ("x" * 129, "another good one", 422),
        ("correct horse battery", "too short", 422),
        ("correct horse battery", "passwordpassword", 422),
        ("correct horse battery", "annabel.smith", 422),
    ],
)
def test_a_password_that_may_not_be_changed_so_stays(
    client: TestClient, password: str, current: str, new: str, status: int
) -> None:
    client.post(f"{AUTH}/register", json={"username": "Annabel.Smith", "password": password})
    logged_in = {"username": "annabel.smith", "password": password}
    own = client.post(f"{AUTH}/login", data=logged_in).json()
    body = {"current_password": current, "new_password": new}
    answer = client.post(f"{AUTH}/me/password", json=body, headers=access(own))
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["field"].startswith("body.")
    assert client.post(f"{AUTH}/login", data=logged_in).status_code == 200


def test_deleting_an_account_takes_everything_along(client: TestClient, login: Login, password: str) -> None:
    own, other = login(), login()
    client.post("/api/v1/tasks", json={"title": "Write"}, headers=access(own)).raise_for_status()
    wrong = client.post(f"{AUTH}/me/delete", json={"password": "wrong"}, headers=access(own))
    assert wrong.status_code == 403
    assert client.post(f"{AUTH}/me/delete", json={"password": password}, headers=access(own)).status_code == 204
    assert not serves(client, own)
    assert not serves(client, other)
    assert renew(client, other).status_code == 401
    body = {"username": "ann", "password": password}
    assert client.post(f"{AUTH}/login", data=body).status_code == 401
    assert client.post(f"{AUTH}/register", json=body).status_code == 201
    again = client.post(f"{AUTH}/login", data=body).json()
    assert client.get("/api/v1/tasks", headers=access(again)).json()["items"] == []


def test_a_user_keeps_the_sessions_that_were_used_last(
    client: TestClient, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    first, second, third = login(), login(), login()
    first = renew(client, first).raise_for_status().json()
    fourth = login()
    assert [serves(client, token) for token in (first, second, third, fourth)] == [True, False, True, True]


def test_sessions_that_are_over_are_cleared_away_whosever_they_are(client: TestClient, engine: Engine) -> None:
    now = utc_now()
    day = timedelta(days=1)
    with engine.execution_options(writes=True).begin() as connection:
        ann, bob = (users.add(connection, name, "x") for name in ("ann", "bob"))
        sessions.start(connection, ann.id, now=now - 2 * day, until=now - day)
        kept = {sessions.start(connection, ann.id, now=now - 2 * day, until=now + day)}
        kept.add(sessions.start(connection, bob.id, now=now, until=now + day))
    with engine.connect() as connection:
        assert set(connection.scalars(select(table.c.id))) == kept


def test_a_password_that_was_changed_meanwhile_proves_nothing(client: TestClient, login: Login, engine: Engine) -> None:
    login()
    now = utc_now()
    until = now + timedelta(days=1)
    with engine.execution_options(writes=True).begin() as connection:
        proved = users.credentials_of(connection, "ann")
        assert proved is not None
        accounts.log_in(connection, proved, "changed", now=now, until=until)
    for work in (
        lambda connection: accounts.log_in(connection, proved, "mine", now=now, until=until),
        lambda connection: accounts.change_password(
            connection, proved.user_id, proved, "mine", session_id=proved.user_id
        ),
    ):
        with engine.execution_options(writes=True).begin() as connection, pytest.raises(Stale):
            work(connection)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 2
        after = users.credentials_of(connection, "ann")
    assert after is not None
    assert after.password_hash == "changed"
