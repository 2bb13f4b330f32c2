"""The backend, in process, on a SQLite file or (`--database postgres`) a PostgreSQL database of each test's own."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from tests.real.backend import UNLIMITED
from tests.real.postgres import Postgres
from tests.unit.backend.keys import KEYS

BACKEND = Path(__file__).resolve().parents[3] / "backend"
sys.path.insert(0, str(BACKEND))  # as in the image, where the source is the root

from fastapi.testclient import TestClient  # noqa: E402
from sqlalchemy import Engine  # noqa: E402

from app.config import Settings, load_settings  # noqa: E402
from app.data.database import database_url, open_engine  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.live.broker import Broker  # noqa: E402
from tests.unit.backend.event_reader import EventReader  # noqa: E402

LogIn = Callable[[str], dict[str, str]]
OpenStream = Callable[..., EventReader]


@pytest.fixture
def backend() -> Path:
    """The folder that is shipped."""
    return BACKEND


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, tests that keep no data would only say again what they say anyway."""
    if config.getoption("database") == "postgres":
        without = [item for item in items if "environ" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


@pytest.fixture(scope="session")
def filled_template(postgres: Postgres) -> str:
    """The name of a database with the tables that the app makes at its first start."""
    name = "filled"
    postgres.create(name)
    with TestClient(create_app(load_settings({"JWT_KEY_A": KEYS["A"], "DATABASE_URL": postgres.url(name)}))):
        return name


@pytest.fixture
def postgres_database(postgres: Postgres, filled_template: str) -> Iterator[str]:
    """The address of a database of the test's own."""
    name = f"test_{uuid4().hex}"
    postgres.create(name, filled_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of an app whose data is the test's own. Every test that keeps data asks for this."""
    environ = {"JWT_KEY_A": KEYS["A"], "DATA_DIR": str(tmp_path / "data"), **UNLIMITED}
    if request.config.getoption("database") == "postgres":
        environ["DATABASE_URL"] = request.getfixturevalue("postgres_database")
    return environ


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return load_settings(environ)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The way to the test's own data past the app."""
    engine = open_engine(database_url(settings))
    yield engine
    engine.dispose()


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, revision="5e1f"), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def password() -> str:
    return "correct horse battery"


@pytest.fixture
def log_in(client: TestClient, password: str) -> LogIn:
    """Registers a user of this name, logs in, and gives the headers that prove it."""

    def log_in(username: str) -> dict[str, str]:
        client.post("/api/v1/auth/register", json={"username": username, "password": password}).raise_for_status()
        answer = client.post("/api/v1/auth/login", data={"username": username, "password": password})
        return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}

    return log_in


@pytest.fixture
def requests_logged() -> Iterator[None]:
    """A line a request, as under a server. By setLevel, which also forgets what was enabled before."""
    logger = logging.getLogger("app.edge.outermost")
    logger.setLevel(logging.INFO)
    yield
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def broker(client: TestClient) -> Broker:
    """Of the app behind the client."""
    found: Broker = client.app_state["services"].broker
    return found


@pytest.fixture
def open_stream(client: TestClient) -> Iterator[OpenStream]:
    """Opens streams of events as whoever the headers prove, which are left at the end of the test."""
    with ExitStack() as stack:

        def open_stream(headers: dict[str, str], *, since: object = None, query: str = "") -> EventReader:
            known = {} if since is None else {"Last-Event-ID": str(since)}
            reader = EventReader(client, headers | known, query)
            stack.callback(reader.leave)
            return reader

        yield open_stream
