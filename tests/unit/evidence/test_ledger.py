"""Each deploy leaves one record, whole and for its owner's eyes."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.evidence.ledger import record

DEPLOY = "20261122T201530Z-1f9c2b7a"


def test_a_record_is_one_json_file_of_its_target(tmp_path: Path) -> None:
    path = record(tmp_path, "staging", DEPLOY, {"verdict": "deployed", "at": datetime(2026, 11, 22, tzinfo=UTC)})
    assert path == tmp_path / ".spacewright/deploys/staging" / f"{DEPLOY}.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {"verdict": "deployed", "at": "2026-11-22 00:00:00+00:00"}


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = record(tmp_path, "staging", DEPLOY, {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_words_stay_readable(tmp_path: Path) -> None:
    assert "grüß → dich" in record(tmp_path, "staging", DEPLOY, {"note": "grüß → dich"}).read_text(encoding="utf-8")


def test_records_stand_beside_each_other_and_nothing_else_does(tmp_path: Path) -> None:
    first, second = (record(tmp_path, "staging", name, {}) for name in ("a", "b"))
    assert record(tmp_path, "staging", "a", {"again": True}) == first
    assert sorted(first.parent.iterdir()) == [first, second]


def test_a_record_that_cannot_be_written_leaves_the_old_one_whole(tmp_path: Path) -> None:
    path = record(tmp_path, "staging", DEPLOY, {"verdict": "deployed"})
    with pytest.raises(TypeError):
        record(tmp_path, "staging", DEPLOY, {"verdict": "failed", ("not", "a", "key"): 1})  # type: ignore[dict-item]
    assert json.loads(path.read_text(encoding="utf-8")) == {"verdict": "deployed"}
