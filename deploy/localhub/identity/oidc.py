"""Identity tokens of workflows: a stand-in for GitHub that makes them, and the Hub's side that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.localhub.identity import jws
from deploy.localhub.identity.jws import InvalidToken
from deploy.localhub.spaces import Publisher

LIFE = 300
"""Seconds an identity token is good for."""


def make(claims: Mapping[str, Any], *, audience: str, key: str, now: float) -> str:
    """A token with those claims. `now` in seconds of the epoch."""
    return jws.sign({**claims, "aud": audience}, key, now=now, life=LIFE)


def read(token: str, *, audience: str, key: str, now: float) -> dict[str, Any]:
    """The claims. Raises InvalidToken."""
    claims = jws.read(token, key, now)
    if claims.get("aud") != audience:
        raise InvalidToken(f"the token is not for {audience}")
    return claims


def trusts(publisher: Publisher, claims: Mapping[str, Any]) -> bool:
    """Whether the claims are those of a trusted publisher: exact matches, as on the Hub."""
    workflow_file = str(claims.get("workflow_ref", "")).partition("@")[0].rpartition("/")[2]
    return (
        claims.get("repository") == publisher.repository
        and (publisher.branch is None or claims.get("ref") == f"refs/heads/{publisher.branch}")
        and (publisher.workflow is None or publisher.workflow in (claims.get("workflow"), workflow_file))
    )
