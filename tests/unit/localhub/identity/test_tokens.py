"""Identity tokens of workflows, and tokens with an end."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.localhub.answers import Refusal
from deploy.localhub.identity import jws, oidc
from deploy.localhub.identity.access import identify
from deploy.localhub.identity.accounts import Accounts, Grant
from deploy.localhub.spaces import Publisher

KEY, HERE = "key", "http://127.0.0.1:1"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


# Identity tokens -----------------------------------------------------------------------------------------


def test_claims_read_back() -> None:
    token = oidc.make({"repository": "a/b"}, audience=HERE, key=KEY, now=1000)
    assert oidc.read(token, audience=HERE, key=KEY, now=1000)["repository"] == "a/b"


@pytest.mark.parametrize(
    ("audience", "key", "now"), [("http://else", KEY, 1000), (HERE, "other", 1000), (HERE, KEY, 1000 + oidc.LIFE + 1)]
)
def test_a_token_for_another_by_another_or_too_late(audience: str, key: str, now: float) -> None:
    token = oidc.make({}, audience=HERE, key=KEY, now=1000)
    with pytest.raises(jws.InvalidToken):
        oidc.read(token, audience=audience, key=key, now=now)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "ä.ö.ü"])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(jws.InvalidToken):
        oidc.read(token, audience=HERE, key=KEY, now=0)


@pytest.mark.parametrize(
    ("publisher", "trusted"),
    [
        (Publisher(repository="a/b"), True),
        (Publisher(repository="a/b", branch="main", workflow="Deploy"), True),
        (Publisher(repository="a/b", workflow="deploy.yml"), True),
        (Publisher(repository="a/other"), False),
        (Publisher(repository="a/b", branch="mai"), False),
        (Publisher(repository="a/b", workflow="test.yml"), False),
    ],
)
def test_publishers_match_exactly(publisher: Publisher, trusted: bool) -> None:
    claims = {
        "repository": "a/b",
        "ref": "refs/heads/main",
        "workflow": "Deploy",
        "workflow_ref": "a/b/.github/workflows/deploy.yml@refs/heads/main",
    }
    assert oidc.trusts(publisher, claims) is trusted


# Tokens --------------------------------------------------------------------------------------------------


def test_tokens_are_known_again_and_not_written_down(tmp_path: Path) -> None:
    token = Accounts(tmp_path).issue(Grant(user="ann", role="read"))
    again = Accounts(tmp_path)
    grant = again.grant(token.reveal())
    assert grant is not None
    assert (grant.user, grant.role) == ("ann", "read")
    assert token.reveal() not in (tmp_path / "accounts.json").read_text()
    assert again.grant(token.reveal() + "x") is None


def test_a_token_ends_when_it_says(tmp_path: Path) -> None:
    moments = iter([NOW, NOW + timedelta(minutes=59), NOW + timedelta(minutes=60)])
    accounts = Accounts(tmp_path, time=lambda: next(moments))
    end = (NOW + timedelta(hours=1)).isoformat()
    token = accounts.issue(Grant(user="ann", role="write", expires=end)).reveal()
    assert accounts.grant(token) is not None
    assert accounts.grant(token) is None


def test_git_sends_the_token_as_password(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    token = accounts.issue(Grant(user="ann", role="write")).reveal()
    basic = base64.b64encode(f"anything:{token}".encode()).decode()
    assert identify(f"Basic {basic}", accounts).name == "ann"
    assert identify(f"Bearer {token}", accounts).name == "ann"
    assert identify("", accounts).user is None
    for wrong in ("Bearer hf_no", "Basic !!", f"Basic {base64.b64encode(b'ann:hf_no').decode()}"):
        with pytest.raises(Refusal):
            identify(wrong, accounts)
