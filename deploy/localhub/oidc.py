"""Identity tokens of workflows: a stand-in for GitHub that makes them, and the Hub's side that reads them.

They are JSON web tokens (RFC 7519) signed with this Hub's own key: nobody else's are taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from deploy.localhub.spaces import Publisher

LIFE = 300
"""Seconds an identity token is good for."""


class InvalidToken(Exception):
    """The message says what is wrong with it."""


def make(claims: Mapping[str, Any], *, audience: str, key: str, now: float) -> str:
    """A token with those claims. `now` in seconds of the epoch."""
    issued = int(now)
    payload = {**claims, "aud": audience, "iss": "spacewright", "iat": issued, "exp": issued + LIFE}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(payload)}"
    return f"{signed}.{_encode(_signature(signed, key))}"


def read(token: str, *, audience: str, key: str, now: float) -> dict[str, Any]:
    """The claims. Raises InvalidToken."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_encode(_signature(signed, key)).encode(), signature.encode()):
        raise InvalidToken("the id token is not signed by a known issuer")
    claims: dict[str, Any] = json.loads(_decode(signed.partition(".")[2]))
    if claims.get("aud") != audience:
        raise InvalidToken(f"the id token is not for {audience}")
    if claims.get("exp", 0) < now:
        raise InvalidToken("the id token has expired")
    return claims


def trusts(publisher: Publisher, claims: Mapping[str, Any]) -> bool:
    """Whether the claims are those of a trusted publisher: exact matches, as on the Hub."""
    workflow_file = str(claims.get("workflow_ref", "")).partition("@")[0].rpartition("/")[2]
    return (
        claims.get("repository") == publisher.repository
        and (publisher.branch is None or claims.get("ref") == f"refs/heads/{publisher.branch}")
        and (publisher.workflow is None or publisher.workflow in (claims.get("workflow"), workflow_file))
    )


def _signature(signed: str, key: str) -> bytes:
    return hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()


def _part(document: Mapping[str, Any]) -> str:
    return _encode(json.dumps(document, separators=(",", ":")).encode())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
