"""The load: visitors who list, read and make things. Locust runs this file in a process of its own.

Imported by nothing: Locust changes the standard library's sockets as soon as it is imported.
"""

from __future__ import annotations

import json
import os

from locust import FastHttpUser, constant_pacing, constant_throughput, task

PLAN = json.loads(os.environ["SPACEWRIGHT_LOAD"])
"""items (path), item (body), headers, open (bool), pace (seconds between one open visitor's requests)."""

PER_LISTING = 8
"""Listings for each thing that is made, read and deleted."""


class Visitor(FastHttpUser):
    """In the closed model the next request follows the answer; in the open one it comes when its time has come."""

    wait_time = constant_pacing(PLAN["pace"]) if PLAN["open"] else constant_throughput(1_000)
    network_timeout = 30.0
    connection_timeout = 10.0

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
        path = f"{PLAN['items']}/{made.json()['id']}"
        self.client.get(path, headers=PLAN["headers"], name="read")
        self.client.delete(path, headers=PLAN["headers"], name="delete")
