"""Access tokens: who is let in, and how a key is changed."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from fastapi.testclient import TestClient

from app.config import load_settings
from app.factory import create_app
from app.identity.tokens import Access, InvalidToken, Tokens
from tests.unit.backend.keys import KEYS

USER = UUID("01a204f4-a309-7021-a5b7-d81a94ef68b8")
SESSION = UUID("01a204f4-a309-7021-a5b7-d81a94ef68b9")
ANN = Access(user_id=USER, session_id=SESSION)
ME = "/api/v1/auth/me"


def tokens(active: str = "A", keys: dict[str, str] = KEYS, now: datetime | None = None) -> Tokens:
    moment = now or datetime.now(UTC)
    return Tokens(
        keys=keys,
        active=active,
        access_lifetime=timedelta(minutes=30),
        refresh_lifetime=timedelta(days=30),
        clock=lambda: moment,
    )


def signed(
    key: str = KEYS["A"],
    algorithm: str = "HS256",
    kid: str | None = "A",
    headers: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    now = datetime.now(UTC)
    claims = {
        "typ": "access",
        "sub": str(USER),
        "sid": str(SESSION),
        "iat": now,
        "exp": now + timedelta(minutes=1),
    } | changes
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        key,
        algorithm,
        headers={"kid": kid, **(headers or {})} if kid else None,
    )


def headed(header: bytes) -> str:
    return urlsafe_b64encode(header).decode().rstrip("=") + ".a.b"


def test_a_token_says_who_until_when_and_which_key() -> None:
    issued = datetime(2026, 11, 22, 12, tzinfo=UTC)
    token = tokens("B", now=issued).issue_access(ANN)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "B"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims == {
        "typ": "access",
        "sub": str(USER),
        "sid": str(SESSION),
        "iat": issued.timestamp(),
        "exp": issued.timestamp() + 1800,
    }


def test_tokens_of_the_slot_that_is_not_active_still_verify() -> None:
    old = tokens("A").issue_access(ANN)
    assert tokens("B").read_access(old) == ANN
    assert tokens("B").read_access(signed()) == ANN  # what the refusals below differ from


def test_tokens_of_a_retired_slot_and_of_a_replaced_key_do_not() -> None:
    of_b = tokens("B").issue_access(ANN)
    with pytest.raises(InvalidToken):
        tokens(keys={"A": KEYS["A"]}).read_access(of_b)
    with pytest.raises(InvalidToken):
        tokens(keys={"A": KEYS["A"], "B": "c" * 32}).read_access(of_b)


REFUSED = {
    "expired": signed(exp=datetime(2020, 1, 1, tzinfo=UTC)),
    "without an end": signed(exp=None),
    "without a start": signed(iat=None),
    "without a session": signed(sid=None),
    "of a session that is none": signed(sid=7),
    "of no kind": signed(typ=None),
    "meant for refreshing": signed(typ="refresh", gen=0),
    "without a user": signed(sub=None),
    "of something else": signed(sub="not a user"),
    "issued later": signed(iat=datetime(2120, 1, 1, tzinfo=UTC)),
    "not yet valid": signed(nbf=datetime(2120, 1, 1, tzinfo=UTC)),
    "signed with another key": signed(key="x" * 32),
    "signed with the key of another slot": signed(key=KEYS["B"]),
    "of a slot that does not exist": signed(kid="C"),
    "of no slot": signed(kid=None),
    "signed with another algorithm": signed(algorithm="HS512"),
    "unsigned": signed(key="", algorithm="none"),
    "cut": signed()[:-1],
    "longer": signed() + "x",
    "empty": "",
    "three words": "a.b.c",
    "not ASCII": "ä",
    "a lone surrogate": "\ud800.a.b",
    "nested without end": headed(b"[" * 20_000),
    "with a header that is no object": headed(b"7"),
    "with a slot that is no text": headed(b'{"alg":"HS256","kid":["A"]}'),
    "with a number without end": headed(b'{"alg":"HS256","kid":' + b"9" * 5_000 + b"}"),
    "with an end beyond time": signed(exp=10**30),
    "that must be understood": signed(headers={"crit": ["x"], "x": 1}),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        tokens().read_access(token)


@pytest.mark.parametrize("gen", [None, "0", 0.0, True, [0]])
def test_a_refresh_token_without_its_number_is_refused(gen: object) -> None:
    assert tokens().read_refresh(signed(typ="refresh", gen=0)).generation == 0
    with pytest.raises(InvalidToken):
        tokens().read_refresh(signed(typ="refresh", gen=gen))


def test_a_token_is_good_from_its_first_second_to_its_last() -> None:
    """No leeway: the clock that issues is the one that checks."""
    now = datetime.now(UTC)
    assert tokens().read_access(signed(exp=now + timedelta(seconds=5), nbf=now - timedelta(seconds=1))) == ANN
    soon, gone = now + timedelta(seconds=5), now - timedelta(seconds=1)
    for token in (signed(exp=gone), signed(iat=soon), signed(nbf=soon)):
        with pytest.raises(InvalidToken):
            tokens().read_access(token)


def test_a_short_key_signs_and_verifies_nothing() -> None:
    weak = tokens(keys={"A": "short"})
    with pytest.raises(jwt.InvalidKeyError):
        weak.issue_access(ANN)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = signed(key="short")
    with pytest.raises(InvalidToken):
        weak.read_access(token)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}])
def test_no_token_is_asked_for_one(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get(ME, headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("token", ["x", signed()], ids=["malformed", "of a user that is gone"])
def test_a_bad_token_is_told_so(client: TestClient, token: str) -> None:
    answer = client.get(ME, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_changing_the_active_key_logs_nobody_out(environ: dict[str, str], password: str) -> None:
    with TestClient(create_app(load_settings(environ))) as before:
        before.post("/api/v1/auth/register", json={"username": "ann", "password": password})
        login = before.post("/api/v1/auth/login", data={"username": "ann", "password": password}).json()
    headers = {"Authorization": f"Bearer {login['access_token']}"}

    rotated = environ | {"JWT_KEY_B": KEYS["B"], "JWT_ACTIVE": "B"}
    with TestClient(create_app(load_settings(rotated))) as after:
        assert after.get(ME, headers=headers).json()["username"] == "ann"
        renewed = after.post("/api/v1/auth/login", data={"username": "ann", "password": password}).json()
    assert jwt.get_unverified_header(renewed["access_token"])["kid"] == "B"
