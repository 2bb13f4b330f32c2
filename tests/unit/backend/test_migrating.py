"""Migrations at the start: taking turns, what is kept, what is refused, and a database that is not there yet."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Engine, Executable, insert, inspect, make_url, select, text

from app.data import database, listing
from app.data import sessions as sessions_data
from app.data import users as users_data
from app.data.database import open_engine
from app.data.errors import CannotStart
from app.data.filters import Filters
from app.data.migrating import MIGRATIONS, migrate, migrate_when_up
from app.data.tables import metadata, tasks, users, utc_now
from tests.real.postgres import Postgres

NEWEST = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("0*.py"))


@pytest.fixture
def empty(request: pytest.FixtureRequest, environ: dict[str, str], tmp_path: Path) -> Iterator[URL]:
    """The address of a database without any tables. `environ` is asked for as it says that this test keeps data."""
    if "DATABASE_URL" not in environ:
        yield URL.create("sqlite", database=str(tmp_path / "empty" / "tasks.sqlite3"))
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"empty_{uuid4().hex}"
    server.create(name)
    yield make_url(server.url(name)).set(drivername="postgresql+psycopg")
    server.drop(name)


@pytest.fixture
def bare(empty: URL) -> Iterator[Engine]:
    engine = open_engine(empty)
    yield engine
    engine.dispose()


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test may add."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


@pytest.fixture
def add_migration(migrations: Path) -> Callable[[str], Path]:
    def add_migration(upgrade: str) -> Path:
        head = ("import sqlalchemy as sa", "from alembic import op", "revision = '9999'")
        code = "\n".join((*head, f"down_revision = '{NEWEST}'", "def upgrade():\n"))
        body = "".join(f"    {line}\n" for line in upgrade.splitlines())
        (migrations / "versions" / "9999_added.py").write_text(code + body)
        return migrations

    return add_migration


def revision_of(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def run(engine: Engine, statement: Executable) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(statement)


def test_a_new_database_gets_exactly_the_tables_that_the_code_knows(bare: Engine) -> None:
    migrate(bare)
    with bare.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_not_the_word_index})
        assert compare_metadata(context, metadata) == []


def _is_not_the_word_index(name: str | None, kind: str, _parents: object) -> bool:
    """SQLite's index of words is a table to Alembic, and PostgreSQL's an index on an expression."""
    return not str(name).startswith(("task_words", "ix_tasks_words"))


def test_nothing_happens_to_a_database_that_is_up_to_date(bare: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "app.data.migrating"):
        migrate(bare)
        migrate(bare)
    assert caplog.messages == [f"the database went from migration none to {NEWEST}"]


def test_threads_that_start_together_take_turns(empty: URL) -> None:
    engines = [open_engine(empty) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, engines))
    assert {revision_of(engine) for engine in engines} == {NEWEST}
    for engine in engines:
        engine.dispose()


def test_a_database_from_before_there_were_migrations_is_adopted_with_what_it_holds(
    bare: Engine, migrations: Path
) -> None:
    for later in (migrations / "versions").glob("0*.py"):
        if not later.name.startswith("0001"):
            later.unlink()
    migrate(bare, folder=migrations)
    run(bare, text("DROP TABLE alembic_version"))
    ann, task, then = UUID(int=1), UUID(int=2), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    run(bare, insert(users).values(id=ann, username="ann", password_hash="x", created_at=then))
    own = {"id": task, "owner_id": ann, "title": "Write", "notes": "", "status": "done"}
    run(bare, insert(tasks).values(**own, created_at=then, updated_at=then))
    more = [{**own, "id": uuid4(), "title": f"Écrit {number}", "status": "todo"} for number in range(600)]
    run(bare, insert(tasks).values([{**row, "created_at": then, "updated_at": then} for row in more]))

    migrate(bare)

    assert revision_of(bare) == NEWEST
    with bare.connect() as connection:
        kept = connection.execute(select(tasks).where(tasks.c.id == task)).one()
        (person,) = connection.execute(select(users)).all()
        by_title = listing.page(connection, ann, limit=700, order=listing.Order(by="title", descending=True))[0]
        found = listing.page(connection, ann, limit=9, filters=Filters(text="ECRIT 599"))[0]
    assert (kept.id, kept.title, kept.tags, kept.version, kept.completed_at) == (task, "Write", [], 0, then)
    assert (person.id, person.username, person.changes, person.task_count) == (ann, "ann", 0, 601)
    assert [row.title for row in by_title] == ["Write", *sorted((str(row["title"]) for row in more), reverse=True)]
    assert [row.title for row in found] == ["Écrit 599"]


def test_a_newer_database_is_refused_and_left_alone(bare: Engine) -> None:
    migrate(bare)
    run(bare, text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CannotStart) as refused:
        migrate(bare)
    assert str(refused.value).startswith("cannot start: the database is at migration 9999, which this release does")
    assert "\n" not in str(refused.value)
    assert revision_of(bare) == "9999"


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    bare: Engine, add_migration: Callable[[str], Path]
) -> None:
    migrate(bare)
    before = inspect(bare).get_table_names()
    folder = add_migration(
        "op.execute('CREATE TABLE half (id INTEGER)')\nop.execute(\"INSERT INTO nowhere VALUES ('sekret')\")"
    )
    with pytest.raises(CannotStart, match=r"^cannot start: the database refuses the migrations: .*nowhere") as refused:
        asyncio.run(migrate_when_up(bare, patience=60, folder=folder, sleep=never))
    assert "\n" not in str(refused.value)
    assert "sekret" not in str(refused.value)
    assert inspect(bare).get_table_names() == before
    assert revision_of(bare) == NEWEST


def test_a_table_that_is_made_anew_does_not_take_along_what_refers_to_it(
    bare: Engine, add_migration: Callable[[str], Path]
) -> None:
    migrate(bare)
    now = utc_now()
    with bare.execution_options(writes=True).begin() as connection:
        ann = users_data.add(connection, "ann", "x")
        sessions_data.start(connection, ann.id, now=now, until=now + timedelta(days=1))
    folder = add_migration(
        "with op.batch_alter_table('users') as batch:\n"
        "    batch.alter_column('username', type_=sa.String(300), existing_type=sa.String(254))"
    )
    migrate(bare, folder=folder)
    with bare.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sessions")) == 1
        if bare.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_migration_that_would_leave_rows_without_their_user_is_refused(
    bare: Engine, add_migration: Callable[[str], Path]
) -> None:
    migrate(bare)
    stray = (
        'op.execute("INSERT INTO removals (owner_id, version, task_id) VALUES '
        "('00000000000000000000000000000001', 1, '00000000000000000000000000000002')\")"
    )
    with pytest.raises(CannotStart):
        asyncio.run(migrate_when_up(bare, patience=60, folder=add_migration(stray), sleep=never))
    assert revision_of(bare) == NEWEST


async def never(_seconds: float) -> None:
    raise AssertionError("it waited")


def test_a_database_that_comes_up_late_is_waited_for(
    bare: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On SQLite somebody else holds it, on PostgreSQL the server knows no such database."""
    sleeps: list[float] = []
    with _out_of_reach(bare, monkeypatch) as (engine, bring_back):

        async def sleep(seconds: float) -> None:
            sleeps.append(seconds)
            if len(sleeps) == 2:
                bring_back()

        with caplog.at_level(logging.WARNING, "app.data.migrating"):
            asyncio.run(migrate_when_up(engine, patience=60, sleep=sleep))
        assert revision_of(engine) == NEWEST
    assert sleeps == [1, 1]
    (said,) = caplog.messages
    assert said.startswith("the database does not answer; asking again for 60 s: ")


