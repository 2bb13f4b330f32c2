"""HTTP as all of this project speaks it: one way to make a client, and one value for what comes back."""

from __future__ import annotations

from deploy.http.answer import Answer, ask
from deploy.http.client import make_client
from deploy.http.errors import PROXY, Blocked, cause_of

__all__ = ["PROXY", "Answer", "Blocked", "ask", "cause_of", "make_client"]
