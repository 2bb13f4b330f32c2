"""The Space card: what the Hub reads, and what it refuses."""

from __future__ import annotations

import pytest

from deploy.card import DEFAULT_PORT, CardError, parse, problems

GOOD = """\
---
title: Tasks
emoji: 🚀
colorFrom: green
colorTo: blue
sdk: docker
app_port: 7860
short_description: Keep your own tasks
startup_duration_timeout: 10m
pinned: false
header: mini
fullWidth: true
base_path: /docs
license: apache-2.0
models: [a/b]
datasets: []
tags:
  - fastapi
thumbnail: https://example.org/x.png
hf_oauth: true
hf_oauth_scopes: [email]
hf_oauth_expiration_minutes: 480
hf_oauth_authorized_org: [one, two]
disable_embedding: false
custom_headers:
  cross-origin-embedder-policy: require-corp
preload_from_hub:
  - owner/model
  - owner/model a.json,b.json
  - owner/model a.json 0123456789abcdef0123456789abcdef01234567
suggested_hardware: cpu-upgrade
duplicated_from: other/space
language: en
---

# Tasks
"""


def card(*lines: str) -> str:
    return "---\nsdk: docker\n" + "".join(f"{line}\n" for line in lines) + "---\n"


def faults(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.level) for problem in problems(text)]


def test_a_card_with_every_key_is_right() -> None:
    assert problems(GOOD) == ()
    found = parse(GOOD)
    assert (found.sdk, found.app_port, found.title) == ("docker", 7860, "Tasks")
    assert (found.startup_timeout, found.lines["app_port"]) == (600.0, 7)


def test_what_is_not_said_has_the_hubs_default() -> None:
    found = parse(card())
    assert (found.app_port, found.startup_timeout) == (DEFAULT_PORT, 1800.0)


@pytest.mark.parametrize("line", ['app_port: "8080"', "app_port: true", "app_port: 80.5"])
def test_a_port_that_is_no_number_counts_as_not_said(line: str) -> None:
    assert parse(card(line)).app_port == DEFAULT_PORT


@pytest.mark.parametrize(
    "line",
    [
        "title: 2048",
        "emoji: x",
        "emoji: 😀😀",
        "emoji: rocket",
        "colorFrom: '#ff0000'",
        "colorTo: Blue",
        "app_port: '7860'",
        "app_port: 0",
        "app_port: 65536",
        "app_port: true",
        "app_port: $PORT",
        "base_path: docs",
        "fullWidth: yes",
        "header: large",
        "short_description: " + "x" * 61,
        "models: a/b",
        "tags: [1]",
        "thumbnail: x.png",
        "pinned: no",
        "license: 3",
        "hf_oauth: 'true'",
        "hf_oauth_expiration_minutes: 43201",
        "hf_oauth_scopes: email",
        "startup_duration_timeout: 30",
        "startup_duration_timeout: half an hour",
        "startup_duration_timeout: 1hh",
        "custom_headers: {X-Frame-Options: DENY}",
        "custom_headers: {Cross-Origin-Opener-Policy: same-origin}",
        "preload_from_hub: owner/model",
        "preload_from_hub: ['owner/model a.json, b.json']",
        "title:",
    ],
)
def test_values_the_hub_refuses(line: str) -> None:
    assert faults(card(line)) == [(3, "error")]


@pytest.mark.parametrize(
    "line",
    [
        "emoji: ⚡️",
        "emoji: 🇩🇪",
        "emoji: 👩🏽‍🚀",
        "emoji: 1️⃣",
        "emoji: ❤️‍🔥",
        "app_port: 80",
        "short_description: " + "é" * 60,
        "startup_duration_timeout: 1h",
        "startup_duration_timeout: 90 seconds",
        "license: [mit, apache-2.0]",
        "created: 2024-13-45",
        "sdk_note: anything",
    ],
)
def test_values_the_hub_takes(line: str) -> None:
    assert problems(card(line)) == ()


@pytest.mark.parametrize(
    "line",
    [
        "sdk_version: '5.0'",
        "app_file: app.py",
        "python_version: '3.12'",
        "suggested_storage: small",
        "suggested_hardware: t4-smal",
        "app-port: 7860",
        "colorfrom: red",
        "shortDescription: x",
    ],
)
def test_what_has_no_effect_is_a_warning(line: str) -> None:
    assert faults(card(line)) == [(3, "warning")]


def test_a_mistyped_key_is_corrected() -> None:
    [problem] = problems(card("app-port: 8000"))
    assert problem.cure == "did you mean app_port?"
    assert parse(card("app-port: 8000")).app_port == DEFAULT_PORT


def test_a_port_has_no_effect_without_docker() -> None:
    assert faults("---\nsdk: static\napp_port: 80\n---\n") == [(3, "warning")]


def test_all_problems_come_at_once_and_in_order() -> None:
    assert faults(card("colorFrom: x", "emoji: y", "pinned: z")) == [(3, "error"), (4, "error"), (5, "error")]


def test_a_key_that_stands_twice() -> None:
    [problem] = problems(card("title: one", "emoji: ✅", "title: two"))
    assert (problem.line, problem.what) == (5, "title stands here again, first on line 3")


def test_no_sdk() -> None:
    [problem] = problems("---\ntitle: x\n---\n")
    assert "no sdk" in problem.what


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("# A readme\n", 1, "no front matter"),
        ("", 1, "no front matter"),
        ("text\n---\nsdk: docker\n---\n", 1, "no front matter"),
        ("---\nsdk: docker\n", 1, "does not end"),
        ("---\ntitle: a: b\n---\n", 2, "not YAML"),
        ("---\n\ntitle: [a\n---\n", 4, "not YAML"),
        ("---\n- sdk\n---\n", 2, "not a list of keys"),
        ("---\ntitle: \x07\n---\n", 1, "characters YAML refuses"),
    ],
)
def test_front_matter_that_cannot_be_read(text: str, line: int, says: str) -> None:
    [problem] = problems(text)
    assert (problem.line, problem.level) == (line, "error")
    assert says in problem.what
    with pytest.raises(CardError, match=r"README\.md, line"):
        parse(text)


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, "\n" + GOOD, GOOD.replace("\n", "\r\n")])
def test_marks_and_line_ends_do_not_matter(text: str) -> None:
    assert problems(text) == ()
    assert parse(text).sdk == "docker"


def test_dashes_further_down_are_the_readmes_own() -> None:
    assert parse(card() + "\n---\nsdk: static\n---\n").sdk == "docker"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("title: 10:30", "10:30"),
        ("title: 1_000", "1_000"),
        ("title: =", "="),
        ("title: 0b11", "0b11"),
        ("app_port: 07860", 7860),
        ("app_port: 0o17264", 7860),
        ("app_port: 017264", 17264),
        ("app_port: 0x1EB4", 7860),
        ("app_port: 7_860", "7_860"),
        ("x: 1e3", 1000.0),
        ("x: .5", 0.5),
        ("x: ~", None),
    ],
)
def test_scalars_are_those_of_yaml_1_2(line: str, value: object) -> None:
    assert parse(f"---\nsdk: docker\n{line}\n---\n").values[line.partition(":")[0]] == value


@pytest.mark.parametrize("deep", ["x: " + "[" * 5_000, "".join(" " * depth + "a:\n" for depth in range(2_000))])
def test_a_card_nested_too_deep_is_one_clear_fault(deep: str) -> None:
    [fault] = problems(f"---\nsdk: docker\n{deep}\n---\n")
    assert "too deep" in fault.what
