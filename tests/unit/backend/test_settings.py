"""Settings: what the app refuses to start with, and that it says so without a value."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import SettingsError, load_settings
from tests.unit.backend.keys import KEYS

KEY = {"JWT_KEY_A": KEYS["A"]}
MISSING = "is missing: set it to a secret of at least 32 bytes"
MADE_UP = "is a default or was made up from words: it needs to be random"
REPEATED = "repeats itself: it needs to be random"
ORIGIN = "must hold origins such as https://app.example or http://localhost:8080, no path and no *"
RATE = "must be rates such as 10/minute or 10/minute;100/hour"
STORAGE = "must be an address such as redis://:password@host:6379/0"


def refusal(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load_settings(environ)
    return str(refused.value).splitlines()


def test_a_server_that_cannot_start_says_why_in_one_line(backend: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("JWT_", "APP_ENV"))}
    server = [sys.executable, "-m", "uvicorn", "main:app", "--port", "0"]
    ended = subprocess.run(server, cwd=backend, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"cannot start: JWT_KEY_A {MISSING}\n"


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", MISSING),
        ("k7" * 15 + "k", "is too short: 31 bytes, at least 32 needed"),
        ("a" * 64, REPEATED),
        ("ab" * 32, REPEATED),
        ("0123456789abcdef" * 2, REPEATED),
        ("abcabcd" * 10 + "a", REPEATED),
        ("changethis" + KEYS["A"], MADE_UP),
        ("please-change_THIS-before-you-go-live", MADE_UP),
        ("My very own super SECRET signing key, v1", MADE_UP),
    ],
)
@pytest.mark.parametrize("slot", ["A", "B"])
def test_a_key_that_others_may_know_or_guess_is_refused_in_either_slot(slot: str, key: str, why: str) -> None:
    other = "B" if slot == "A" else "A"
    environ = {f"JWT_KEY_{slot}": key, f"JWT_KEY_{other}": KEYS[other], "JWT_ACTIVE": slot}
    assert refusal(environ) == [f"cannot start: JWT_KEY_{slot} {why}"]
    assert refusal(environ | {"APP_ENV": "production"}) == [f"cannot start: JWT_KEY_{slot} {why}"]


def test_a_weak_key_is_refused_in_the_slot_that_is_not_active_too() -> None:
    assert refusal(KEY | {"JWT_KEY_B": "a" * 32}) == [f"cannot start: JWT_KEY_B {REPEATED}"]


def test_both_slots_cannot_hold_one_key() -> None:
    why = "is the same as JWT_KEY_A: a slot is there for another key"
    assert refusal(KEY | {"JWT_KEY_B": KEYS["A"]}) == [f"cannot start: JWT_KEY_B {why}"]


@pytest.mark.parametrize(("active", "held"), [("A", "A"), ("B", "B"), ("A", "AB"), ("B", "AB")])
def test_only_the_active_slot_must_hold_a_key(active: str, held: str) -> None:
    environ = {f"JWT_KEY_{slot}": KEYS[slot] for slot in held} | {"JWT_ACTIVE": active}
    settings = load_settings(environ)
    assert settings.jwt_active == active
    assert settings.signing_keys == {slot: KEYS[slot] for slot in held}


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"JWT_ACTIVE": "C"}, "JWT_ACTIVE Input should be 'A' or 'B'"),
        ({"JWT_ACTIVE": "B"}, f"JWT_KEY_B {MISSING}"),
        ({"DATABASE_URL": "sekret"}, "DATABASE_URL is not a database address"),
        ({"DATABASE_URL": "postgres://u:sekret@h:sekret/d"}, "DATABASE_URL is not a database address"),
        ({"DATABASE_URL": "postgres://u:sek@ret@h/d"}, "DATABASE_URL must have %40 in its password in place of @"),
        ({"DATABASE_URL": "postgres://u:\udcff@h/d"}, "DATABASE_URL is not UTF-8 text"),
        ({"DATABASE_URL": "mysql://u:sekret@h/d"}, "DATABASE_URL must start with postgresql:// or sqlite://"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must name a file, such as sqlite:////data/tasks.sqlite3"),
        ({"DATABASE_WAIT": "-1"}, "DATABASE_WAIT Input should be greater than or equal to 0"),
        ({"REFRESH_TOKEN_DAYS": "0"}, "REFRESH_TOKEN_DAYS Input should be greater than or equal to 1"),
        ({"CORS_ORIGINS": "*"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "https://*.example"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "null"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "a.example"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "https://a.example/"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "https://A.example"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "https://a.example:443"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "https://a.example https://b.example:x"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "https://sekret@a.example"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"CORS_ORIGINS": "ftp://a.example"}, f"CORS_ORIGINS {ORIGIN}"),
        ({"LOGIN_RATE": "often"}, f"LOGIN_RATE {RATE}"),
        ({"LOGIN_RATE": "0/minute"}, f"LOGIN_RATE {RATE}"),
        ({"REGISTER_RATE": "10/minute;x"}, f"REGISTER_RATE {RATE}"),
        ({"RATE_LIMIT_STORAGE": "sekret"}, f"RATE_LIMIT_STORAGE {STORAGE}"),
        ({"RATE_LIMIT_STORAGE": "redis://"}, f"RATE_LIMIT_STORAGE {STORAGE}"),
        ({"RATE_LIMIT_STORAGE": "redis://:sekret@h:port"}, f"RATE_LIMIT_STORAGE {STORAGE}"),
        ({"RATE_LIMIT_STORAGE": "memcached://h"}, f"RATE_LIMIT_STORAGE {STORAGE}"),
        ({"METRICS_TOKEN": "sekret"}, "METRICS_TOKEN is too short: at least 16 characters needed"),
    ],
)
def test_a_wrong_setting_is_named_and_no_value_shown(environ: dict[str, str], line: str) -> None:
    assert refusal(KEY | environ) == [f"cannot start: {line}"]


def test_all_wrong_settings_are_named_at_once() -> None:
    wrong = ("JWT_KEY_A", "JWT_KEY_B", "ACCESS_TOKEN_MINUTES", "DATABASE_URL", "CORS_ORIGINS", "METRICS_TOKEN")
    lines = refusal(dict.fromkeys(wrong, "sekret"))
    assert sorted(line.split()[2] for line in lines) == sorted(wrong)
    assert "sekret" not in "".join(lines)


def test_settings_that_are_right_are_taken() -> None:
    settings = load_settings(
        KEY
        | {
            "CORS_ORIGINS": "https://a.example, http://localhost:8080 http://[::1]:8080",
            "LOGIN_RATE": "5/minute;50 per 2 hours",
            "RATE_LIMIT_STORAGE": "rediss://:sekret@h:6379/0",
            "METRICS_TOKEN": "sekret" * 3,
        }
    )
    assert settings.cors_origins == ("https://a.example", "http://localhost:8080", "http://[::1]:8080")
    assert [(rate.amount, rate.get_expiry()) for rate in settings.login_rate] == [(5, 60), (50, 7200)]
    assert "sekret" not in repr(settings)


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    names = (
        *("JWT_KEY_B", "JWT_ACTIVE", "ACCESS_TOKEN_MINUTES", "DATABASE_URL", "DATABASE_WAIT", "DATA_DIR"),
        *("CORS_ORIGINS", "LOGIN_RATE", "REGISTER_RATE", "RATE_LIMIT_STORAGE", "METRICS_TOKEN"),
    )
    assert load_settings(KEY | dict.fromkeys(names, "")) == load_settings(KEY)


@pytest.mark.parametrize("slot", ["A", "B"])
def test_development_makes_do_without_a_key_and_never_with_the_same(
    slot: str, caplog: pytest.LogCaptureFixture
) -> None:
    development = {"APP_ENV": "development", "JWT_ACTIVE": slot}
    weak = ("", "short", "changethis" * 4)
    with caplog.at_level(logging.WARNING):
        made = {load_settings(development | {f"JWT_KEY_{slot}": key}).signing_keys[slot] for key in weak}
    assert len(made - set(weak)) == len(weak)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [f"JWT_KEY_{slot}"] * len(weak)
    assert load_settings(development | {f"JWT_KEY_{slot}": KEYS[slot]}).signing_keys == {slot: KEYS[slot]}


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(load_settings(KEY | {"DATABASE_URL": "postgres://u:sekret@h/d"}))
    assert "sekret" not in shown
    assert KEYS["A"] not in shown