@contextmanager
def _out_of_reach(bare: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Engine, Callable[[], object]]]:
    if bare.dialect.name == "sqlite":
        monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 1)
        with bare.connect() as holder:
            holder.exec_driver_sql("CREATE TABLE held (id INTEGER)")
            holder.commit()
            holder.exec_driver_sql("INSERT INTO held VALUES (1)")
            other = open_engine(bare.url)
            yield other, holder.rollback
        other.dispose()
        return
    name = f"late_{uuid4().hex}"
    late = open_engine(bare.url.set(database=name))

    def make() -> None:
        with bare.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")

    yield late, make
    late.dispose()
    with bare.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")


def test_a_database_that_never_answers_ends_the_start_in_one_line_without_its_password() -> None:
    engine = open_engine(make_url("postgresql+psycopg://ann:sekret@127.0.0.1:1/d"))
    now = iter(range(100))

    async def sleep(_seconds: float) -> None:
        """The clock moves by itself."""

    with pytest.raises(CannotStart) as refused:
        asyncio.run(migrate_when_up(engine, patience=3, sleep=sleep, clock=lambda: next(now)))
    assert str(refused.value).startswith("cannot start: the database did not answer for 3 s: connection")
    assert "sekret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert next(now) == 4  # begun at 0, and asked until 3


def test_a_file_that_is_no_database_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "tasks.sqlite3").write_bytes(b"not a database, and longer than its header would be" * 20)
    engine = open_engine(URL.create("sqlite", database=str(tmp_path / "tasks.sqlite3")))
    with pytest.raises(CannotStart, match="file is not a database"):
        asyncio.run(migrate_when_up(engine, patience=60, sleep=never))
