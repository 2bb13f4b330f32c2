"""Running the Hub in this process until it is told to stop."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import IO

import uvicorn
from starlette.types import ASGIApp

from deploy.localhub.http import app
from deploy.localhub.http.connections import Protocol
from deploy.localhub.hub import Hub, SupervisorFactory
from deploy.localhub.process import pidfile, ports
from deploy.localhub.process.pidfile import RuntimeKind
from deploy.localhub.routes import ROUTES

_GRACE = 3
"""Seconds that open requests, followed logs among them, have to end."""


def serve(home: Path, port: int, runtime: RuntimeKind, supervisor: SupervisorFactory) -> int:
    """Listen on loopback until SIGTERM or Ctrl-C; then end what was started. The exit code.

    Port 0 is any free one; `pidfile` tells which. A home has one server: a second one ends at once.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with (home / "serving.lock").open("w") as lock:
        try:
            _take(lock)
            listener = ports.listener(port)
        except OSError as error:
            logging.getLogger(__name__).error("Not served on port %d: %s", port, error)
            return ports.TAKEN if error.errno == errno.EADDRINUSE else os.EX_TEMPFAIL
        # uvicorn sends itself the signal that ended it once more; without these the process would die right there.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _already_heard)
        with listener:
            hub = Hub(home, supervisor)
            try:
                pidfile.record(home, port=listener.getsockname()[1], runtime=runtime)
                uvicorn.Server(_settings(app.build(hub, ROUTES))).run(sockets=[listener])
            finally:
                hub.close()
    return os.EX_OK


def _take(lock: IO[str]) -> None:
    """Raises OSError when another server keeps it; one that was killed lets go of it within moments."""
    for pause in (*[0.1] * 20, 0.0):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not pause:
                raise
            time.sleep(pause)
        else:
            return


def _already_heard(_number: int, _frame: FrameType | None) -> None:
    """The server has shut down for it."""


def _settings(application: ASGIApp) -> uvicorn.Config:
    # Every answer carries a Date of its own: the one uvicorn keeps is up to a second old, and the client drops
    # lines of a log that are younger than it.
    return uvicorn.Config(
        application,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
