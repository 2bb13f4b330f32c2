"""Stable ports for Spaces."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from deploy.localhub.runtime.ports import free_port, listen
from tests.real import processes


def test_a_space_gets_the_same_port_again(tmp_path: Path) -> None:
    with closing(listen(tmp_path, "a/b", None)) as first:
        port = first.getsockname()[1]
    with closing(listen(tmp_path, "a/b", None)) as again:
        assert again.getsockname()[1] == port
    assert 20_000 <= port < 28_000


def test_a_port_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    with closing(listen(tmp_path, "a/b", None)) as first, closing(listen(tmp_path, "a/b", None)) as second:
        assert first.getsockname() != second.getsockname()


def test_a_remembered_port_comes_first(tmp_path: Path) -> None:
    port = processes.free_port()
    with closing(listen(tmp_path, "a/b", port)) as found:
        assert found.getsockname() == ("127.0.0.1", port)


def test_a_port_for_an_app_is_neither_the_systems_nor_a_spaces_and_not_given_twice() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200
    assert all(1024 <= port < 32_768 and port not in range(20_000, 28_000) for port in ports)
    assert ports != sorted(ports), "two Hubs would give the same ones"


@pytest.mark.parametrize("bound_to", ["127.0.0.1", "0.0.0.0"])
def test_an_app_gets_no_port_that_is_taken(bound_to: str) -> None:
    taken, free = processes.free_port(), processes.free_port()
    with socket.create_server((bound_to, taken)):
        assert free_port(order=iter([taken, free])) == free
        assert free_port(order=iter([taken])) not in {0, taken}
