"""Real Locust against the real backend: in processes of this machine, and of others that join it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from deploy.config import Address
from deploy.errors import CommandFailed
from deploy.verify.subject import Subject
from deploy.verify.swarm import MODELS, Measured, Model, measure, take_part
from tests.real.processes import LOOPBACK, free_port
from tests.saboteurs.judging import judging


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    with judging(tmp_path_factory.mktemp("swarm")) as judge:
        yield judge.subject


@pytest.fixture
def subject(served: Subject) -> Subject:
    """With as many seconds of load as a busy machine needs to begin it, and ports of its own for whoever joins."""
    first, second = free_port(), free_port()
    while second != first + 1:
        first, second = second, free_port()
    listen = Address(host=LOOPBACK, port=first)
    return replace(served, load=replace(served.load, users=4, rate=5, seconds=6.0, listen=listen))


def of(subject: Subject, *, machines: int = 0, processes: int = 1) -> Subject:
    return replace(subject, load=replace(subject.load, machines=machines, processes=processes))


def requests(measured: tuple[Measured, ...]) -> int:
    assert sum(one.failures for one in measured) == 0, measured
    return sum(one.requests for one in measured)


@pytest.mark.parametrize("model", MODELS)
def test_processes_of_this_machine_share_the_load(subject: Subject, model: Model) -> None:
    assert requests(measure(of(subject, processes=2), model)) > 0


def test_other_machines_make_the_load_each_model_in_its_own_way(subject: Subject) -> None:
    def command() -> list[int]:
        return [requests(measure(of(subject, machines=2, processes=2), model)) for model in MODELS]

    def join() -> None:
        for model in MODELS:
            take_part(of(subject, processes=2), model, subject.load.listen)

    with ThreadPoolExecutor(3) as machines:
        figures, *joined = machines.submit(command), machines.submit(join), machines.submit(join)
        for one in joined:
            one.result()
        closed, open_ = figures.result()
    # Ten visitors of the open model come four times in six seconds at most, and ask three times at most.
    assert 0 < open_ <= 120
    assert closed > 0


def test_machines_that_do_not_come_are_told(subject: Subject) -> None:
    with pytest.raises(CommandFailed, match="not all of 3 machines came") as caught:
        measure(of(subject, machines=3), "closed", gathering=1.0)
    assert caught.value.next_step == f"on each of them: invoke load --join {subject.load.listen}"


@pytest.mark.parametrize(("machines", "processes"), [(1, 1), (0, 2)])
def test_a_port_that_another_load_has_is_told(subject: Subject, machines: int, processes: int) -> None:
    at = subject.load.listen
    with (
        socket.create_server((LOOPBACK, at.port)),
        pytest.raises(CommandFailed, match=f"nobody can listen on {at}") as caught,
    ):
        measure(of(subject, machines=machines, processes=processes), "closed", gathering=1.0)
    assert "listen" in str(caught.value.next_step)


def test_an_address_of_another_machine_is_told(subject: Subject) -> None:
    elsewhere = Address(host="192.0.2.1", port=subject.load.listen.port)
    theirs = replace(subject, load=replace(subject.load, machines=1, listen=elsewhere))
    with pytest.raises(CommandFailed, match=r"nobody can listen on 192\.0\.2\.1"):
        measure(theirs, "closed")


def test_where_nobody_waits_there_is_nothing_to_join(subject: Subject) -> None:
    with pytest.raises(CommandFailed, match=f"Nobody waits at {subject.load.listen}") as caught:
        take_part(subject, "closed", subject.load.listen, gathering=0.0)
    assert "invoke load" in str(caught.value.next_step)
