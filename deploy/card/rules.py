"""What each key of a card may hold: hub-docs, `spaces-config-reference`, and the Hub's OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
SDKS = ("gradio", "docker", "static")
HEADERS = ("cross-origin-embedder-policy", "cross-origin-opener-policy", "cross-origin-resource-policy")
HARDWARE = (
    *("cpu-basic", "cpu-upgrade", "cpu-performance", "cpu-xl", "sprx8", "zero-a10g", "t4-small", "t4-medium"),
    *("l4x1", "l4x4", "l40sx1", "l40sx4", "l40sx8", "a10g-small", "a10g-large", "a10g-largex2", "a10g-largex4"),
    *("a100-large", "a100x4", "a100x8", "h200", "h200x2", "h200x4", "h200x8", "inf2x6"),
    *("rtx-pro-6000", "rtx-pro-6000x2", "rtx-pro-6000x4", "rtx-pro-6000x8"),
)
LONGEST_DESCRIPTION = 60
LONGEST_OAUTH = 43_200
"""Minutes: 30 days."""
NOT_FOR_DOCKER = ("python_version", "sdk_version", "app_file", "app_build_command")

_DURATION = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)\s*(?:(?P<unit>[smhd])|(?P<word>sec|second|min|minute|hr|hour|day)s?)", re.IGNORECASE
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_PRELOAD = re.compile(r"[\w.-]+(?:/[\w.-]+)?(?: [^\s,]+(?:,[^\s,]+)*)?(?: [0-9a-f]{40})?")
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|{one}(?:\u200d{one})*)".replace(
        "{one}",
        "(?:[\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
        "[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*)",
    )
)


@dataclass(frozen=True)
class Rule:
    """`holds` tells whether a value is right; `wanted` completes "<key> is not …" and "make it …"."""

    holds: Callable[[object], bool]
    wanted: str


def duration_seconds(value: object) -> float | None:
    """`30m` is 1800.0; None for what is not a duration."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(match["number"]) * _SECONDS[(match["unit"] or match["word"])[0].lower()] if match else None


def _one_of(*allowed: str) -> Rule:
    return Rule(lambda value: value in allowed, "one of " + ", ".join(allowed))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _between(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_headers(value: object) -> bool:
    return isinstance(value, dict) and all(key in HEADERS and isinstance(text, str) for key, text in value.items())


def _is_preload(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and _PRELOAD.fullmatch(item) for item in value)


_TEXT = Rule(_is_text, "a text")
_TEXTS = Rule(_is_texts, "a list of texts")
_TEXT_OR_TEXTS = Rule(lambda value: _is_text(value) or _is_texts(value), "a text or a list of texts")
_BOOL = Rule(lambda value: isinstance(value, bool), "true or false")

RULES: Mapping[str, Rule] = {
    "app_port": Rule(_between(1, 65_535), "a port number without quotes, 1 to 65535"),
    "base_path": Rule(_matches(re.compile(r"/.*")), "a path that begins with /"),
    "colorFrom": _one_of(*COLOURS),
    "colorTo": _one_of(*COLOURS),
    "custom_headers": Rule(_is_headers, "a mapping whose keys are among " + ", ".join(HEADERS)),
    "datasets": _TEXTS,
    "disable_embedding": _BOOL,
    "duplicated_from": _TEXT,
    "emoji": Rule(_matches(_EMOJI), "one emoji"),
    "fullWidth": _BOOL,
    "header": _one_of("mini", "default"),
    "hf_oauth": _BOOL,
    "hf_oauth_authorized_org": _TEXT_OR_TEXTS,
    "hf_oauth_expiration_minutes": Rule(_between(1, LONGEST_OAUTH), f"a number of minutes up to {LONGEST_OAUTH}"),
    "hf_oauth_scopes": _TEXTS,
    "license": _TEXT_OR_TEXTS,
    "models": _TEXTS,
    "pinned": _BOOL,
    "preload_from_hub": Rule(_is_preload, 'a list of "repo [file,file] [commit]"'),
    "sdk": _one_of(*SDKS),
    "short_description": Rule(
        lambda value: isinstance(value, str) and len(value) <= LONGEST_DESCRIPTION,
        f"a text of at most {LONGEST_DESCRIPTION} characters",
    ),
    "startup_duration_timeout": Rule(lambda value: duration_seconds(value) is not None, "a duration such as 30m or 1h"),
    "suggested_storage": _TEXT,
    "tags": _TEXTS,
    "thumbnail": Rule(_matches(re.compile(r"https?://\S+")), "a URL"),
    "title": _TEXT,
}
