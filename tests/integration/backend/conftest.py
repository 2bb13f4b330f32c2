"""The backend as a real process, on a SQLite file or a real PostgreSQL database of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from tests.real.backend import Backend, prepared_backend
from tests.real.postgres import Postgres, find_programs, running_postgres

Prepare = Callable[..., Backend]


@pytest.fixture
def prepare(tmp_path: Path) -> Iterator[Prepare]:
    """Makes servers ready to start, with these variables of the environment beside their own."""
    with ExitStack() as stack:
        names = iter(range(100))

        def prepare(**environ: str) -> Backend:
            return stack.enter_context(prepared_backend(tmp_path / f"backend-{next(names)}", environ))

        yield prepare


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"test_{uuid4().hex}"
    postgres.create(name)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def mortal_postgres() -> Iterator[Postgres]:
    """A server for this test alone, which may be killed: what it has acknowledged is on the disk."""
    with running_postgres(find_programs(), durable=True) as server:
        server.create("tasks")
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def kept_in(request: pytest.FixtureRequest) -> dict[str, str]:
    """Variables for a server whose data is in the one and in the other."""
    return {} if request.param == "sqlite" else {"DATABASE_URL": request.getfixturevalue("database")}
