"""Fingerprints at a price a test can pay."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def cheap_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ones cost 50 ms each, on purpose."""
    monkeypatch.setattr("deploy.secret._SCRYPT_COST", 2)
