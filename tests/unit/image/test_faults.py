"""What an engine's errors become."""

from __future__ import annotations

import pytest

from deploy.image.faults import no_engine, unavailable


class Refused(Exception):
    """As the SDK's APIError: an explanation by the engine."""

    explanation = "driver failed programming external connectivity\nmore"


def wrapped(root: Exception) -> Exception:
    """As the SDK raises it: the system's error is in the arguments of the HTTP client's."""
    outer = Exception("Error while fetching server API version")
    outer.__cause__ = Exception("Connection aborted.", root)
    return outer


@pytest.mark.parametrize(
    ("root", "cause", "next_step"),
    [
        (FileNotFoundError(2, "No such file"), "not installed, or not started", "start Docker"),
        (ConnectionRefusedError(111, "refused"), "not started", "start Docker"),
        (PermissionError(13, "denied"), "this user may not", "usermod -aG docker"),
        (ValueError("odd"), "fetching server API version", "start Docker"),
    ],
    ids=["no-socket", "refused", "denied", "other"],
)
def test_no_engine_says_why_and_what_to_do(root: Exception, cause: str, next_step: str) -> None:
    error = no_engine(wrapped(root), None)
    assert error.what == "No Docker engine answers."
    assert cause in (error.cause or "")
    assert next_step in (error.next_step or "")


def test_a_docker_host_is_named() -> None:
    assert "DOCKER_HOST=tcp://127.0.0.1:9" in no_engine(OSError("x"), "tcp://127.0.0.1:9").what


def test_a_refusal_keeps_the_engines_first_line() -> None:
    error = unavailable("start a container", Refused())
    assert error.what == "The Docker engine would not start a container."
    assert error.cause == "driver failed programming external connectivity"


def test_a_cut_connection_is_an_engine_that_stopped() -> None:
    assert "stopped answering" in unavailable("list images", ConnectionResetError("cut")).what


def test_a_full_disk_is_told_from_other_refusals() -> None:
    full = Refused()
    full.explanation = "write /var/lib/docker/x: no space left on device"
    assert "disk is full" in unavailable("start a container", full).what
