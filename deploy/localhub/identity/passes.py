"""Passes to the app of a private Space: what the Hub's own pages and Gradio's clients show in place of a token.

`GET /api/spaces/{id}/jwt` gives one. The Space's address takes it as `__sign` and keeps it as a cookie
(see runtime/address/access.py).
"""

from __future__ import annotations

from deploy.localhub.identity import jws

LIFE = 86_400
"""Seconds: a day, as long as those of huggingface.co are good for (`exp` of ones that were made public)."""


def issue(space_id: str, user: str, *, key: str, now: float) -> str:
    """A pass to one Space for one user. `now` in seconds of the epoch."""
    claims = {"read": True, "onBehalfOf": {"kind": "user", "user": user}, "sub": f"/spaces/{space_id}"}
    return jws.sign(claims, key, now=now, life=LIFE)


def holder(token: str, space_id: str, *, key: str, now: float) -> str | None:
    """The user who has this pass; None when it is none, not to this Space, or no longer good."""
    try:
        claims = jws.read(token, key, now)
    except jws.InvalidToken:
        return None
    return str(claims["onBehalfOf"]["user"]) if claims["sub"] == f"/spaces/{space_id}" else None
