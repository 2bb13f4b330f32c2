"""What deploy.toml says a release is held to, as frozen values: [verify], [scenario], [load], [audit]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Suite = Literal["serving", "full"]
"""What a release must pass: that it serves and answers the declared requests, or every check of a running app."""
LoginAs = Literal["form", "json"]
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_MOST_PORT = 65_000
"""Some are left above it for who uses the ports that follow, too."""


@dataclass(frozen=True, kw_only=True)
class ScenarioConfig:
    """How people use the app: paths of its accounts and of one collection, and the fields that it takes.

    An empty path says that the app has no such thing. `*_with` are the fields of a request, in which `{username}`,
    `{email}`, `{password}` and `{new_password}` stand for what is made up; `*_by` are methods. `login_as` is an OAuth2
    password form (RFC 6749, section 4.3) or JSON; its answer has an `access_token` and may have a `refresh_token`.

    `item` makes one thing, `change` changes it, `invalid` is refused, and `id` is the field that names it. `log` are
    the fields of a logged request. `signing_key` is the name of the secret that signs tokens (HS256), `origins` of the
    variable with the origins that may call the API; "" when that cannot be told. `journey` is what a person does on the
    page, a step each: `fill` a field by its label `with` a text, `click` a button by its name, `see` a text; there
    `{text}` stands for something that is made up, too.
    """

    page: str
    register: str
    register_with: Mapping[str, object]
    login: str
    login_with: Mapping[str, object]
    login_as: LoginAs
    refresh: str
    logout: str
    me: str
    change_password: str
    change_password_with: Mapping[str, object]
    change_password_by: str
    delete_account: str
    delete_account_with: Mapping[str, object]
    delete_account_by: str
    items: str
    item: Mapping[str, object]
    id: str
    change: Mapping[str, object]
    change_by: str
    invalid: Mapping[str, object]
    events: str
    metrics: str
    log: tuple[str, ...]
    signing_key: str
    origins: str
    journey: tuple[Mapping[str, str], ...]

    @property
    def guarded(self) -> str:
        """A path that opens to a token alone; "" when none is known."""
        return self.me or self.items


@dataclass(frozen=True, kw_only=True)
class Address:
    """A host and a port, as in `127.0.0.1:5557`."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ValueError with a sentence on what is wrong."""
        host, _, port = text.rpartition(":")
        if not _HOST.fullmatch(host) or not port.isdecimal() or not 1024 <= int(port) <= _MOST_PORT:
            raise ValueError(f"{text!r} is not a host and a port from 1024 to {_MOST_PORT}, such as 127.0.0.1:5557")
        return cls(host=host, port=int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class LoadConfig:
    """The load of a verification, and what must hold under it.

    Closed model: `users` who each wait for their answer; open model: `rate` arrivals a second, whatever the answers
    do. Each lasts `seconds`. Budgets in milliseconds; `errors` is a share of requests, `throughput` requests a second.
    The load comes from `processes` of this machine; that of the command `load` from those of each of so many other
    `machines`, if there are any, that join this one where it listens: on the port of `listen` for the closed model, on
    the next one for the open model.
    """

    users: int
    rate: int
    seconds: float
    processes: int
    machines: int
    listen: Address
    p50: float
    p95: float
    p99: float
    errors: float
    throughput: float


@dataclass(frozen=True, kw_only=True)
class AuditConfig:
    """Where known vulnerabilities are asked for: an address that speaks OSV's query. `ignore` are ids of advisories."""

    source: str
    ignore: tuple[str, ...]
