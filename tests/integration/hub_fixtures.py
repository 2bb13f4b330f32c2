"""A local Hub for a test: a process of its own, on a port and a home of its own, gone when the test is over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("HF_HUB_DISABLE_UPDATE_CHECK", "1")

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, SpaceRuntime
from huggingface_hub.errors import HfHubHTTPError

from deploy.localhub.process import pidfile, ports

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 30.0
README = b"---\ntitle: Sample\nsdk: docker\napp_port: 7860\n---\n"
DOCKERFILE = b"FROM python:3.13-slim\nCOPY . .\nCMD python -m http.server 7860\n"

HubRuntime = Literal["stand-in", "process", "docker"]


@dataclass
class Hub:
    """A running Hub. `token` is its owner's; a Space id for the owner begins with `local/`."""

    home: Path
    process: subprocess.Popen[bytes]
    url: str
    token: str

    def api(self, token: str | None = None) -> HfApi:
        """The real client; with another's token when one is given."""
        return HfApi(endpoint=self.url, token=token or self.token)

    def ask(self, method: str, path: str, *, token: str | None = None, **options: Any) -> httpx2.Response:
        """A request that the client has no method for. An empty token sends none."""
        token = self.token if token is None else token
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        return httpx2.request(method, f"{self.url}{path}", headers=headers, **{"timeout": 30, **options})

    def requests(self) -> dict[str, int]:
        """Requests since the start or `forget_requests`, by method and template."""
        return dict(self._told("GET", "/_hub/requests"))

    def forget_requests(self) -> None:
        self._told("DELETE", "/_hub/requests")

    def fault(self, **facts: Any) -> None:
        """A `misbehaviour.faults.Fault`; or `space`, `name`, `value` for the runtime; or `limit`, `quota`, `window`."""
        self._told("POST", "/_hub/faults", facts)

    def heal(self) -> None:
        self._told("DELETE", "/_hub/faults")

    def new_token(self, user: str, role: str = "write", **facts: Any) -> str:
        return str(self._told("POST", "/_hub/tokens", {"user": user, "role": role, **facts})["token"])

    def put_user(self, user: str, **facts: Any) -> None:
        self._told("POST", "/_hub/users", {"user": user, **facts})

    def trust(self, **facts: Any) -> None:
        self._told("POST", "/_hub/oidc", facts)

    def environment(self, token: str | None = None) -> dict[str, str]:
        """What `hf` and `git` need to find this Hub and nothing of this machine's accounts."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "HF_HOME": str(self.home / "hf-home"),
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": token or self.token,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def clear(self) -> None:
        """Delete the owner's Spaces, and with them what an engine holds of them: a stopped Hub keeps its images."""
        api = self.api()
        for space in api.list_spaces(author="local"):
            api.delete_repo(space.id, repo_type="space")

    def log(self) -> str:
        return (self.home.parent / f"{self.home.name}.log").read_text(encoding="utf-8", errors="replace")

    def _told(self, method: str, path: str, facts: dict[str, Any] | None = None) -> Any:
        answer = self.ask(method, path, json=facts) if facts is not None else self.ask(method, path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def running_hub(home: Path, runtime: HubRuntime = "stand-in") -> Iterator[Hub]:
    """Start a Hub on `home`, which may have served before; end it, and all that it started, in any case."""
    home.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{home.name}.log").open("ab") as log:
        process = subprocess.Popen(
            _argv(home, runtime), env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
        )
    try:
        port = _port(home, process)
        token = (home / "token").read_text(encoding="utf-8").strip()
        yield Hub(home, process, ports.url(port), token)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def app_files(**more: bytes) -> list[CommitOperationAdd]:
    """A Docker Space as operations; `more` by file name, dots written as two underscores."""
    files = {"README.md": README, "Dockerfile": DOCKERFILE}
    files |= {name.replace("__", "."): data for name, data in more.items()}
    return [CommitOperationAdd(name, data) for name, data in files.items()]


def commit(
    api: HfApi,
    space: str,
    operations: Sequence[CommitOperationAdd | CommitOperationDelete],
    *,
    message: str = "one",
    revision: str | None = None,
    parent: str | None = None,
) -> str:
    """The id of the commit that the client made."""
    made = api.create_commit(
        space, operations, commit_message=message, repo_type="space", revision=revision, parent_commit=parent
    )
    return made.oid


def status(call: Callable[[], object]) -> int:
    """The HTTP status with which the Hub refuses a call."""
    with pytest.raises(HfHubHTTPError) as caught:
        call()
    return caught.value.response.status_code


def settled(api: HfApi, space: str, commit: str, *, timeout: float = 30) -> SpaceRuntime:
    """The runtime once it reports `commit` in a stage that stays."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        runtime = api.wait_for_space(space, timeout=timeout, poll_interval=0.05)
        if runtime.raw.get("sha") == commit:
            return runtime
        time.sleep(0.05)
    raise AssertionError(f"{space} never reported {commit}: {runtime.raw}")


def _argv(home: Path, runtime: HubRuntime) -> list[str]:
    where = ["--home", str(home), "--port", "0"]
    if runtime == "stand-in":
        return [sys.executable, str(Path(__file__).with_name("hub_standin.py")), *where]
    return [sys.executable, "-m", "deploy.localhub", *where, "--runtime", runtime]


def _port(home: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        daemon = pidfile.find(home)
        if daemon and daemon.pid == process.pid and ports.ask(daemon.port) is not None:
            return daemon.port
        time.sleep(0.02)
    raise AssertionError(f"the Hub did not start: {(home.parent / f'{home.name}.log').read_text()}")
