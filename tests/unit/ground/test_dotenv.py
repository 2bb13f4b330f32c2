"""What an .env file says is taken to the letter, or refused with the number of its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.dotenv import read_env_file
from deploy.errors import ConfigError


def values(tmp_path: Path, content: str | bytes) -> dict[str, str]:
    return {name: entry.value.reveal() for name, entry in read_env_file(written(tmp_path, content)).items()}


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / ".env"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(tmp_path: Path, content: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read_env_file(written(tmp_path, content))
    return caught.value


ACCEPTED = {
    "plain": ("KEY=value", "value"),
    "nothing is interpolated": ("OTHER=x\nKEY=a${OTHER}c$OTHER", "a${OTHER}c$OTHER"),
    "nothing is interpolated in double quotes": ('KEY="a${b}c ${X:-d}"', "a${b}c ${X:-d}"),
    "nothing is interpolated in single quotes": ("KEY='a${b}c'", "a${b}c"),
    "nothing is run": ("KEY=$(whoami)`id`", "$(whoami)`id`"),
    "single quotes": ("KEY='it is \"one\" value # no comment'", 'it is "one" value # no comment'),
    "double quotes": ('KEY="it\'s one # value"', "it's one # value"),
    "escapes in double quotes": (r'KEY="a\nb\"c\\d"', 'a\nb"c\\d'),
    "lines in quotes": ('KEY="first\nsecond\n"\nOTHER=x', "first\nsecond\n"),
    "equals signs in the value": ("KEY=postgres://u:p@h/db?a=b==", "postgres://u:p@h/db?a=b=="),
    "a comment behind it": ("KEY=value # because", "value"),
    "no comment without a space": ("KEY=value#1", "value#1"),
    "exported": ("export KEY=value", "value"),
    "space around": ("  KEY = value  ", "value"),
    "empty": ("KEY=", ""),
    "empty quotes": ('KEY=""', ""),
    "CRLF": ("OTHER=x\r\nKEY=value\r\n", "value"),
    "CRLF in quotes": ('KEY="a\r\nb"\r\n', "a\nb"),
    "BOM": (b"\xef\xbb\xbfKEY=value\n", "value"),
    "comments and blank lines": ("# one\n\n   \n# two\nKEY=value", "value"),
    "non-ASCII": ("KEY=pässwörd→", "pässwörd→"),
}


@pytest.mark.parametrize(("content", "value"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_value_is_what_stands_there(tmp_path: Path, content: str | bytes, value: str) -> None:
    assert values(tmp_path, content)["KEY"] == value


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}


def test_each_value_knows_its_file_and_line(tmp_path: Path) -> None:
    entries = read_env_file(written(tmp_path, '# comment\n\nA=1\nB="two\nlines"\n\n\nC=3\r\n'))
    assert {name: entry.where for name, entry in entries.items()} == {"A": ".env:3", "B": ".env:4", "C": ".env:8"}


REFUSED = {
    "no equals sign": ("A=1\nKEY\n", ".env:2: has no '='"),
    "words": ("A=1\n\nKEY value\n", ".env:3: is not NAME=value"),
    "an open double quote": ('A=1\nKEY="value\nB=2\n', ".env:2: is not NAME=value"),
    "an open single quote": ("KEY='value\n", ".env:1: is not NAME=value"),
    "text behind a quote": ('KEY="a"b\n', ".env:1: is not NAME=value"),
    "no name": ("=value\n", ".env:1: is not NAME=value"),
    "a name that begins with a digit": ("1KEY=value\n", ".env:1: has no name before its '='"),
    "a name with a dash": ("MY-KEY=value\n", ".env:1: has no name before its '='"),
    "a duplicate": ("KEY=1\nA=2\nKEY=1\n", ".env:3: KEY was set before, in .env:1"),
    "CRLF": ("A=1\r\n\r\nKEY\r\n", ".env:3: has no '='"),
    "behind lines in quotes": ('A="1\n2\n3"\nKEY\n', ".env:4: has no '='"),
    "behind a BOM": (b"\xef\xbb\xbfA=1\nKEY\n", ".env:2: has no '='"),
}


@pytest.mark.parametrize("line", ['K={"a": "b # c", "d": 1}', "K=(a [b] #c)", "K=it's #1", "K=“quoted”", "K=‘quoted’"])
def test_a_value_that_is_cut_or_wrongly_quoted_is_doubtful(tmp_path: Path, line: str) -> None:
    assert [text[:7] for text in refusal(tmp_path, f"A=1\n{line}\n").details] == [".env:2:"]


@pytest.mark.parametrize(
    ("line", "value"), [("K=a(b) # c", "a(b)"), ("K='a # b' # c", "a # b"), ("K=b # it's", "b"), ("K={}", "{}")]
)
def test_a_comment_after_a_whole_value_is_one(tmp_path: Path, line: str, value: str) -> None:
    assert values(tmp_path, f"{line}\n")["K"] == value


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    with pytest.raises(ConfigError, match="is no file"):
        read_env_file(tmp_path / ".env")


@pytest.mark.parametrize(("content", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_a_doubtful_line_is_refused_by_its_number(tmp_path: Path, content: str | bytes, line: str) -> None:
    error = refusal(tmp_path, content)
    assert error.what == ".env has 1 bad line."
    assert error.details[0].startswith(line)


def test_all_bad_lines_are_named_at_once(tmp_path: Path) -> None:
    error = refusal(tmp_path, "A=1\nB\nA=2\nC C\n")
    assert error.what == ".env has 3 bad lines."
    assert [line.partition(": ")[0] for line in error.details] == [".env:2", ".env:3", ".env:4"]


def test_the_lines_of_a_key_without_quotes_are_not_repeated(tmp_path: Path) -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0+/BAQEFA=SC\nAASC KgwggSk\n-----END KEY-----"
    error = refusal(tmp_path, f"KEY={key}\n")
    assert len(error.details) == 4
    assert not any(part in str(error) for line in key.splitlines()[1:] for part in line.split() if "-" not in part)


def test_a_file_that_is_not_utf_8_is_refused_by_its_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"A=1\r\nKEY=p\xe4ss\r\n").what == ".env:2 is not UTF-8 text."


def test_what_cannot_be_read_as_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(ConfigError, match=r"\.env cannot be read"):
        read_env_file(tmp_path / ".env")


def test_values_do_not_show_themselves(tmp_path: Path) -> None:
    assert "swordfish" not in repr(read_env_file(written(tmp_path, "KEY=swordfish")))
