"""The load: visitors who list, read and make things. Locust runs this file in a process of its own.

Imported by nothing: Locust changes the standard library's sockets as soon as it is imported.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from locust import FastHttpUser, constant_pacing, constant_throughput, events, task
from locust.env import Environment
from locust.runners import WorkerRunner

PLAN = json.load(sys.stdin)
"""items (path), item (body), id (field), headers, pace (seconds between one open visitor's requests)."""

PER_LISTING = 8
"""Listings for each thing that is made, read and deleted."""

_AT_ONCE, _IN_TURN = constant_throughput(1_000), constant_pacing(PLAN["pace"])


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def add_model(parser: ArgumentParser) -> None:
    """An option of Locust, as a master hands those to its workers."""
    parser.add_argument("--model", choices=("closed", "open"), default="closed")


@events.init.add_listener  # type: ignore[untyped-decorator]
def tell_figures(environment: Environment, **_: object) -> None:
    """One line with all that was counted, from the process that has it together. Workers say what Locust says, too."""

    def tell(**_: object) -> None:
        sys.stdout.write(json.dumps({"figures": environment.stats.serialize_stats()}) + "\n")

    if not isinstance(environment.runner, WorkerRunner):
        environment.events.quit.add_listener(tell)  # type: ignore[no-untyped-call]


def _proxy(host: str) -> tuple[str | None, int | None]:
    """The environment's, which these visitors do not look at by themselves; they cannot log in to one."""
    address, proxies = urlsplit(host), getproxies()
    chosen = proxies.get(address.scheme) or proxies.get("all")
    if not chosen or proxy_bypass(address.hostname or ""):
        return None, None
    proxy = urlsplit(chosen if "://" in chosen else f"http://{chosen}")
    return proxy.hostname, proxy.port or 80


class Visitor(FastHttpUser):
    """In the closed model the next request follows the answer; in the open one it comes when its time has come."""

    network_timeout = 30.0
    connection_timeout = 10.0

    def __init__(self, environment: Environment) -> None:
        self.proxy_host, self.proxy_port = _proxy(environment.host or "")
        super().__init__(environment)

    def wait_time(self) -> float:
        is_open = self.environment.parsed_options.model == "open"
        return float((_IN_TURN if is_open else _AT_ONCE)(self))

    @task(PER_LISTING)
    def list_things(self) -> None:
        self.client.get(PLAN["items"], headers=PLAN["headers"], name="list")

    @task
    def make_and_delete(self) -> None:
        with self.client.post(
            PLAN["items"], json=PLAN["item"], headers=PLAN["headers"], name="create", catch_response=True
        ) as made:
            if made.status_code not in {200, 201}:
                made.failure(f"status {made.status_code}")
                return
        path = f"{PLAN['items']}/{made.json()[PLAN['id']]}"
        self.client.get(path, headers=PLAN["headers"], name="read")
        self.client.delete(path, headers=PLAN["headers"], name="delete")
