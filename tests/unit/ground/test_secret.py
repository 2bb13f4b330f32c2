"""A Secret does not show itself, and is told from another by a fingerprint."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest

import deploy.secret
from deploy.secret import MASK, Secret, fingerprint, generate, matches

VALUE = "s3cr3t-value-of-a-key"
COST = deploy.secret._SCRYPT_COST
"""The one in use: while a test runs, a cheap one stands in its place."""


@dataclass(frozen=True)
class Holder:
    name: str
    value: Secret


SHOWN: dict[str, Callable[[Secret], str]] = {
    "str": str,
    "repr": repr,
    "f-string": lambda secret: f"{secret}",
    "f-string with !r and a width": lambda secret: f"{secret!r:>40}",
    "f-string with a width": lambda secret: f"{secret:>40}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 # a log record is formatted like this
    "format": lambda secret: format(secret, "<30"),
    "a dataclass": lambda secret: repr(Holder("KEY", secret)),
    "a container": lambda secret: str({"KEY": [secret]}),
    "json with default=str": lambda secret: json.dumps({"KEY": secret}, default=str),
    "a log record": lambda secret: logging.LogRecord("a", 20, "a", 1, "value %s", (secret,), None).getMessage(),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN.keys())
def test_it_shows_a_mask_in_place_of_its_value(show: Callable[[Secret], str]) -> None:
    text = show(Secret(VALUE))
    assert VALUE not in text
    assert MASK in text


@pytest.mark.parametrize(
    "serialise",
    [json.dumps, pickle.dumps, copy.copy, copy.deepcopy, vars],
    ids=["json", "pickle", "copy", "deepcopy", "vars"],
)
def test_what_would_carry_its_value_elsewhere_is_refused(serialise: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        serialise(Secret(VALUE))
    assert VALUE not in str(caught.value)


def test_a_traceback_that_prints_variables_shows_a_mask() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"cannot use {secret}")

    with pytest.raises(ValueError, match="cannot use") as caught:
        fail(Secret(VALUE))
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert VALUE not in shown
    assert f"secret = {MASK}" in shown


def test_reveal_gives_the_value() -> None:
    assert Secret(VALUE).reveal() == VALUE


def test_an_empty_one_is_false() -> None:
    assert not Secret("")
    assert Secret(" ")


def test_two_are_equal_when_their_values_are() -> None:
    assert Secret("ä-value") == Secret("ä-value")
    assert len({Secret(VALUE), Secret(VALUE), Secret("other")}) == 2
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE


# Fingerprints --------------------------------------------------------------------------------------------


def test_a_fingerprint_matches_its_own_value_only() -> None:
    known = fingerprint(Secret(VALUE))
    assert matches(Secret(VALUE), known)
    assert not matches(Secret(VALUE + " "), known)


def test_two_fingerprints_of_one_value_differ_and_hide_it() -> None:
    first, second = fingerprint(Secret(VALUE)), fingerprint(Secret(VALUE))
    assert first != second
    assert VALUE not in first
    assert not any(character.isspace() for character in first)


def test_a_fingerprint_of_an_earlier_version_still_matches_and_is_dear_to_guess(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deploy.secret, "_SCRYPT_COST", COST)
    assert matches(Secret("correct horse"), "AAECAwQFBgcI.obiYrOsysXAfYNhuXN9xg859")


@pytest.mark.parametrize("known", ["", ".", "x", "!.!", "ü.x", "AAAA.ü", "AAAA", "a.b.c"])
def test_text_that_is_no_fingerprint_matches_nothing(known: str) -> None:
    assert not matches(Secret(VALUE), known)


# Generators ----------------------------------------------------------------------------------------------


def test_generated_values_are_new_each_time_and_as_long_as_asked() -> None:
    assert generate("urlsafe:48") != generate("urlsafe:48")
    assert len(generate("hex:16").reveal()) == 32
    assert len(generate("urlsafe:48").reveal()) == 64


@pytest.mark.parametrize(
    "recipe", ["", "urlsafe", "urlsafe:", "urlsafe:8", "hex:2000", "hex:-48", "hex:16.0", "uuid:16"]
)
def test_a_recipe_that_is_weak_or_unknown_is_refused_with_the_right_ones(recipe: str) -> None:
    with pytest.raises(ValueError, match=r"use hex:<bytes> or urlsafe:<bytes>, 16 to 1024 bytes"):
        generate(recipe)
