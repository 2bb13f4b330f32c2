"""The users that requests are made as: registered and logged in over the API, as anybody would be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.load.servers import Server, call
from benchmarks.load.streams import request

TASKS = 20
PASSWORD = "three plain words of a benchmark"  # noqa: S105 - of users that live as long as a temporary folder
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
TASK = {
    "title": "Write down what was measured",
    "notes": "The machine, the versions, how long, how often; and what was left out.",
    "priority": "high",
    "due": "2030-01-31",
    "tags": ["writing", "numbers"],
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user with TASKS tasks. Each comes from an address of its own, as limits by address count them."""

    name: str
    address: str
    token: str = field(repr=False)
    tasks: tuple[str, ...]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "X-Forwarded-For": self.address}

    def listing(self) -> str:
        return request("GET", "/api/v1/tasks?limit=20", headers=self.headers)

    def reading(self) -> list[str]:
        """One request for each of the tasks."""
        return [request("GET", f"/api/v1/tasks/{task}", headers=self.headers) for task in self.tasks]

    def creating(self) -> str:
        return request("POST", "/api/v1/tasks", headers=self.headers | JSON, body=json.dumps(TASK))

    def logging_in(self) -> str:
        headers = {"X-Forwarded-For": self.address} | FORM
        return request("POST", "/api/v1/auth/login", headers=headers, body=_login(self.name))


def arrive(server: Server, count: int, *, tasks: int = TASKS) -> list[Person]:
    """`count` new users with `tasks` tasks each."""
    return [_register(server, number, tasks) for number in range(count)]


def _register(server: Server, number: int, tasks: int) -> Person:
    name, address = f"person-{number}", f"10.1.{number // 250}.{number % 250 + 1}"
    came_from = {"X-Forwarded-For": address}
    account = json.dumps({"username": name, "password": PASSWORD})
    _ask(server, "/api/v1/auth/register", account, came_from | JSON, 201)
    token = _ask(server, "/api/v1/auth/login", _login(name), came_from | FORM, 200)["access_token"]
    headers = {"Authorization": f"Bearer {token}"} | came_from | JSON
    made = [_ask(server, "/api/v1/tasks", json.dumps(TASK), headers, 201)["id"] for _ in range(tasks)]
    return Person(name=name, address=address, token=token, tasks=tuple(made))


def _login(name: str) -> str:
    return urlencode({"username": name, "password": PASSWORD})


def _ask(server: Server, path: str, body: str, headers: Mapping[str, str], expected: int) -> dict[str, str]:
    status, answer = call(server.port, "POST", path, body, tuple(headers.items()))
    if status != expected:
        raise SystemExit(f"{server.contestant.name}: POST {path} answered {status}: {answer[:500]}")
    document: dict[str, str] = json.loads(answer)
    return document
