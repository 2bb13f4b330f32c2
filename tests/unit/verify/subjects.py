"""A deployment that answers what a test says, as the checks see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2

from deploy.config import Config
from deploy.verify.accounts import Accounts
from deploy.verify.app import App
from deploy.verify.machine import Machine
from deploy.verify.subject import Subject
from deploy.verify.tools import Tools
from tests.unit.ground.builders import configured
from tests.unit.verify.builders import URL

Answer = Callable[[httpx2.Request], httpx2.Response]
NO_TOOLS = Tools(python=None, chromium=None, missing="no tools here")


@dataclass
class People:
    """An app with accounts alone: `users` are name and password, `refused` what each path answers instead of working.

    Of several answers for a path each is given once, and then it works.
    """

    users: dict[str, str] = field(default_factory=dict)
    refused: dict[str, list[httpx2.Response]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.asked.append((request.method, path))
        if waiting := self.refused.get(path):
            return waiting.pop(0)
        match path.rpartition("/")[2]:
            case "register":
                body = _json(request)
                self.users[body["username"]] = body["password"]
                return httpx2.Response(201, json={"username": body["username"]})
            case "login":
                form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
                return self._log_in(form["username"], form["password"])
            case "delete":
                name = request.headers["Authorization"].removeprefix("Bearer access-")
                del self.users[name]
                return httpx2.Response(204)
        return httpx2.Response(404)

    def _log_in(self, name: str, password: str) -> httpx2.Response:
        if self.users.get(name) != password:
            return httpx2.Response(401, json={"detail": "No"})
        return httpx2.Response(200, json={"access_token": f"access-{name}", "refresh_token": f"refresh-{name}"})


def always(status: int, **options: Any) -> Answer:
    return lambda _: httpx2.Response(status, **options)


def not_yet(seconds: int) -> httpx2.Response:
    return httpx2.Response(429, headers={"Retry-After": str(seconds)})


@contextmanager
def subject(root: Path, answer: Answer, *, toml: str = "", **changes: Any) -> Iterator[Subject]:
    """`answer` is the app; `toml` stands above the target in its deploy.toml. Nobody waits for anything."""
    config = scenario(root, toml)
    with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
        site = App(URL, client)
        given: dict[str, Any] = {
            "site": site,
            "place": "space",
            "app": config.app,
            "scenario": config.scenario,
            "load": config.load,
            "tools": NO_TOOLS,
            "folder": root / "evidence",
            "accounts": Accounts(site, config.scenario, sleep=lambda _: None),
            "machine": Machine(busy=lambda _: 0.0),
        }
        yield Subject(**{**given, **changes})


def scenario(root: Path, toml: str = "") -> Config:
    return configured(root, f'{toml}\n[targets.local]\nhub = "local"\nspace = "local/tasks"\n')


def _json(request: httpx2.Request) -> dict[str, str]:
    found: dict[str, str] = json.loads(request.content)
    return found
