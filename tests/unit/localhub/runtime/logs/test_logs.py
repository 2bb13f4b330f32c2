"""Logs: numbered, bounded, on disk, and to be waited for."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from deploy.localhub.runtime.logs import file as logfile
from deploy.localhub.runtime.logs.newest import SpaceLogs
from deploy.localhub.runtime.logs.stream import LogStream
from deploy.secret import Redactor, Secret


def texts(log: LogStream, start: int = 0) -> list[str]:
    return [event.data for event in log.read(start)]


def test_events_have_stable_numbers_and_the_time_they_came() -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    log = LogStream(now=lambda: moment)
    log.append("one\n")
    log.append("two\n")
    assert [(event.index, event.timestamp, event.data) for event in log.read(0)] == [
        (0, moment, "one\n"),
        (1, moment, "two\n"),
    ]
    assert texts(log, 1) == ["two\n"]


def test_waiting_ends_with_an_event_and_with_the_end_of_the_log() -> None:
    log = LogStream()
    assert not log.wait(0, 0)
    threading.Thread(target=log.append, args=("one\n",)).start()
    assert log.wait(0, 10)
    threading.Thread(target=log.close).start()
    assert log.wait(1, 10)
    assert log.closed


def test_a_closed_log_takes_nothing_more() -> None:
    log = LogStream()
    log.close()
    log.append("late\n")
    assert texts(log) == []


def test_the_older_half_goes_when_it_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    log = LogStream(path, limit=100)
    for number in range(50):
        log.append(f"{number:09}\n")
    log.close()
    numbers = [event.index for event in log.read(0)]
    assert numbers == list(range(50 - len(numbers), 50))
    assert 5 <= len(numbers) <= 10
    assert texts(LogStream.load(path)) == texts(log)
    assert [event.index for event in LogStream.load(path).read(0)] == numbers


def test_one_event_longer_than_the_limit_is_kept() -> None:
    log = LogStream(limit=10)
    log.append("x" * 50)
    assert texts(log) == ["x" * 50]


def test_it_is_read_again_from_disk_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "build.log"
    log = LogStream(path)
    log.append("ä line\u2028with a strange end\n")
    log.append("two\n")
    log.close()
    assert LogStream.load(path).read(0) == log.read(0)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_cut_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    log = LogStream(path)
    log.append("whole\n")
    log.close()
    with path.open("a") as file:
        file.write('{"index": 1, "timest')
    assert texts(LogStream.load(path)) == ["whole\n"]


def test_a_disk_that_is_full_does_not_stop_what_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path) -> IO[str]:
        return Path("/dev/full").open("w")

    monkeypatch.setattr(logfile, "_create", full)
    log = LogStream(tmp_path / "run.log")
    log.append("one\n")
    log.append("two\n")
    log.close()
    assert texts(log) == ["one\n", "two\n"]


def test_secrets_do_not_reach_a_log_that_is_cleaned(tmp_path: Path) -> None:
    log = LogStream(tmp_path / "build.log", clean=Redactor([Secret("correct horse")]))
    log.append("the key is correct horse\n")
    log.close()
    assert texts(log) == ["the key is [REDACTED]\n"]
    assert "correct horse" not in (tmp_path / "build.log").read_text()


def test_a_new_log_closes_the_last_one(tmp_path: Path) -> None:
    book = SpaceLogs(tmp_path)
    first = book.begin("run")
    first.append("first\n")
    second = book.begin("run")
    first.append("late\n")
    second.append("second\n")
    assert first.closed
    assert texts(first) == ["first\n"]
    assert texts(book.stream("run")) == ["second\n"]
    book.close()


def test_who_waits_for_a_first_log_gets_it(tmp_path: Path) -> None:
    book = SpaceLogs(tmp_path)
    waiting = book.stream("build")
    assert not waiting.closed
    book.begin("build").append("it begins\n")
    assert texts(waiting) == ["it begins\n"]
    book.close()


def test_a_forgotten_book_is_empty_and_open(tmp_path: Path) -> None:
    book = SpaceLogs(tmp_path / "logs")
    old = book.begin("run")
    old.append("old\n")
    book.forget()
    assert old.closed
    assert not (tmp_path / "logs").exists()
    assert texts(book.stream("run")) == []
    assert not book.stream("run").closed
