"""All that is wrong with a card, at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from deploy.card.front_matter import CardError, CardProblem, FrontMatter, read
from deploy.card.rules import HARDWARE, LONGEST_DESCRIPTION, NOT_FOR_DOCKER, RULES, SDKS

_LONGEST_SHOWN = 40
_CLOSE = 0.85


def problems(text: str) -> tuple[CardProblem, ...]:
    """The faults of a README's front matter by line: errors the Hub refuses, warnings it passes over."""
    try:
        card = read(text)
    except CardError as error:
        return (error.problem,)
    found = [*card.repeated, *_undeclared(card), *_wrong_values(card), *_without_effect(card), *_unknown(card)]
    return tuple(sorted(found, key=lambda problem: problem.line))


def _undeclared(card: FrontMatter) -> Iterator[CardProblem]:
    if "sdk" not in card.values:
        yield CardProblem(line=1, what="the card names no sdk", cure=f"add `sdk: docker` (one of {', '.join(SDKS)})")


def _wrong_values(card: FrontMatter) -> Iterator[CardProblem]:
    for key, value in card.values.items():
        rule = RULES.get(key)
        if rule and not rule.holds(value):
            what = f"{key} is not {rule.wanted}: {_shown(key, value)}"
            yield CardProblem(line=card.line(key), what=what, cure=f"make {key} {rule.wanted}")


def _without_effect(card: FrontMatter) -> Iterator[CardProblem]:
    docker = card.values.get("sdk") == "docker"
    idle = [key for key in NOT_FOR_DOCKER if docker and key in card.values]
    if not docker and card.values.get("sdk") in SDKS and "app_port" in card.values:
        idle.append("app_port")
    for key in idle:
        what = f"{key} has no effect on a {card.values['sdk']} Space"
        yield CardProblem(line=card.line(key), what=what, cure=f"remove {key}", level="warning")
    if "suggested_storage" in card.values:
        what = "suggested_storage has no effect: the Hub no longer sells persistent storage"
        cure = "remove suggested_storage; attach a bucket instead"
        yield CardProblem(line=card.line("suggested_storage"), what=what, cure=cure, level="warning")
    hardware = card.values.get("suggested_hardware")
    if hardware is not None and hardware not in HARDWARE:
        what = f"suggested_hardware is no hardware the Hub is known to offer: {_shown('', hardware)}"
        cure = _nearest(str(hardware), HARDWARE) or "see the list of hardware in the Hub's documentation"
        yield CardProblem(line=card.line("suggested_hardware"), what=what, cure=cure, level="warning")


def _unknown(card: FrontMatter) -> Iterator[CardProblem]:
    """Keys the Hub would keep and not understand; a card may carry others, so only near misses count."""
    known = {key.lower().replace("_", ""): key for key in (*RULES, *NOT_FOR_DOCKER, "suggested_hardware")}
    for key in card.values:
        plain = str(key).lower().replace("_", "").replace("-", "").replace(" ", "")
        close = difflib.get_close_matches(plain, known, n=1, cutoff=_CLOSE)
        if close and known[close[0]] != key and known[close[0]] not in card.values:
            what = f"{key} is not a key the Hub knows"
            cure = f"did you mean {known[close[0]]}?"
            yield CardProblem(line=card.line(str(key)), what=what, cure=cure, level="warning")


def _nearest(word: str, among: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, among, n=1)
    return f"did you mean {close[0]}?" if close else ""


def _shown(key: str, value: object) -> str:
    if key == "short_description" and isinstance(value, str):
        return f"it has {len(value)} (the Hub takes {LONGEST_DESCRIPTION})"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
