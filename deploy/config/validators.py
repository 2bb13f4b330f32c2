"""What is wrong with one text of deploy.toml, in a sentence; nothing when it is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from deploy.config.excuses import Excuse
from deploy.config.suite import Address
from deploy.config.values import LOCAL_HUB
from deploy.secret import generate

Validator = Callable[[str], str | None]
"""Gives the sentence."""

_WEB = re.compile(r"https?://[^\s/]+(/.*)?")


def matches(pattern: re.Pattern[str], example: str) -> Validator:
    return lambda text: None if pattern.fullmatch(text) else f"{text!r} is not {example}"


def relative_path(text: str) -> str | None:
    parts = Path(text).parts
    return f"{text!r} leads out of the project" if Path(text).is_absolute() or ".." in parts else None


def url_path(text: str) -> str | None:
    return None if text.startswith("/") and not re.search(r"\s", text) else f"{text!r} does not start with /"


def optional_path(text: str) -> str | None:
    return url_path(text) if text else None


def hub_address(text: str) -> str | None:
    if text == LOCAL_HUB or (_WEB.fullmatch(text) and _is_address(text)):
        return None
    return f'{text!r} is not "local" or the address of a Hub'


def advisory_source(text: str) -> str | None:
    if not (_WEB.fullmatch(text) and _is_address(text)):
        return f"{text!r} is not the address of an advisory source"
    return "holds a password, which never stands here" if "@" in urlsplit(text).netloc else None


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return bool(address.hostname) and address.port != 0
    except ValueError:
        return False


def parses(parse: Callable[[str], object]) -> Validator:
    """The sentence is that of the ValueError which `parse` raises."""

    def problem(text: str) -> str | None:
        try:
            parse(text)
        except ValueError as error:
            return str(error)
        return None

    return problem


generator = parses(generate)
address = parses(Address.parse)
excuse = parses(Excuse.parse)
