"""Forged tokens differ from the genuine one in what their name says, and in nothing that would refuse them earlier."""

from __future__ import annotations

import jwt
import pytest

from deploy.secret import Secret
from deploy.verify.forgery import forgeries, genuine, resigned, signed, subject_of

KEY = Secret("a key of this test, long enough for HS256")
CLAIMS = {"sub": "ann", "sid": "s1", "typ": "access", "iat": 1_700_000_000, "exp": 3_900_000_000}
TOKEN = signed({"alg": "HS256", "typ": "JWT", "kid": "A"}, CLAIMS, KEY)


def accepted(token: str) -> bool:
    """By a library that knows the key and does its work."""
    try:
        jwt.decode(token, KEY.reveal(), algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError:
        return False
    return True


def test_the_genuine_one_is_accepted_and_known_as_ours() -> None:
    assert accepted(TOKEN)
    assert genuine(TOKEN, KEY)
    assert not genuine(TOKEN, Secret("another key"))


@pytest.mark.parametrize(("what", "token"), tuple(forgeries(TOKEN, "ben")), ids=lambda value: str(value)[:40])
def test_whoever_has_no_key_makes_nothing_that_is_accepted(what: str, token: str) -> None:
    assert token != TOKEN
    assert not accepted(token), what


@pytest.mark.parametrize(("what", "token"), tuple(resigned(TOKEN, KEY)), ids=lambda value: str(value)[:40])
def test_whoever_has_the_key_is_refused_for_the_claims(what: str, token: str) -> None:
    assert not accepted(token), what
    if "algorithm" not in what:
        assert genuine(token, KEY)


def test_every_attack_is_there() -> None:
    said = " ".join(what for what, _ in (*forgeries(TOKEN, "ben"), *resigned(TOKEN, KEY)))
    for attack in ("alg: none", "empty key", "unknown key", "another user", "expired", "without an end", "algorithm"):
        assert attack in said


def test_a_token_for_another_user_says_so() -> None:
    [token] = [token for what, token in forgeries(TOKEN, "ben") if "another user" in what]
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == "ben"


def test_a_token_that_is_no_jwt_cannot_be_rewritten() -> None:
    assert list(forgeries("an opaque token")) == [("a token that is cut short", "an opaque t")]
    assert not genuine("opaque", KEY)
    assert subject_of("opaque") == ""


def test_whom_a_token_is_for() -> None:
    assert subject_of(TOKEN) == "ann"
    assert subject_of(signed({"alg": "HS256"}, {"exp": 1}, KEY)) == ""
