"""Unit tests reach nothing but their own process, loopback and temporary files, and wait for nothing."""

from __future__ import annotations

import ipaddress
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import deploy.secret

LONGEST_PAUSE = 0.05
"""Seconds: enough to poll a process that was started for real. Whoever sleeps longer waits for time to pass."""

CHEAP = 2
"""The cost of a fingerprint in place of one that takes 50 ms on purpose."""

_sealed = False


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578): it also sees what C code does, and what took a function before it could be patched."""
    if not _sealed:
        return
    if event == "time.sleep":
        _refuse_long(arguments[0])
    if event in {"socket.connect", "socket.sendto"} and not _is_near(arguments[1]):
        raise AssertionError(f"a unit test went to {arguments[1]!r}; only loopback is open to it")
    if event == "socket.getaddrinfo" and not _is_loopback(arguments[0]):
        raise AssertionError(f"a unit test went to {arguments[0]!r}; only loopback is open to it")


def _refuse_long(seconds: float) -> None:
    if seconds > LONGEST_PAUSE:
        raise AssertionError(f"a unit test slept for {seconds} s; give the code a clock or a sleep of the test's")


def _short_sleep(seconds: float, *, sleep: Callable[[float], None] = time.sleep) -> None:
    _refuse_long(seconds)
    sleep(seconds)


def _is_near(address: Any) -> bool:
    if isinstance(address, tuple):
        return _is_loopback(address[0])
    # Of the machine's own sockets, the Docker engine's is the one that must not be found.
    return "docker" not in str(address)


def _is_loopback(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


sys.addaudithook(_refuse)


class Homes:
    """Empty folders. One that a test left empty serves the next as well: making and removing it costs more than most
    tests."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._last: Path | None = None

    def empty(self) -> Path:
        if self._last is None or not self._last.is_dir() or any(self._last.iterdir()):
            self._last = self._factory.mktemp("home")
        return self._last


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return Homes(tmp_path_factory)


@pytest.fixture(autouse=True)
def sealed(homes: Homes) -> Iterator[Path]:
    """The test's own, empty home; the network, long pauses and slow fingerprints are kept out while it runs."""
    global _sealed  # noqa: PLW0603 # an audit hook is for the whole process and cannot be taken back
    home = homes.empty()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DOCKER_HOST", "DOCKER_CONFIG"):
            patch.delenv(name, raising=False)
        patch.setattr(time, "sleep", _short_sleep)  # Python tells audit hooks of it from 3.13 on
        patch.setattr(deploy.secret, "_SCRYPT_COST", CHEAP)
        _sealed = True
        yield home
        _sealed = False
