"""What a variable's text must look like. No message shows the text itself, which may hold a password."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from limits import RateLimitItem, parse_many
from pydantic_core import PydanticCustomError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

MIN_TOKEN = 16
_DEFAULT_PORTS = {"http": 80, "https": 443}  # browsers leave them out
_SEPARATORS = re.compile(r"[\s,]+")


def database_url(text: object) -> URL:
    """The address of a PostgreSQL database, or of a SQLite file."""
    address = _utf8(text)
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise PydanticCustomError("database_url", "is not a database address") from None
    if "@" in (url.host or ""):  # what is taken for the host would end in an error's words
        raise PydanticCustomError("database_password", "must have %40 in its password in place of @")
    if url.drivername in {"postgres", "postgresql"}:  # what providers of databases hand out
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"postgresql+psycopg", "sqlite"}:
        raise PydanticCustomError("database_driver", "must start with postgresql:// or sqlite://")
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise PydanticCustomError("database_file", "must name a file, such as sqlite:////data/tasks.sqlite3")
    return url


def origins(text: object) -> tuple[str, ...]:
    """Origins (RFC 6454) as browsers write them, separated by commas or blanks."""
    found = tuple(part for part in _SEPARATORS.split(_utf8(text)) if part)
    if not all(_is_origin(part) for part in found):
        raise PydanticCustomError(
            "origin", "must hold origins such as https://app.example or http://localhost:8080, no path and no *"
        )
    return found


def rates(text: object) -> tuple[RateLimitItem, ...]:
    """How often something may be done, all of which must hold: `10/minute;100/hour`."""
    given = _utf8(text)
    try:
        found = tuple(parse_many(given))
    except ValueError:
        found = ()
    if not found or any(rate.amount < 1 for rate in found):
        raise PydanticCustomError("rate", "must be rates such as 10/minute or 10/minute;100/hour")
    return found


def shared_storage(text: object) -> str:
    """The address of a Redis server that replicas count in together."""
    address = _split(_utf8(text))
    if address is None or address.scheme not in {"redis", "rediss"} or not address.hostname:
        raise PydanticCustomError("storage", "must be an address such as redis://:password@host:6379/0")
    return str(text)


def token(text: object) -> str:
    """A secret that is compared with what a request holds."""
    if len(_utf8(text)) < MIN_TOKEN:
        raise PydanticCustomError("token", "is too short: at least {least} characters needed", {"least": MIN_TOKEN})
    return str(text)


def _utf8(text: object) -> str:
    """Python keeps bytes of the environment that are no text as lone surrogates (PEP 383); no driver takes those."""
    try:
        return str(text).encode().decode()
    except UnicodeEncodeError:
        raise PydanticCustomError("not_text", "is not UTF-8 text") from None


def _is_origin(text: str) -> bool:
    address = _split(text)
    if address is None or address.scheme not in _DEFAULT_PORTS or not address.hostname:
        return False
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
    port = "" if address.port in {None, _DEFAULT_PORTS[address.scheme]} else f":{address.port}"
    return text == f"{address.scheme}://{host}{port}" and "*" not in host


def _split(text: str) -> SplitResult | None:
    """None for what is no address, such as one whose port is no number."""
    try:
        address = urlsplit(text)
        return address if address.port != 0 else None
    except ValueError:
        return None
