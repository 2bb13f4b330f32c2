"""Passwords and access tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.models import utc_now

ALGORITHM = "HS256"


class InvalidToken(Exception):
    """The token is malformed, expired, not signed by a key of ours, or lacks a claim."""


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Issues access tokens with the key of the active slot and accepts those of every slot.

    A new key goes into the other slot, that slot is made active, and nobody is logged out.
    """

    keys: Mapping[str, str] = field(repr=False)
    active: str
    lifetime: timedelta
    clock: Callable[[], datetime] = utc_now

    def issue(self, user: UUID) -> str:
        """A token whose subject is `user` and whose header names the slot as `kid`."""
        now = self.clock()
        claims = {"sub": str(user), "iat": now, "exp": now + self.lifetime}
        return _JWT.encode(claims, self.keys[self.active], ALGORITHM, headers={"kid": self.active})

    def subject(self, token: str) -> UUID:
        """The user a token was issued to. Raises InvalidToken."""
        try:
            key = self.keys[jwt.get_unverified_header(token)["kid"]]
            claims = _JWT.decode(token, key, algorithms=[ALGORITHM])
            return UUID(claims["sub"])
        except (jwt.InvalidTokenError, jwt.InvalidKeyError, KeyError, ValueError) as error:
            raise InvalidToken from error


_JWT = jwt.PyJWT({"require": ["exp", "iat", "sub"], "enforce_minimum_key_length": True})


class Passwords:
    """Argon2id at the setting OWASP gives for servers with little memory: 19 MiB, two passes, one lane.

    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    """

    def __init__(self) -> None:
        self._hasher = PasswordHash([Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1)])
        self._decoy = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether `password` belongs to the `stored` hash, and the hash to store instead when that one is outdated.

        Without a stored hash, which is an unknown user, the answer is no after the same work.
        """
        valid, replacement = self._hasher.verify_and_update(password, stored or self._decoy)
        return valid and stored is not None, replacement
