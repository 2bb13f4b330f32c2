"""An access token that was let in before is known by its text; that must not outlive it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.identity import tokens as module
from app.identity.tokens import KNOWN, Access, InvalidToken
from tests.unit.backend.test_access_tokens import ANN, tokens


def test_one_that_was_let_in_is_refused_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = tokens()
    token = issuer.issue_access(ANN)
    assert issuer.read_access(token) == ANN

    monkeypatch.setattr(module, "utc_now", lambda: datetime.now(UTC) + timedelta(minutes=31))

    with pytest.raises(InvalidToken):
        issuer.read_access(token)


def test_one_that_was_refused_stays_refused() -> None:
    issuer = tokens()
    token = replace(issuer, keys={"A": "another-key-of-at-least-32-bytes-0123456789"}).issue_access(ANN)

    for _ in range(2):
        with pytest.raises(InvalidToken):
            issuer.read_access(token)


def test_no_more_are_known_than_fit() -> None:
    issuer = tokens()
    issued = [
        issuer.issue_access(Access(user_id=ANN.user_id, session_id=UUID(int=number))) for number in range(KNOWN + 1)
    ]

    read = [issuer.read_access(token).session_id.int for token in issued]

    assert read == list(range(KNOWN + 1))
    assert len(issuer._known) == 1
