"""Waiting for a container, with a clock that only moves when the wait sleeps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count, repeat

import pytest

from deploy.config import AppConfig
from deploy.errors import SmokeFailed
from deploy.http import Answer
from deploy.image.container import ContainerState
from deploy.image.diagnosis import SHOWN_LINES, ListensElsewhere
from deploy.image.waiting import Expectation, Wait
from deploy.known_failures import Circumstances
from deploy.logs import end_of
from tests.real.proxy import running_proxy
from tests.real.site import running_site

REVISION = "a" * 40


def telling(revision: str) -> Answer:
    return Answer(status=200, body=f'{{"revision": "{revision}"}}')


GOOD = telling(REVISION)
CLOSED = Answer(silence="closed")
RUNNING = ContainerState(status="running", exit_code=0, oom_killed=False)
GIVEN = Expectation(
    given=4711,
    app_port=7860,
    app=AppConfig(health="/health", version="/version", ready_timeout=60.0, read_only=False),
    revision=REVISION,
)
READ_ONLY = replace(GIVEN, app=replace(GIVEN.app, read_only=True))
UNSET = replace(GIVEN, given=None)


@dataclass
class StageContainer:
    """A container that plays a part. `served` are the ports that answer when asked from the inside.

    `refusing` are those that take no IPv4.
    """

    states: Iterator[ContainerState] = field(default_factory=lambda: repeat(RUNNING))
    table: str | None = ""
    served: tuple[int, ...] = ()
    log: str = "its last line"
    children: Callable[[], Mapping[int, str]] = dict
    refusing: tuple[int, ...] = ()

    def state(self) -> ContainerState:
        return next(self.states)

    def log_tail(self, lines: int) -> str:
        return "\n".join(self.log.splitlines()[-lines:])

    def processes(self) -> Mapping[int, str]:
        return self.children()

    def execute(self, *argv: str) -> str | None:
        if argv[0] == "cat":
            return self.table
        if argv[-1].isdigit():
            return "" if int(argv[-1]) in self.refusing else None
        return "" if any(f":{port}/" in argv[-1] for port in self.served) else None


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def listening(address: str, port: int) -> str:
    return f"   0: {address}:{port:04X} 00000000:0000 0A 0 0 0\n"


def wait(container: StageContainer, *answers: Answer, expect: Expectation = GIVEN, clock: Clock | None = None) -> float:
    """The last of `answers` is repeated for ever."""
    clock = clock or Clock()
    replies = chain(answers, repeat(answers[-1]))
    return Wait(container, expect, lambda: next(replies), clock=clock, sleep=clock.sleep).until_ready()


def failure(
    container: StageContainer, *answers: Answer, expect: Expectation = GIVEN, within: float = 61.5
) -> SmokeFailed:
    clock = Clock()
    with pytest.raises(SmokeFailed) as caught:
        wait(container, *answers, expect=expect, clock=clock)
    assert clock.now - 100.0 <= within
    assert caught.value.cause
    assert "invoke smoke" in (caught.value.next_step or "") or "deploy.toml" in (caught.value.next_step or "")
    assert caught.value.details == end_of(container.log.splitlines(), SHOWN_LINES)
    return caught.value


def test_requests_of_its_own_do_not_push_the_reason_out_of_sight() -> None:
    asked = [f'INFO: 172.17.0.1:{port} - "GET /health HTTP/1.1" 503' for port in range(40_000, 40_060)]
    container = StageContainer(log="\n".join(["no database there", *asked]))
    with pytest.raises(SmokeFailed) as caught:
        wait(container, Answer(status=503))
    assert caught.value.details == ("no database there", asked[0], "… 59 more lines like it")


def test_the_first_good_answer_that_lasts_is_ready() -> None:
    assert wait(StageContainer(), CLOSED, CLOSED, GOOD) == pytest.approx(0.4)


def test_one_good_answer_is_not_enough() -> None:
    assert wait(StageContainer(), GOOD, CLOSED, GOOD) > 1.0


def test_a_container_that_ended_is_told_with_its_code() -> None:
    ended = replace(RUNNING, status="exited", exit_code=3)
    error = failure(StageContainer(states=chain([RUNNING], repeat(ended))), CLOSED, within=1.0)
    assert error.what == "The container ended with code 3, 0.2 s after its start with PORT=4711."


@pytest.mark.parametrize(
    ("state", "log", "said"),
    [
        (replace(RUNNING, status="exited", oom_killed=True, exit_code=137), "", "out of memory"),
        (replace(RUNNING, status="exited", exit_code=1), "RuntimeError: API_KEY is not set", "API_KEY is not set"),
        (replace(RUNNING, status="exited", exit_code=1), "PermissionError: Permission denied: 'x'", "uid 1000"),
        (
            replace(RUNNING, status="exited", exit_code=1),
            "Traceback\nRuntimeError: odd\n",
            "cause: RuntimeError: odd",
        ),
        (replace(RUNNING, status="exited", exit_code=0), "bye", "foreground"),
        (replace(RUNNING, status="exited", exit_code=0), "ERROR:root: cold\nsorted 3 files", "foreground"),
        (
            replace(RUNNING, status="exited", exit_code=0),
            "OSError: no model\nINFO: Stopping",
            "cause: OSError: no model",
        ),
        (replace(RUNNING, status="exited", exit_code=1), "no licence here", "the last it wrote: no licence here"),
        (replace(RUNNING, status="exited", exit_code=1, oom_killed=True), "ValueError: x", "cause: ValueError: x"),
        (replace(RUNNING, status="exited", exit_code=139), "ValueError: x", "SIGSEGV"),
        (replace(RUNNING, status="exited", exit_code=137), "", "killed"),
    ],
    ids=[
        *("oom", "known-failure", "permission", "own-error", "ended-well", "ended-well-after-an-error", "gave-up"),
        *("last-words", "child-out-of-memory", "fault", "killed"),
    ],
)
def test_why_it_ended(state: ContainerState, log: str, said: str) -> None:
    error = failure(StageContainer(states=repeat(state), log=log), CLOSED, within=1.0)
    assert said in f"{error.what} cause: {error.cause}"


@pytest.mark.parametrize(
    "log",
    [
        "OSError: [Errno 30] Read-only file system: 'x'",
        "touch: cannot touch 'x': Read-only file system",
        "sqlite3.OperationalError: attempt to write a readonly database",
        "sqlite3.OperationalError: unable to open database file",
    ],
)
def test_a_read_only_disk_is_blamed_where_it_was_asked_for(log: str) -> None:
    states = repeat(replace(RUNNING, status="exited", exit_code=1))
    asked = failure(StageContainer(states=states, log=log), CLOSED, expect=READ_ONLY, within=1.0)
    assert "read_only = true in deploy.toml" in (asked.cause or "")
    assert "read_only out of deploy.toml" in (asked.next_step or "")
    assert "read_only" not in (failure(StageContainer(states=states, log=log), CLOSED, within=1.0).cause or "")


def test_a_read_only_disk_is_not_blamed_for_another_crash() -> None:
    ended = replace(RUNNING, status="exited", exit_code=1)
    container = StageContainer(states=repeat(ended), log="RuntimeError: API_KEY is not set")
    error = failure(container, CLOSED, expect=READ_ONLY, within=1.0)
    assert "API_KEY is not set" in (error.cause or "")


def test_a_stand_in_that_the_app_cannot_parse_is_named() -> None:
    states = repeat(replace(RUNNING, status="exited", exit_code=1))
    log = "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0): PAYMENT_KEYS"
    expect = replace(GIVEN, circumstances=Circumstances(stand_ins=frozenset({"PAYMENT_KEYS", "OTHER"})))
    error = failure(StageContainer(states=states, log=log), CLOSED, expect=expect, within=1.0)
    assert "the stand-in for PAYMENT_KEYS" in (error.cause or "")


def test_another_revision_fails_at_once() -> None:
    error = failure(StageContainer(), telling("b" * 40), within=0.0)
    assert f"answers with revision {'b' * 40}" in error.what
    assert REVISION in error.what


def test_no_revision_where_one_is_told_fails_at_once() -> None:
    error = failure(StageContainer(), Answer(status=200), within=0.0)
    assert "does not tell which revision" in error.what


def test_an_application_without_version_path_may_keep_its_revision() -> None:
    quiet = replace(GIVEN, app=replace(GIVEN.app, version=None))
    assert wait(StageContainer(), Answer(status=200), expect=quiet) == 0.0


def test_loopback_only_is_certain_within_seconds() -> None:
    container = StageContainer(table=listening("0100007F", 4711))
    error = failure(container, CLOSED, within=5.0)
    assert "127.0.0.1" in error.what
    assert "--host 0.0.0.0" in (error.next_step or "")


def test_a_server_of_ipv6_alone_is_certain_within_seconds() -> None:
    every_address = listening("0" * 32, 4711)
    error = failure(StageContainer(table=every_address, refusing=(4711,)), CLOSED, within=5.0)
    assert error.what == "The server listens on port 4711 by IPv6 only, and nothing reaches it by IPv4."
    assert "--host 0.0.0.0" in (error.next_step or "")
    assert "IPv6" not in failure(StageContainer(table=every_address), CLOSED).what
    both = StageContainer(table=every_address + listening("00000000", 4711), refusing=(4711,))
    assert "IPv6" not in failure(both, CLOSED).what


def test_a_listener_on_loopback_beside_the_right_one_is_no_trouble() -> None:
    container = StageContainer(table=listening("0100007F", 9000) + listening("00000000", 4711))
    error = failure(container, Answer(silence="timeout"))
    assert "accepts requests and does not answer" in error.what


def test_the_app_port_in_spite_of_port_is_certain_within_seconds() -> None:
    error = failure(StageContainer(table=listening("00000000", 7860)), CLOSED, within=5.0)
    assert isinstance(error, ListensElsewhere)
    assert error.ports == (7860,)
    assert error.next_step == "start it with --port ${PORT:-7860}, then: invoke smoke"


def test_another_port_that_serves_is_certain_within_seconds() -> None:
    error = failure(StageContainer(table=listening("00000000", 9999), served=(9999,)), CLOSED, within=5.0)
    assert error.what == "The server listens on port 9999 although PORT=4711."


@dataclass
class AskedForReal(StageContainer):
    """Programs run here, in the environment of a container that was given a proxy, as an engine's client does."""

    env: Mapping[str, str] = field(default_factory=dict)

    def execute(self, *argv: str) -> str | None:
        if argv[0] == "cat":
            return self.table
        code = subprocess.run(
            [sys.executable, *argv[1:]], env=dict(self.env), capture_output=True, check=False
        ).returncode
        return None if code else ""


