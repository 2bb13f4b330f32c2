"""What a deploy and a platform see: start, health, revision, front page, where the data is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.api import system
from app.config import Settings, load_settings
from app.data.database import database_url, open_engine, storage
from app.factory import create_app, read_revision
from tests.unit.backend.keys import KEYS

LogIn = Callable[[str], dict[str, str]]
KEY = {"JWT_KEY_A": KEYS["A"]}


def test_it_tells_that_it_serves_and_which_revision(client: TestClient, settings: Settings) -> None:
    kept = storage(database_url(settings))
    assert client.get("/health").json() == {"status": "ok", "revision": "5e1f", "storage": kept}
    assert client.get("/version").json() == {"revision": "5e1f"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_front_page_answers(client: TestClient, method: str) -> None:
    answer = client.request(method, "/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert bool(answer.content) == (method == "GET")


def test_what_the_front_page_needs_is_there(client: TestClient) -> None:
    links = re.findall(r'(?:href|src)="([^"#]*)"', client.get("/").text)
    assert any(link.startswith("assets/") for link in links)
    assert {link: client.get(f"/{link}").status_code for link in links} == dict.fromkeys(links, 200)


def test_a_file_of_the_page_is_asked_for_again_and_sent_when_it_changed(client: TestClient) -> None:
    first = client.get("/assets/icon.svg")
    again = client.get("/assets/icon.svg", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.headers["Cache-Control"], first.headers["Content-Type"]) == ("no-cache", "image/svg+xml")
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/assets/../../main.py", "/assets/..%2f..%2fmain.py", "/%2e%2e/main.py", "//etc/passwd", "/assets/%00"]
)
def test_nothing_outside_of_the_page_is_a_file_of_it(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_it_is_live_and_ready(client: TestClient) -> None:
    answers = [client.get(f"/health/{question}") for question in ("live", "ready")]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"status": "ok"})] * 2


def test_without_its_database_it_is_live_and_not_ready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(system, "_ask", gone)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/health/live").status_code == 200
    assert client.get("/health").status_code == 200


def test_a_database_that_takes_its_time_is_not_waited_for(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(system, "_ask", lambda _connection: answered.wait(60))
    monkeypatch.setattr(system, "DATABASE_PATIENCE_S", 0)
    answer = client.get("/health/ready")
    answered.set()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_while_it_stops_it_is_live_and_not_ready(client: TestClient) -> None:
    client.app_state["services"].stop()
    assert [client.get(f"/health/{question}").status_code for question in ("live", "ready")] == [200, 503]


def test_the_revision_is_read_from_its_file(tmp_path: Path) -> None:
    assert read_revision(tmp_path) == "unknown"
    (tmp_path / "REVISION").write_text("5e1f\n")
    assert read_revision(tmp_path) == "5e1f"


def test_making_the_app_leaves_no_trace(backend: Path, tmp_path: Path) -> None:
    environ = os.environ | {"JWT_KEY_A": KEYS["A"], "DATA_DIR": str(tmp_path / "data")}
    made = subprocess.run(
        [sys.executable, "-c", "import main; print(main.app.title)"],
        cwd=backend,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.stdout, made.stderr) == ("Task service\n", "")
    assert not (tmp_path / "data").exists()


def test_data_outlives_the_process(settings: Settings, password: str) -> None:
    for status in (201, 409):
        with TestClient(create_app(settings)) as client:
            body = {"username": "ann", "password": password}
            assert client.post("/api/v1/auth/register", json=body).status_code == status


def test_without_a_place_data_goes_to_a_private_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    url = database_url(load_settings(KEY))
    assert storage(url) == "ephemeral"
    open_engine(url).dispose()
    folder = Path(str(url.database)).parent
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("environ", "url", "kept"),
    [
        ({"DATA_DIR": "/data"}, "sqlite:////data/tasks.sqlite3", "durable"),
        ({"DATABASE_URL": "sqlite:////data/x.db", "DATA_DIR": "/tmp"}, "sqlite:////data/x.db", "durable"),
        ({"DATABASE_URL": "sqlite:////tmp/x.db"}, "sqlite:////tmp/x.db", "ephemeral"),
        ({"DATABASE_URL": "postgres://u:p@h/d"}, "postgresql+psycopg://u:p@h/d", "durable"),
        ({"DATABASE_URL": "postgresql://u:p@h/d"}, "postgresql+psycopg://u:p@h/d", "durable"),
    ],
)
def test_where_the_data_is(environ: dict[str, str], url: str, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    found = database_url(load_settings(KEY | environ))
    assert found == make_url(url)
    assert storage(found) == kept


def test_sqlite_is_opened_for_many_readers_and_with_its_foreign_keys(tmp_path: Path) -> None:
    engine = open_engine(URL.create("sqlite", database=str(tmp_path / "tasks.sqlite3")))
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "busy_timeout": 5000, "foreign_keys": 1}


def test_an_error_of_the_database_does_not_show_what_was_written(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError) as failed:
        connection.execute(text("INSERT INTO missing VALUES (:value)"), {"value": "sekret"})
    assert "sekret" not in str(failed.value)


def test_a_server_is_asked_before_a_connection_is_used_again() -> None:
    engine = open_engine(make_url("postgresql+psycopg://u:p@127.0.0.1:1/d"))
    assert engine.driver == "psycopg"
    assert engine.pool._pre_ping


def test_more_requests_than_connections_and_threads_wait_for_their_turn(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    with ThreadPoolExecutor(80) as threads:
        answers = list(threads.map(lambda _: client.get("/api/v1/tasks", headers=ann), range(160)))
    assert {answer.status_code for answer in answers} == {200}
