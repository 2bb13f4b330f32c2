"""Two processes of the backend on the same data."""

from __future__ import annotations

import pytest

from tests.integration.backend.conftest import Prepare

TASKS = "/api/v1/tasks"


@pytest.mark.parametrize("kept_in", ["sqlite", "postgres"], indirect=True)
def test_replicas_that_start_together_make_one_set_of_tables(prepare: Prepare, kept_in: dict[str, str]) -> None:
    replicas = [prepare(**kept_in) for _ in range(3)]
    shared = replicas[0].environ["DATA_DIR"]
    for replica in replicas:
        replica.environ = {**replica.environ, "DATA_DIR": shared}
        replica.launch()
    for replica in replicas:
        replica.await_start()

    first = replicas[0].sign_up("ann")
    made = first.post(TASKS, json={"title": "Seen by all"}).raise_for_status().json()

    for replica in replicas:
        assert replica.client(headers=first.headers).get(f"{TASKS}/{made['id']}").json() == made
        assert "Traceback" not in replica.log
