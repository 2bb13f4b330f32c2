"""What the Hub reads from a Space's README, and what it says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy import card as space_card

MISSING = "empty or missing yaml metadata in repo card"


@dataclass(frozen=True, kw_only=True)
class JudgedCard:
    """The facts of a card that are used here; with `errors` the Hub refuses it. `declared` is False without
    front matter."""

    sdk: str | None = None
    app_port: int = space_card.DEFAULT_PORT
    title: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    declared: bool = True
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge(readme: bytes) -> JudgedCard:
    text = readme.decode("utf-8", "replace")
    if not text.lstrip("\ufeff \t\r\n").startswith("---"):
        return JudgedCard(declared=False, warnings=(MISSING,))
    found = space_card.problems(text)
    errors = tuple(f"line {one.line}: {one.what}" for one in found if one.level == "error")
    warnings = tuple(f"line {one.line}: {one.what}" for one in found if one.level == "warning")
    try:
        card = space_card.parse(text)
    except space_card.CardError:
        return JudgedCard(errors=errors)
    return JudgedCard(
        sdk=card.sdk,
        app_port=card.app_port,
        title=card.title,
        values=card.values,
        errors=errors,
        warnings=warnings,
    )
