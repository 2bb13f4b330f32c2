"""From a started container to one that serves, or to the reason why it never will."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.config import AppConfig
from deploy.http import Answer
from deploy.image.container import ContainerState
from deploy.image.diagnosis import SEARCHED_LINES, Sight, ended, unready, wrong_revision
from deploy.image.restarts import ProcessWatch, repeated_crash
from deploy.image.sockets import TABLES, Listener, listeners
from deploy.known_failures import A_RUN, Circumstances
from deploy.network import LOOPBACK

PAUSE = 0.2
LOOK_EVERY = 1.0
SETTLING = 1.0
"""Seconds after the first good answer when it must answer again: a crash loop answers once, too."""
CERTAIN_AFTER = 2.0
"""Seconds for which a listener must stay in the wrong place before nothing better is awaited."""
STATUS_PATIENCE = 10.0
"""The same for an answer other than 200: some routes are mounted late."""
_ASK_INSIDE = "import sys, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=3)"
"""By no proxy: an engine's client gives its containers the one that it is configured with."""
_REFUSED_INSIDE = "import socket, sys; sys.exit(socket.socket().connect_ex((sys.argv[1], int(sys.argv[2]))) == 0)"
_WARMING_UP = frozenset({502, 503, 504})
_OK = 200


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a boot has to come to: `app_port` is the card's, `given` what $PORT says, if it is set.

    `circumstances` tell which secrets have stand-ins, and which no value.

    `revision` is compared with what the app tells at its version path, where it has one.
    """

    app_port: int
    app: AppConfig
    revision: str
    given: int | None = None
    circumstances: Circumstances = A_RUN

    @property
    def port(self) -> int:
        """The one inside on which it is awaited."""
        return self.given or self.app_port


class Watched(Protocol):
    """What is asked of the container."""

    def state(self) -> ContainerState: ...
    def log_tail(self, lines: int) -> str: ...
    def processes(self) -> Mapping[int, str]: ...
    def execute(self, *argv: str) -> str | None: ...


class Wait:
    """One wait for one container; `ask` is one question to it over HTTP."""

    def __init__(
        self,
        container: Watched,
        expect: Expectation,
        ask: Callable[[], Answer],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._container = container
        self._expect = expect
        self._ask = ask
        self._clock = clock
        self._sleep = sleep
        self._started = clock()
        self._processes = ProcessWatch()
        self._listeners: tuple[Listener, ...] | None = None
        self._looked = self._started
        self._serves_elsewhere = False
        self._ipv6_only = False
        self._held: dict[str, float] = {}

    def until_ready(self) -> float:
        """Seconds from the start to the first good answer.

        Raises SmokeFailed as soon as it is certain, at the latest after `ready_timeout`.
        """
        while True:
            answer = self._answer()
            if answer.status == _OK:
                seconds = self._elapsed()
                self._sleep(SETTLING)
                answer = self._answer()
                if answer.status == _OK:
                    return seconds
            self._look()
            if self._elapsed() >= self._expect.app.ready_timeout or self._is_certain(answer):
                self._look_at_sockets()
                raise unready(self._sight(answer))
            self._sleep(PAUSE)

    def _answer(self) -> Answer:
        """Raises SmokeFailed when the container has ended or answers with another revision."""
        answer = self._ask()
        state = self._container.state()
        if not state.running:
            raise ended(self._sight(answer), state)
        if answer.status == _OK and self._expect.app.version and answer.revision != self._expect.revision:
            raise wrong_revision(self._sight(answer), self._expect.revision)
        return answer

    def _look(self) -> None:
        self._processes.look(self._container.processes())
        if self._clock() - self._looked >= LOOK_EVERY:
            self._look_at_sockets()

    def _look_at_sockets(self) -> None:
        tables = [self._container.execute("cat", table) for table in TABLES]
        seen = [table for table in tables if table is not None]
        self._listeners = listeners("\n".join(seen)) if seen else None
        self._serves_elsewhere = self._listeners is not None and any(map(self._serves_on, self._misplaced_ports()))
        self._ipv6_only = self._takes_ipv6_only()
        self._looked = self._clock()

    def _takes_ipv6_only(self) -> bool:
        """A socket of `::` takes IPv4 too unless its server forbids it, as uvicorn does: only trying tells."""
        port = self._expect.port
        here = [one for one in self._listeners or () if one.port == port]
        if not here or not all(one.ipv6 and not one.loopback for one in here):
            return False
        return self._container.execute("python", "-c", _REFUSED_INSIDE, LOOPBACK, str(port)) is not None

    def _misplaced_ports(self) -> tuple[int, ...]:
        """Ports open to the outside while the expected one is not."""
        outside = tuple(one.port for one in self._listeners or () if not one.loopback)
        return () if self._expect.port in outside else outside

    def _serves_on(self, port: int) -> bool:
        """Asks the health path from the inside, with the Python that such an image nearly always has."""
        url = f"http://{LOOPBACK}:{port}{self._expect.app.health}"
        return self._container.execute("python", "-c", _ASK_INSIDE, url) is not None

    def _is_certain(self, answer: Answer) -> bool:
        """Whether waiting longer cannot help."""
        sight = self._sight(answer, log="")
        ignores_port = self._expect.given and self._expect.app_port in self._misplaced_ports()
        misplaced = sight.loopback_only or self._ipv6_only or ignores_port or self._serves_elsewhere
        refused = answer.status not in {0, _OK, *_WARMING_UP}
        verdicts = (
            self._has_held("misplaced", misplaced, CERTAIN_AFTER),
            self._has_held("refused", refused, STATUS_PATIENCE),
        )
        return any(verdicts) or self._crashes()

    def _has_held(self, name: str, condition: bool, seconds: float) -> bool:
        if not condition:
            self._held.pop(name, None)
            return False
        return self._clock() - self._held.setdefault(name, self._clock()) >= seconds

    def _crashes(self) -> bool:
        restarted = self._processes.restarted() is not None
        return restarted and repeated_crash(self._container.log_tail(SEARCHED_LINES)) is not None

    def _sight(self, answer: Answer, log: str | None = None) -> Sight:
        return Sight(
            port=self._expect.port,
            port_given=self._expect.given is not None,
            read_only=self._expect.app.read_only,
            elapsed=self._elapsed(),
            answer=answer,
            listeners=self._listeners,
            restarting=self._processes.restarted(),
            ipv6_only=self._ipv6_only,
            circumstances=self._expect.circumstances,
            log=self._container.log_tail(SEARCHED_LINES) if log is None else log,
        )

    def _elapsed(self) -> float:
        return self._clock() - self._started
