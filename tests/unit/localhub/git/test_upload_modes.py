"""How a file travels, and what `.gitignore` keeps back."""

from __future__ import annotations

import pytest

from deploy.localhub.git.upload_modes import DEFAULT_ATTRIBUTES, REGULAR_LIMIT, Rules, reads_as_text


@pytest.fixture
def rules() -> Rules:
    return Rules(DEFAULT_ATTRIBUTES, "*.log\n!keep.log\n/build/\n")


@pytest.mark.parametrize(
    ("path", "size", "sample", "mode"),
    [
        ("main.py", 100, b"print()", "regular"),
        ("empty.bin", 0, b"", "regular"),
        ("main.py", REGULAR_LIMIT, b"print()", "regular"),
        ("main.py", REGULAR_LIMIT + 1, b"print()", "lfs"),
        ("photo.jpg", 100, b"\xff\xd8\xff", "lfs"),
        ("weights.bin", 5, b"text", "lfs"),
        ("deep/down/archive.tar.gz", 5, b"text", "lfs"),
        ("saved_model/a/b", 5, b"text", "lfs"),
        ("events.out.tfevents.1", 5, b"text", "lfs"),
        ("binary-words.py", 5, b"text", "regular"),
    ],
)
def test_text_is_regular_and_the_rest_is_large(rules: Rules, path: str, size: int, sample: bytes, mode: str) -> None:
    assert rules.mode(path, size, sample) == mode


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        (b"", True),
        ("Grüße".encode(), True),
        ("Grüße".encode()[:3], True),  # the sample ends inside a character
        ("Grüße".encode("latin-1"), False),
        (b"a\0b", False),
        (b"\xff", False),
    ],
)
def test_text_is_told_by_its_beginning(sample: bytes, text: bool) -> None:
    assert reads_as_text(sample) is text


def test_gitignore_is_read_as_git_reads_it(rules: Rules) -> None:
    ignored = [path for path in ("a.log", "x/a.log", "keep.log", "build/x", "x/build/y") if rules.ignores(path)]
    assert ignored == ["a.log", "x/a.log", "build/x"]


def test_a_later_line_of_gitattributes_wins() -> None:
    rules = Rules("*.bin filter=lfs\nsmall.bin !filter\n", "")
    assert (rules.to_lfs("big.bin"), rules.to_lfs("small.bin")) == (True, False)
