"""Processes of the backend on the same data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from tests.integration.backend.conftest import Prepare

BACKEND = Path(__file__).resolve().parents[3] / "backend"
TASKS = "/api/v1/tasks"
MIGRATES = """
import sys
from sqlalchemy import make_url
from app.data.database import open_engine
from app.data.migrating import migrate
engine = open_engine(make_url(sys.argv[1]))
engine.connect().close()
print("ready", flush=True)
sys.stdin.read(1)
migrate(engine)
"""


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


@pytest.mark.parametrize("kept_in", ["sqlite", "postgres"], indirect=True)
def test_processes_that_migrate_at_the_same_moment_take_turns(kept_in: dict[str, str], tmp_path: Path) -> None:
    address = URL.create("sqlite", database=str(tmp_path / "tasks.sqlite3"))
    if kept_in:
        address = make_url(kept_in["DATABASE_URL"]).set(drivername="postgresql+psycopg")
    argv = [sys.executable, "-c", MIGRATES, address.render_as_string(hide_password=False)]
    pipe = subprocess.PIPE
    starters = [subprocess.Popen(argv, cwd=BACKEND, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    for starter in starters:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "ready\n"

    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write("x")
        starter.stdin.flush()
    ended = [starter.communicate(timeout=60)[1] for starter in starters]

    assert [starter.returncode for starter in starters] == [0, 0, 0], ended
    engine = create_engine(address)
    with engine.connect() as connection:
        revisions = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    engine.dispose()
    newest = max(path.name[:4] for path in (BACKEND / "migrations" / "versions").glob("0*.py"))
    assert revisions == [newest]
