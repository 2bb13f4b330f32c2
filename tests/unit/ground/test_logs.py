"""What a message repeats of a log."""

from __future__ import annotations

import pytest

from deploy.logs import end_of


def asked(port: int) -> str:
    return f'INFO:     172.17.0.1:{port} - "GET /health HTTP/1.1" 503 Service Unavailable'


def test_the_last_lines_are_shown() -> None:
    assert end_of(["a", "b", "c"], 2) == ("b", "c")


def test_a_short_log_is_shown_whole() -> None:
    assert end_of(["a", "b"], 25) == ("a", "b")
    assert end_of([], 25) == ()


def test_lines_alike_are_one_and_do_not_push_others_out() -> None:
    lines = ["KeyError: 'DATABASE_URL'", *(asked(port) for port in range(40_000, 40_100)), "stopping"]
    assert end_of(lines, 4) == ("KeyError: 'DATABASE_URL'", asked(40_000), "… 99 more lines like it", "stopping")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-11-22T10:00:00Z waiting", "2026-11-22T10:00:01Z waiting"),
        ("request_id=3f2c9a7e status=503", "request_id=b81d04cc status=503"),
        ("id 6f9619ff-8b86-d011-b42d-00cf4fc964ff", "id 16fd2706-8baf-433b-82eb-8c7fada847da"),
    ],
    ids=["time", "request", "uuid"],
)
def test_times_and_ids_make_no_difference(one: str, other: str) -> None:
    assert end_of([one, other], 5) == (one, "… 1 more line like it")


@pytest.mark.parametrize(
    ("one", "other"),
    [("GET /health", "GET /version"), ("add", "bad"), ("a", "b")],
    ids=["path", "hex words", "letters"],
)
def test_other_words_do(one: str, other: str) -> None:
    assert end_of([one, other], 5) == (one, other)


def test_only_neighbours_are_put_together() -> None:
    assert end_of(["try 1", "failed", "try 2", "failed"], 5) == ("try 1", "failed", "try 2", "failed")
