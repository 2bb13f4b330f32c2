"""The seal on unit tests holds: see conftest.py beside this file."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.com", 443), ("2001:db8::1", 80)])
def test_the_network_is_out_of_reach(address: tuple[str, int]) -> None:
    with pytest.raises(AssertionError, match="only loopback is open"):
        socket.create_connection(address, timeout=0.1)


def test_the_engine_is_out_of_reach() -> None:
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(AssertionError, match="only loopback is open"):
        client.connect("/var/run/docker.sock")


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_nobody_waits_for_time_to_pass() -> None:
    with pytest.raises(AssertionError, match="slept for 1"):
        time.sleep(1)


def test_the_home_is_empty_and_not_the_real_one(sealed: Path) -> None:
    assert Path.home() == sealed
    assert not list(sealed.iterdir())


def test_a_home_serves_another_test_only_while_it_is_empty(sealed: Path, homes: Any) -> None:
    assert homes.empty() == sealed
    (sealed / "left").touch()
    assert homes.empty() != sealed
