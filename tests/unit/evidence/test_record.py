"""Each deploy leaves what its command told, whole and for its owner's eyes."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.evidence.store import record
from deploy.secret import Redactor, Secret

DEPLOY = "20261122T201530Z-1f9c2b7a"
PLAIN = Redactor()


def test_a_record_stands_in_the_folder_of_its_deploy(tmp_path: Path) -> None:
    path = record(tmp_path, "staging", DEPLOY, {"verdict": "deployed", "at": datetime(2026, 11, 22, tzinfo=UTC)}, PLAIN)
    assert path == tmp_path / ".spacewright/evidence/staging" / DEPLOY / "deploy.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {"verdict": "deployed", "at": "2026-11-22 00:00:00+00:00"}


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = record(tmp_path, "staging", DEPLOY, {}, PLAIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_words_stay_readable(tmp_path: Path) -> None:
    text = record(tmp_path, "staging", DEPLOY, {"note": "grüß → dich"}, PLAIN).read_text(encoding="utf-8")
    assert "grüß → dich" in text


def test_it_holds_no_secret(tmp_path: Path) -> None:
    document = {"written": ["KEY=hunter2!", {"deep": ("hunter2!",)}]}
    text = record(tmp_path, "staging", DEPLOY, document, Redactor([Secret("hunter2!")])).read_text(encoding="utf-8")
    assert "hunter2" not in text
    assert text.count("[REDACTED]") == 2


def test_nothing_but_the_record_is_left_beside_it(tmp_path: Path) -> None:
    first = record(tmp_path, "staging", "a", {}, PLAIN)
    assert record(tmp_path, "staging", "a", {"again": True}, PLAIN) == first
    assert list(first.parent.iterdir()) == [first]


def test_a_record_that_cannot_be_written_leaves_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = record(tmp_path, "staging", DEPLOY, {"verdict": "deployed"}, PLAIN)
    before = sorted(path.parent.iterdir())

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        record(tmp_path, "staging", DEPLOY, {"verdict": "failed"}, PLAIN)
    assert json.loads(path.read_text(encoding="utf-8")) == {"verdict": "deployed"}
    assert sorted(path.parent.iterdir()) == before
