"""When an app counts as up: it answered an HTTP request, with any status."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

from deploy.localhub.runtime.model import AttemptFailed, Stage
from deploy.localhub.runtime.runner import Cancellation, Instance
from deploy.network import LOOPBACK

_SHORTEST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.02, 0.5, 1.3
_ANSWER_SECONDS = 5.0


def wait_until_answers(
    instance: Instance,
    *,
    timeout: float,
    cancellation: Cancellation,
    tail: Callable[[], str],
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """The port on which the app answers; `tail` gives the end of its log for the message of a failure.

    Raises AttemptFailed when it ends first or does not answer within `timeout` seconds, Superseded when cancelled.
    """
    deadline = clock() + timeout
    pause = _SHORTEST_PAUSE
    while True:
        if instance.exit() is not None:
            raise AttemptFailed(Stage.RUNTIME_ERROR, ended(instance, tail()))
        for port in instance.ports():
            if answers(port):
                return port
        if clock() >= deadline:
            raise AttemptFailed(Stage.RUNTIME_ERROR, _timed_out(instance, timeout))
        cancellation.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


def ended(instance: Instance, tail: str) -> str:
    """The message for an app that ended: an app of a Space is a server and is not expected to."""
    exit_ = instance.exit()
    assert exit_ is not None
    reason = exit_.reason or tail.strip() or "the application ended and wrote nothing"
    return f"Exit code: {exit_.code}. Reason: {reason}"


def answers(port: int) -> bool:
    """Whether an HTTP response comes back from the port."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        connection.getresponse().close()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _timed_out(instance: Instance, timeout: float) -> str:
    limit = f"{timeout / 60:g} min" if timeout >= 60 else f"{timeout:g} s"
    silence = instance.silence()
    return f"Launch timed out, workload was not healthy after {limit}" + (f": {silence}" if silence else "")
