"""Access and refresh tokens: signed statements of who has which session until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from app.data.tables import utc_now

ALGORITHM = "HS256"
KNOWN = 2_000  # access tokens, of some 400 bytes each; to verify one takes a tenth of the time of a request


class InvalidToken(Exception):
    """The token is malformed, expired, of another kind, not signed by a key of ours, or lacks a claim."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What an access token says. When it expires is set as it is issued, so that is no part of what is asked for."""

    user_id: UUID
    session_id: UUID
    expires_at: datetime = field(default=datetime.max.replace(tzinfo=UTC), compare=False)


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What a refresh token says; it is the valid one only while the session is at its `generation`."""

    user_id: UUID
    session_id: UUID
    generation: int


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Issues tokens with the key of the active slot and accepts those of every slot.

    A new key goes into the other slot, that slot is made active, and nobody is logged out.
    """

    keys: Mapping[str, str] = field(repr=False)
    active: str
    access_lifetime: timedelta
    refresh_lifetime: timedelta
    clock: Callable[[], datetime] = utc_now
    _known: dict[str, Access] = field(default_factory=dict, init=False, repr=False, compare=False)

    def issue_access(self, granted: Access) -> str:
        return self._issue("access", granted.user_id, granted.session_id, self.access_lifetime)

    def issue_refresh(self, granted: Refresh) -> str:
        lifetime = self.refresh_lifetime
        return self._issue("refresh", granted.user_id, granted.session_id, lifetime, gen=granted.generation)

    def read_access(self, token: str) -> Access:
        """Raises InvalidToken. What was verified once is known by its text: from then on only time can undo it."""
        access = self._known.get(token)
        if access is None:
            claims = self._claims(token, "access")
            access = Access(user_id=claims["sub"], session_id=claims["sid"], expires_at=claims["exp"])
            if len(self._known) == KNOWN:
                self._known.clear()
            self._known[token] = access
        if access.expires_at <= utc_now():  # the clock that PyJWT goes by
            raise InvalidToken
        return access

    def read_refresh(self, token: str) -> Refresh:
        """Raises InvalidToken."""
        claims = self._claims(token, "refresh")
        if type(claims.get("gen")) is not int:
            raise InvalidToken
        return Refresh(user_id=claims["sub"], session_id=claims["sid"], generation=claims["gen"])

    def _issue(self, kind: str, user_id: UUID, session_id: UUID, lifetime: timedelta, **more: int) -> str:
        now = self.clock()
        claims = {"typ": kind, "sub": str(user_id), "sid": str(session_id), "iat": now, "exp": now + lifetime, **more}
        return _JWT.encode(claims, self.keys[self.active], ALGORITHM, headers={"kid": self.active})

    def _claims(self, token: str, kind: str) -> dict[str, Any]:
        try:
            key = self.keys[jwt.get_unverified_header(token)["kid"]]
            claims = _JWT.decode(token, key, algorithms=[ALGORITHM])
            if claims["typ"] != kind:
                raise InvalidToken
            until = datetime.fromtimestamp(claims["exp"], UTC)
            return claims | {"sub": UUID(claims["sub"]), "sid": UUID(claims["sid"]), "exp": until}
        except _FAULTS as error:
            raise InvalidToken from error


# Beside PyJWT's own: a slot that is none, a claim that is no id, an end beyond what a date can be.
_FAULTS = (jwt.InvalidTokenError, jwt.InvalidKeyError, KeyError, ValueError, AttributeError, TypeError, OverflowError)

_JWT = jwt.PyJWT({"require": ["exp", "iat", "sub", "sid", "typ"], "enforce_minimum_key_length": True})
