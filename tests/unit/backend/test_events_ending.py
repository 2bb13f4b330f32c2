"""When a stream of events ends: with its token, its session, its user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from fastapi.testclient import TestClient

from app.data.tables import utc_now
from app.services import Services
from tests.unit.backend.event_reader import Event, EventReader

AUTH = "/api/v1/auth"
HELLO = Event(id="0", retry="3000")
OpenStream = Callable[..., EventReader]


@dataclass(frozen=True, kw_only=True)
class Session:
    headers: dict[str, str]
    refresh_token: str


LogIn = Callable[[], Session]


@pytest.fixture
def log_in(client: TestClient, password: str) -> LogIn:
    """Logs the one user of a test in once more."""
    ann = {"username": "ann", "password": password}
    client.post(f"{AUTH}/register", json=ann).raise_for_status()

    def log_in() -> Session:
        token = client.post(f"{AUTH}/login", data=ann).raise_for_status().json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        return Session(headers=headers, refresh_token=token["refresh_token"])

    return log_in


def test_it_ends_when_its_session_is_logged_out_and_no_other(
    client: TestClient, log_in: LogIn, open_stream: OpenStream
) -> None:
    here, there = log_in(), log_in()
    streams = {session.refresh_token: open_stream(session.headers) for session in (here, there)}

    client.post(f"{AUTH}/logout", json={"refresh_token": there.refresh_token}).raise_for_status()

    assert streams[there.refresh_token].rest() == [HELLO]
    client.post("/api/v1/tasks", json={"title": "Write"}, headers=here.headers).raise_for_status()
    ours = streams[here.refresh_token]
    assert ours.next() == HELLO
    told = ours.next()
    assert told is not None
    assert told.id == "1"


def test_it_ends_when_a_used_refresh_token_comes_back(
    client: TestClient, log_in: LogIn, open_stream: OpenStream
) -> None:
    session = log_in()
    reader = open_stream(session.headers)

    statuses = [
        client.post(f"{AUTH}/refresh", json={"refresh_token": session.refresh_token}).status_code for _ in range(2)
    ]

    assert statuses == [200, 401]
    assert reader.rest() == [HELLO]


def test_it_ends_when_the_password_is_changed_elsewhere(
    client: TestClient, log_in: LogIn, open_stream: OpenStream, password: str
) -> None:
    here, there = log_in(), log_in()
    ours, theirs = open_stream(here.headers), open_stream(there.headers)
    body = {"current_password": password, "new_password": "another " + password}

    client.post(f"{AUTH}/me/password", json=body, headers=here.headers).raise_for_status()

    assert theirs.rest() == [HELLO]
    client.post("/api/v1/tasks", json={"title": "Write"}, headers=here.headers).raise_for_status()
    assert ours.next() == HELLO
    assert ours.next() is not None


def test_it_ends_when_its_user_is_deleted(
    client: TestClient, log_in: LogIn, open_stream: OpenStream, password: str
) -> None:
    session = log_in()
    reader = open_stream(session.headers)

    client.post(f"{AUTH}/me/delete", json={"password": password}, headers=session.headers).raise_for_status()

    assert reader.rest() == [HELLO]


def test_it_ends_when_its_token_expires(client: TestClient, log_in: LogIn, open_stream: OpenStream) -> None:
    """Here before its first look: a token says whole seconds, so that nobody knows how long the rest of one is."""
    session = log_in()
    services: Services = client.app_state["services"]
    later = services.tokens.access_lifetime
    client.app_state["services"] = replace(services, tokens=replace(services.tokens, clock=lambda: utc_now() + later))

    assert open_stream(session.headers).rest() == [HELLO]