def test_a_container_that_has_a_proxy_is_asked_without_it() -> None:
    with running_site() as port, running_proxy() as proxy:
        container = AskedForReal(table=listening("00000000", port), env=proxy.environment)
        error = failure(container, CLOSED, within=5.0)
    assert isinstance(error, ListensElsewhere)
    assert proxy.asked == []


def test_another_port_that_does_not_serve_is_waited_past() -> None:
    """Metrics may be up long before the application is."""
    container = StageContainer(table=listening("00000000", 9100))
    assert wait(container, *[CLOSED] * 100, GOOD) > 10.0
    assert "9100" in failure(container, CLOSED).what


def test_without_port_the_card_is_named() -> None:
    container = StageContainer(table=listening("00000000", 8000), served=(8000,))
    error = failure(container, CLOSED, expect=UNSET, within=5.0)
    assert error.what == "The server listens on port 8000; the card's app_port is 7860."


def test_a_steady_refusal_is_certain_and_a_warming_up_is_not() -> None:
    assert "answers 404 instead of 200" in failure(StageContainer(), Answer(status=404), within=12.0).what
    assert wait(StageContainer(), *[Answer(status=503)] * 100, GOOD) > 12.0


def test_an_application_that_fails_inside_is_told_with_its_error() -> None:
    log = 'Traceback (most recent call last):\n  File "/app/db.py", line 7, in ask\nLookupError: no table'
    error = failure(StageContainer(log=log), Answer(status=500), within=12.0)
    assert error.cause == "the application fails inside: LookupError: no table (/app/db.py:7)"


