"""What the pipeline wants to know of a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.card.front_matter import FrontMatter, read
from deploy.card.rules import duration_seconds

DEFAULT_PORT = 7860
"""Where the Hub looks for the app when the card does not say (spaces-config-reference)."""
DEFAULT_STARTUP = 1800.0
"""Seconds the Hub waits for the first answer when the card does not say."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A card's facts. A value of the wrong kind counts as absent; `problems` says that it is wrong.

    `startup_timeout` in seconds; `values` are all keys as written, `lines` where each stands.
    """

    sdk: str | None
    app_port: int
    title: str | None
    startup_timeout: float
    values: Mapping[str, object]
    lines: Mapping[str, int]


def parse(text: str) -> Card:
    """The card of a README. Raises CardError when there is no front matter to read."""
    front_matter = read(text)
    values = front_matter.values
    return Card(
        sdk=_text(values, "sdk"),
        app_port=_port(front_matter),
        title=_text(values, "title"),
        startup_timeout=duration_seconds(values.get("startup_duration_timeout")) or DEFAULT_STARTUP,
        values=values,
        lines=front_matter.lines,
    )


def _text(values: Mapping[str, object], key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) else None


def _port(front_matter: FrontMatter) -> int:
    port = front_matter.values.get("app_port")
    return port if isinstance(port, int) and not isinstance(port, bool) else DEFAULT_PORT
