"""Accounts are not looked at where nobody can log in whatever the app does."""

from __future__ import annotations

from pathlib import Path

from deploy.verify.admission import Admission
from deploy.verify.auth import AUTH
from deploy.verify.suite import run_suite
from tests.unit.verify.subjects import People, subject


def test_where_the_header_is_taken_accounts_are_not_looked_at(tmp_path: Path) -> None:
    app = People()
    with subject(tmp_path, app) as looked_at:
        looked_at.site.admission = Admission(obstacle="the header is taken")
        (proof,) = run_suite([AUTH], looked_at)
    assert (proof.verdict, proof.seen) == ("not run", "the header is taken")
    assert app.asked == []