def test_a_short_refusal_is_forgiven() -> None:
    assert wait(StageContainer(), *[Answer(status=404)] * 20, GOOD) == pytest.approx(4.0)


def test_refusals_with_silence_between_them_are_not_added_up() -> None:
    refused = [Answer(status=404)] * 35
    assert wait(StageContainer(), *refused, CLOSED, *refused, GOOD) > 10.0


def test_a_second_port_beside_the_right_one_is_no_trouble() -> None:
    container = StageContainer(table=listening("00000000", 4711) + listening("00000000", 7860), served=(7860,))
    assert wait(container, *[CLOSED] * 100, GOOD) > 10.0


def test_the_right_port_on_loopback_and_outside_is_no_trouble() -> None:
    container = StageContainer(table=listening("00000000", 4711) + listening("0100007F", 4711))
    assert wait(container, *[CLOSED] * 100, GOOD) > 10.0


def test_a_crash_loop_is_certain_once_log_and_processes_agree() -> None:
    numbers = count(10)
    container = StageContainer(
        children=lambda: {1: "sh -c loop", next(numbers): "python main.py"}, log="RuntimeError: no database\n" * 3
    )
    error = failure(container, CLOSED, within=5.0)
    assert error.what == "The container runs and its server keeps restarting: python main.py"
    assert error.cause == "RuntimeError: no database"


def test_processes_alone_are_named_at_the_end() -> None:
    numbers = count(10)
    error = failure(StageContainer(children=lambda: {next(numbers): "python main.py"}), CLOSED)
    assert "keeps restarting" in error.what


def test_nothing_at_all_is_not_ready_in_time() -> None:
    error = failure(StageContainer(), CLOSED)
    assert "not ready 60 s after its start" in error.what
    assert "nothing listens" in error.what


def test_a_container_that_cannot_be_looked_into_is_still_told() -> None:
    assert "nothing answers there" in failure(StageContainer(table=None), CLOSED).what


def test_a_server_that_closes_connections_is_told_from_none() -> None:
    assert "closes connections" in failure(StageContainer(table=listening("00000000", 4711)), CLOSED).what
