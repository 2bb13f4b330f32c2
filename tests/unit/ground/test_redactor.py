"""Text is cleaned of a secret in every form in which programs print it."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, quote_plus, urlencode

import pytest

from deploy.secret import MASK, Redactor, Secret

VALUE = 'pa$$w/rd & "quoted" Ümläut'
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\r\n  hkiG9w0BAQEFAASC\n-----END KEY-----\n"

FORMS = {
    "as is": f"value={VALUE}!",
    "URL-encoded": f"https://user:{quote(VALUE, safe='')}@host/",
    "as a query": urlencode({"password": VALUE}),
    "plus for spaces": quote_plus(VALUE),
    "JSON": json.dumps({"password": VALUE}),
    "JSON in UTF-8": json.dumps({"password": VALUE}, ensure_ascii=False),
    "repr of Python": repr({"password": VALUE}),
    "base64": base64.b64encode(VALUE.encode()).decode(),
    "URL-safe base64": base64.urlsafe_b64encode(VALUE.encode()).decode(),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_each_form_of_a_value_is_masked(text: str) -> None:
    cleaned = Redactor([Secret(VALUE)])(text)
    assert MASK in cleaned
    assert not leaks(cleaned, VALUE)


@pytest.mark.parametrize("value", ["0123456789ab", "0123456789abc", "0123456789abcd"])
@pytest.mark.parametrize("after", ["", "\x00\x00\x00", "~~~", " Z"])
@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
def test_base64_of_longer_text_gives_nothing_of_a_value_away(before: str, value: str, after: str) -> None:
    text = base64.b64encode(f"{before}{value}{after}".encode()).decode()
    cleaned = Redactor([Secret(value)])(f"Authorization: Basic {text}")
    assert MASK in cleaned
    assert not leaks(cleaned.removeprefix("Authorization: Basic "), value)


def test_the_lines_of_a_value_are_masked_each_by_itself() -> None:
    redact = Redactor([Secret(KEY)])
    for line in KEY.splitlines():
        assert redact(f"  | {line.strip()}") == f"  | {MASK}"
    assert redact("MIIEvQIBADANBgkq") == MASK


def test_the_longest_of_two_values_is_masked_as_a_whole() -> None:
    redact = Redactor([Secret("token"), Secret("token-extended")])
    assert redact("token-extended, token") == f"{MASK}, {MASK}"


def test_values_too_short_to_tell_from_words_are_left_alone() -> None:
    assert Redactor([Secret("abc"), Secret("")])("abc is a word") == "abc is a word"


def test_a_value_is_text_and_no_pattern() -> None:
    assert Redactor([Secret("a.*b+")])("a.*b+ axxb") == f"{MASK} axxb"


def test_a_secret_learnt_later_is_masked_from_then_on() -> None:
    redact = Redactor()
    assert redact("later-value") == "later-value"
    redact.add(Secret("later-value"))
    assert redact("later-value") == MASK


def leaks(cleaned: str, value: str) -> bool:
    """Whether three characters of the value in a row can be read from what is left, also as base64."""
    pieces = cleaned.split(MASK)
    readable = [*pieces, *(decoded(piece[start:]) for piece in pieces for start in range(4))]
    return any(value[at : at + 3] in text for at in range(len(value) - 2) for text in readable)


def decoded(text: str) -> str:
    digits = re.sub(r"[^A-Za-z0-9+/]", "", text)
    return base64.b64decode(digits[: len(digits) // 4 * 4]).decode("latin-1")
