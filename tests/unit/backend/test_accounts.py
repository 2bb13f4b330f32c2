"""Registration and login."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, select, update

from app.data.tables import users
from app.identity.passwords import HASHES_AT_ONCE

REGISTER, LOGIN, ME = "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/me"


def test_whoever_registers_can_log_in_and_is_known_by_the_token(client: TestClient, password: str) -> None:
    registered = client.post(REGISTER, json={"username": "Ann@Example.org", "password": password})
    assert registered.status_code == 201
    assert set(registered.json()) == {"id", "username", "created_at"}

    token = client.post(LOGIN, data={"username": "ANN@example.org", "password": password}).json()
    assert (token["token_type"], token["expires_in"]) == ("bearer", 1800)

    me = client.get(ME, headers={"Authorization": f"Bearer {token['access_token']}"})
    assert me.json() == registered.json()
    assert me.json()["username"] == "ann@example.org"


def test_a_name_is_taken_in_any_case(client: TestClient, password: str) -> None:
    assert client.post(REGISTER, json={"username": "ann", "password": password}).status_code == 201
    assert client.post(REGISTER, json={"username": "ANN", "password": password}).status_code == 409


@pytest.mark.parametrize(
    ("username", "length", "status"),
    [
        ("ann", 12, 201),
        ("ann", 11, 422),
        ("ann", 128, 201),
        ("ann", 129, 422),
        ("an", 12, 422),
        ("a" * 254, 12, 201),
        ("a" * 255, 12, 422),
        ("ann smith", 12, 422),
        ("ann\0", 12, 422),
        ("Ännchen", 12, 422),
    ],
)
def test_names_and_passwords_have_limits(client: TestClient, username: str, length: int, status: int) -> None:
    assert client.post(REGISTER, json={"username": username, "password": "p" * length}).status_code == status


def test_fields_that_are_not_asked_for_are_refused(client: TestClient, password: str) -> None:
    answer = client.post(REGISTER, json={"username": "ann", "password": password, "admin": True})
    assert answer.status_code == 422


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer_for_the_same_work(
    client: TestClient, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(REGISTER, json={"username": "ann", "password": password})
    client.headers["X-Request-ID"] = "one-for-all"
    verified: list[str] = []
    really_verify = Argon2Hasher.verify

    def verify(hasher: Argon2Hasher, given: str, stored: str) -> bool:
        verified.append(stored)
        return really_verify(hasher, given, stored)

    monkeypatch.setattr(Argon2Hasher, "verify", verify)
    answers = [client.post(LOGIN, data={"username": name, "password": "wrong"}) for name in ("ann", "bob", "bob\0")]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert len({answer.text for answer in answers}) == 1
    assert len(verified) == 3
    assert {stored.rpartition("$")[0].rpartition("$")[0] for stored in verified} == {"$argon2id$v=19$m=19456,t=2,p=1"}


def test_no_password_is_right_for_an_unknown_user(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2Hasher, "verify", lambda *_: True)
    assert client.post(LOGIN, data={"username": "nobody", "password": "x"}).status_code == 401


def test_a_hash_made_with_less_work_is_replaced_at_login(client: TestClient, engine: Engine, password: str) -> None:
    client.post(REGISTER, json={"username": "ann", "password": password})
    weak = Argon2Hasher(memory_cost=8, time_cost=1, parallelism=1).hash(password)
    with engine.begin() as connection:
        connection.execute(update(users).values(password_hash=weak))

    assert client.post(LOGIN, data={"username": "ann", "password": password}).status_code == 200

    with engine.connect() as connection:
        stored = connection.execute(select(users.c.password_hash)).scalar_one()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert client.post(LOGIN, data={"username": "ann", "password": password}).status_code == 200


def test_only_so_many_passwords_are_hashed_at_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(HASHES_AT_ONCE + 1)
    crowded = threading.Event()

    def work(*_: object) -> tuple[bool, None]:
        try:
            meeting.wait(0.3)
            crowded.set()
        except threading.BrokenBarrierError:
            pass
        return False, None

    monkeypatch.setattr(PasswordHash, "verify_and_update", work)
    monkeypatch.setattr(PasswordHash, "hash", lambda *_: str(work()))
    with ThreadPoolExecutor(4) as threads:
        for number in range(2):
            threads.submit(client.post, LOGIN, data={"username": "ann", "password": "x"})
            threads.submit(client.post, REGISTER, json={"username": f"ann{number}", "password": "p" * 12})

    assert meeting.broken
    assert not crowded.is_set()
