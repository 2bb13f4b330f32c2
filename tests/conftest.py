"""For all tests: nothing of this machine's accounts gets in, real servers are started when one is asked for, and unit
tests go before those that take their time."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.needs import required
from tests.together import Together, place_of

if TYPE_CHECKING:
    from tests.real.postgres import Postgres
    from tests.real.redis import Redis

TESTS = Path(__file__).parent
_PERSONAL = ("HF_", "HUGGING", "GITHUB_", "SPACEWRIGHT_", "INVOKE_")
"""Beginnings of variables that hold a person's tokens or say that this is CI."""
_HUB = "https://huggingface.co"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="what the backend's unit tests keep their data in; with postgres, only those run that keep some",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported: huggingface_hub reads its settings only once."""
    required()
    # Ignored in whatever a script runs in the background, and what a test starts would ignore it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.startswith(_PERSONAL)]:
        del os.environ[name]
    # Where it is set, every process that a test starts compiles anew all that it imports, and so do we.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    folder = tempfile.TemporaryDirectory(prefix="spacewright-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["HF_HOME"] = folder.name
    # Else the first request of a run is followed or led by one of the library's own, to the real Hub.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return Together(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly has shuffled: its order is kept among the unit tests, and among the others, of which those
    that stay together and so last longest begin."""

    def later(item: pytest.Item) -> tuple[bool, bool]:
        return not item.path.is_relative_to(TESTS / "unit"), place_of(item.nodeid) is None

    items.sort(key=later)


@pytest.fixture(autouse=True)
def _hub_put_back() -> Iterator[None]:
    """huggingface_hub has one client and one Hub for the whole process: what a test makes of them ends with it."""
    yield
    constants: Any = sys.modules.get("huggingface_hub.constants")
    if constants:
        constants.ENDPOINT = _HUB
    http = sys.modules.get("huggingface_hub.utils._http")
    if http and http._GLOBAL_CLIENT_FACTORY is not http.default_client_factory:
        http.set_client_factory(http.default_client_factory)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL for all tests of a worker, each of which makes a database of its own in it."""
    from tests.real.postgres import find_programs, running_postgres

    with running_postgres(find_programs()) as server:
        yield server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """Redis for this test alone: it is up sooner than it would be emptied."""
    from tests.real.redis import find_program, running_redis

    with running_redis(find_program(), tmp_path) as server:
        yield server
