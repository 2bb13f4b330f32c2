"""An app that answers what a test says, and a clock that only sleeping moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx2

from deploy.config import AppConfig, ProbeConfig
from deploy.proof import Proof
from deploy.verify.app import App
from deploy.verify.readiness import verify

URL = "https://owner-tasks.space.example"
WANTED = AppConfig(health="/health", version="/version", ready_timeout=10.0, read_only=False)


@dataclass
class StandIn:
    """`answers` by `METHOD path`: one for all times, or several of which the last stays."""

    answers: dict[str, list[httpx2.Response | Exception]] = field(default_factory=dict)
    asked: list[httpx2.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    now: float = 0.0

    def says(self, request: str, *answers: httpx2.Response | Exception) -> None:
        self.answers[request] = list(answers)

    def verify(self, *checks: ProbeConfig, revision: str = "r1", wanted: AppConfig = WANTED) -> tuple[Proof, ...]:
        with httpx2.Client(transport=httpx2.MockTransport(self._answer)) as client:
            return verify(App(URL, client), wanted, checks, revision, clock=lambda: self.now, sleep=self._sleep)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        queue = self.answers.get(f"{request.method} {request.url.raw_path.decode()}", [httpx2.Response(404)])
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def healthy(revision: str = "r1") -> StandIn:
    app = StandIn()
    app.says("GET /health", httpx2.Response(200))
    app.says("GET /version", httpx2.Response(200, json={"revision": revision}))
    return app


def probe(path: str, *, method: str = "GET", status: int = 200) -> ProbeConfig:
    return ProbeConfig(path=path, method=method, status=status)


def verdicts(results: Iterable[Proof]) -> dict[str, str]:
    return {result.check: result.verdict for result in results}
