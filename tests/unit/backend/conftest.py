"""The backend, in process, on a SQLite file of each test's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

BACKEND = Path(__file__).resolve().parents[3] / "backend"
sys.path.insert(0, str(BACKEND))  # as in the image, where the source is the root

from fastapi.testclient import TestClient  # noqa: E402

from app.config import Settings, load_settings  # noqa: E402
from app.factory import create_app  # noqa: E402

LogIn = Callable[[str], dict[str, str]]


@pytest.fixture
def backend() -> Path:
    """The folder that is shipped."""
    return BACKEND


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"JWT_KEY_A": "a" * 32, "DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return load_settings(environ)


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
