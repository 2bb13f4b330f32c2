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
        ("' OR 1=1 --", 12, 422),
        ("<b>ann</b>", 12, 422),
    ],
)
def test_names_and_passwords_have_limits(client: TestClient, username: str, length: int, status: int) -> None:
    assert client.post(REGISTER, json={"username": username, "password": "pq".ljust(length, "r")}).status_code == status


@pytest.mark.parametrize("word", ["passwordpassword", "PassWordPassword", "000000000000", "Annabel.Smith"])
def test_the_passwords_that_are_tried_first_are_refused(client: TestClient, word: str) -> None:
    answer = client.post(REGISTER, json={"username": "annabel.smith", "password": word})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == ["body.password"]
    assert word not in answer.text


SMUGGLED = {  # "\\ud800" becomes a lone surrogate in this encoding, which a form may name
    "surrogate": (b"\\ud800", "unicode_escape"),
    "NUL": (b"\x00", "utf-8"),
    "not UTF-8": (b"\xff\xfe", "utf-8"),
    "an encoding that is none": (b"x", "of-nobody"),
    "an encoding that is no text": (b"78", "hex"),
}


@pytest.mark.parametrize("field", ["username", "password", "scope", "\\ud800"])
@pytest.mark.parametrize("kind", SMUGGLED)
def test_no_text_in_a_login_form_is_too_strange(client: TestClient, password: str, kind: str, field: str) -> None:
    client.post(REGISTER, json={"username": "ann", "password": password})
    text, encoding = SMUGGLED[kind]
    values = {"username": b"ann", "password": password.encode(), "grant_type": b"password"} | {field: text}
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in values.items()
    ]
    media = f"multipart/form-data; boundary=x; charset={encoding}"
    answer = client.post(LOGIN, content=b"".join(parts) + b"--x--\r\n", headers={"Content-Type": media})
    expected = {200, 400, 422} if field in {"scope", "\\ud800"} else {400, 401, 422}
    assert answer.status_code in expected
    form = f"grant_type=password&username=ann&password=x&{field}=%ED%A0%80%00"
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(LOGIN, content=form, headers=urlencoded).status_code in {401, 422}


@pytest.mark.parametrize("field", ["username", "password", "\\ud800"])
def test_no_text_in_a_registration_is_too_strange(client: TestClient, field: str) -> None:
    body = f'{{"username": "ann", "password": "correct horse battery", "{field}": "a\\ud800\\u0000"}}'
    answer = client.post(REGISTER, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_a_password_that_is_too_long_to_be_one_costs_no_more_and_is_wrong(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = "p" * 127 + "q"
    client.post(REGISTER, json={"username": "ann", "password": longest})
    given = []
    really_verify = Argon2Hasher.verify

    def verify(hasher: Argon2Hasher, password: bytes, stored: str) -> bool:
        given.append(len(password))
        return really_verify(hasher, password, stored)

    monkeypatch.setattr(Argon2Hasher, "verify", verify)
    words = (longest, longest + "p", "p" * 60_000)
    answers = [client.post(LOGIN, data={"username": "ann", "password": word}).status_code for word in words]
    assert answers == [200, 401, 401]
    assert len(given) == 3
    assert max(given) == 128


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
    answers = [
        client.post(LOGIN, data={"username": name, "password": "wrong"}) for name in ("ann", "bob", "bob\0", "b" * 300)
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert len(verified) == 4
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
