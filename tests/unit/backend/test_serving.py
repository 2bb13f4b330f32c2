"""What a deploy and a platform see: start, health, revision, front page, where the data is."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app.config import Settings, SettingsError, load_settings
from app.data.database import database_url, open_engine, storage
from app.factory import create_app, read_revision

LogIn = Callable[[str], dict[str, str]]
KEY = {"JWT_KEY_A": "a" * 32}


def test_it_tells_that_it_serves_and_which_revision(client: TestClient, settings: Settings) -> None:
    kept = storage(database_url(settings))
    assert client.get("/health").json() == {"status": "ok", "revision": "5e1f", "storage": kept}
    assert client.get("/version").json() == {"revision": "5e1f"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_front_page_answers(client: TestClient, method: str) -> None:
    assert client.request(method, "/").status_code == 200


def test_the_links_of_the_front_page_lead_somewhere(client: TestClient) -> None:
    page = client.get("/").text
    links = [part.partition('"')[0] for part in page.split('href="')[1:]]
    assert {"docs", "openapi.json", "health", "version"} == set(links)
    assert {client.get(f"/{link}").status_code for link in links} == {200}


def test_the_revision_is_read_from_its_file(tmp_path: Path) -> None:
    assert read_revision(tmp_path) == "unknown"
    (tmp_path / "REVISION").write_text("5e1f\n")
    assert read_revision(tmp_path) == "5e1f"


def test_making_the_app_leaves_no_trace(backend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_KEY_A", "a" * 32)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    app = runpy.run_path(str(backend / "main.py"))["app"]
    assert app.title == "Task service"
    assert not (tmp_path / "data").exists()


def test_a_server_that_cannot_start_says_why_in_one_line(backend: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("JWT_", "APP_ENV"))}
    server = [sys.executable, "-m", "uvicorn", "main:app", "--port", "0"]
    ended = subprocess.run(server, cwd=backend, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "cannot start: JWT_KEY_A is missing: set it to a secret of at least 32 bytes\n"


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, "JWT_KEY_A is missing: set it to a secret of at least 32 bytes"),
        ({"JWT_KEY_A": ""}, "JWT_KEY_A is missing: set it to a secret of at least 32 bytes"),
        ({"JWT_KEY_A": "k" * 31}, "JWT_KEY_A is too short: 31 bytes, at least 32 needed"),
        ({"JWT_KEY_B": "k" * 31}, "JWT_KEY_B is too short: 31 bytes, at least 32 needed"),
        ({"JWT_ACTIVE": "B"}, "JWT_ACTIVE is B, but JWT_KEY_B is not set"),
        ({"JWT_ACTIVE": "C"}, "JWT_ACTIVE Input should be 'A' or 'B'"),
        ({"DATABASE_URL": "sekret"}, "DATABASE_URL is not a database address"),
        ({"DATABASE_URL": "mysql://u:sekret@h/d"}, "DATABASE_URL must start with postgresql:// or sqlite://"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must name a file, such as sqlite:////data/tasks.sqlite3"),
    ],
)
def test_a_wrong_setting_is_named_and_no_value_shown(environ: dict[str, str], line: str) -> None:
    complete = environ if set(environ) <= {"JWT_KEY_A"} else KEY | environ
    with pytest.raises(SettingsError) as refused:
        load_settings(complete)
    assert str(refused.value) == f"cannot start: {line}"


def test_all_wrong_settings_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({"JWT_KEY_A": "sekret", "ACCESS_TOKEN_MINUTES": "sekret"})
    lines = str(refused.value).splitlines()
    assert [line.split()[2] for line in lines] == ["JWT_KEY_A", "ACCESS_TOKEN_MINUTES"]
    assert "sekret" not in str(refused.value)


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    names = ("JWT_KEY_B", "JWT_ACTIVE", "ACCESS_TOKEN_MINUTES", "DATABASE_URL", "DATA_DIR", "CORS_ORIGINS")
    assert load_settings(KEY | dict.fromkeys(names, "")) == load_settings(KEY)


def test_development_makes_do_without_a_key_and_never_with_the_same() -> None:
    first, second = (load_settings({"APP_ENV": "development", "JWT_KEY_A": short}) for short in ("", "short"))
    assert len(first.signing_keys["A"]) >= 32
    assert first.signing_keys != second.signing_keys
    assert load_settings({"APP_ENV": "development"} | KEY).signing_keys == {"A": "a" * 32}


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(load_settings(KEY | {"DATABASE_URL": "postgres://u:sekret@h/d"}))
    assert "sekret" not in shown
    assert "a" * 32 not in shown


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
