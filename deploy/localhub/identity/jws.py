"""JSON web tokens (RFC 7519) that this Hub signs for itself (HS256): nobody else's are taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


class InvalidToken(Exception):
    """The message says what is wrong with it."""


def sign(claims: Mapping[str, Any], key: str, *, now: float, life: int) -> str:
    """A token with those claims, good for `life` seconds from `now`, in seconds of the epoch."""
    lasting = {**claims, "iss": "spacewright", "iat": int(now), "exp": int(now) + life}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(lasting)}"
    return f"{signed}.{_encode(_signature(signed, key))}"


def read(token: str, key: str, now: float) -> dict[str, Any]:
    """The claims of a token that is signed with `key` and has not ended at `now`, in seconds of the epoch.

    Raises InvalidToken.
    """
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_encode(_signature(signed, key)).encode(), signature.encode()):
        raise InvalidToken("the token is not signed by a known issuer")
    claims: dict[str, Any] = json.loads(_decode(signed.partition(".")[2]))
    if claims.get("exp", 0) < now:
        raise InvalidToken("the token has expired")
    return claims


def _signature(signed: str, key: str) -> bytes:
    return hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()


def _part(document: Mapping[str, Any]) -> str:
    return _encode(json.dumps(document, separators=(",", ":")).encode())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
