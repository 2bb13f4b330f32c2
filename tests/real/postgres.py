"""A PostgreSQL server of a test's own: a temporary folder, a port of loopback, and nothing that outlives it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from deploy.localhub.runtime.programs.processes import descendants
from tests.needs import missing
from tests.real.processes import LOOPBACK, await_start, end, free_port, is_gone, until

OWNER = "spacewright"
_PASSWORD = "opens-nothing"
_NOBODY: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
"""PostgreSQL refuses to run as root."""
_FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def find_programs() -> Path:
    """The folder of `initdb` and `postgres`; Debian keeps them off PATH, by version."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else missing("postgres", "there is no initdb")


@dataclass(kw_only=True)
class Postgres:
    """One server. It may be stopped or killed, and started again on what it kept."""

    programs: Path
    folder: Path
    port: int
    durable: bool
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def url(self, database: str) -> str:
        """As a provider of databases hands it out, with a password that a log must not show."""
        return f"postgresql://{OWNER}:{_PASSWORD}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        listening = ("-c", f"listen_addresses={LOOPBACK}", "-c", f"port={self.port}", "-k", str(self.folder))
        argv = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *listening]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*argv, *(() if self.durable else _FAST)], stdout=log, stderr=log, cwd=self.folder, **_NOBODY
            )
        await_start(self._process, self._accepts, self._log)

    def stop(self) -> None:
        """End every session and the server ("fast shutdown")."""
        if self._process is not None:
            end(self._process, signal.SIGINT)

    def kill(self) -> None:
        """As when the machine dies: no process of the server gets to do anything more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # else it could start one more while they are counted
        family = descendants(self._process.pid)
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        assert until(lambda: all(map(is_gone, family)))

    def create(self, database: str, template: str = "template1") -> None:
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template))
        )

    def drop(self, database: str) -> None:
        """Drop it, whoever is still connected to it."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def locked(self, database: str, table: str) -> Iterator[None]:
        """Everybody else waits for this table, until the end or until the server dies."""
        connection = psycopg.connect(self.url(database))
        try:
            connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
            yield
        finally:
            connection.close()

    def waiting(self) -> int:
        """How many sessions wait for somebody else's lock."""
        return self._sessions(sql.SQL("wait_event_type = 'Lock'"))

    def listening(self) -> int:
        """How many sessions wait for what others announce."""
        return self._sessions(sql.SQL("query LIKE 'LISTEN %'"))

    def _sessions(self, where: sql.SQL) -> int:
        count = sql.SQL("SELECT count(*) FROM pg_stat_activity WHERE {}").format(where)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            row = connection.execute(count).fetchone()
        return int(row[0]) if row else 0

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _accepts(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(programs: Path, *, durable: bool = False) -> Iterator[Postgres]:
    """A server with no database of ours yet; fast rather than durable where nobody is going to kill it."""
    # Not among pytest's folders: those are closed to the user whom PostgreSQL has to run as.
    with tempfile.TemporaryDirectory(prefix="spacewright-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if _NOBODY:
            shutil.chown(folder, _NOBODY["user"], _NOBODY["group"])
        server = Postgres(programs=programs, folder=folder, port=free_port(), durable=durable)
        _make_cluster(server)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _make_cluster(server: Postgres) -> None:
    """One that sorts as people do, like those that providers of databases make: nothing may lean on byte order."""
    password = server.folder / "password"
    password.write_text(_PASSWORD)
    password.chmod(0o644)
    sorting = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
    access = (f"--username={OWNER}", f"--pwfile={password}", "--auth=scram-sha-256")
    argv = [str(server.programs / "initdb"), "--no-sync", "-D", str(server.folder / "data"), *sorting, *access]
    made = subprocess.run(argv, capture_output=True, text=True, cwd=server.folder, check=False, **_NOBODY)
    assert made.returncode == 0, made.stdout + made.stderr
