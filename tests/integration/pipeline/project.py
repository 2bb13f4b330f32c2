"""A project of a user's own: a FastAPI app, a deploy.toml that names a Space of a local Hub, commands run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.integration.hub_fixtures import ROOT, Hub
from tests.integration.pipeline.declaring import toml
from tests.integration.pipeline.running import Outcome, Running
from tests.integration.pipeline.snapshot import Snapshot, snapshot

TOKEN_VARIABLE = "TEST_HUB_TOKEN"

MAIN = r"""
import os
from pathlib import Path

from fastapi import FastAPI

REVISION = Path(__file__).with_name("REVISION")
app = FastAPI()


def revision() -> str:
    return REVISION.read_text().strip() if REVISION.exists() else "unknown"


if "BOOT_LOG" in os.environ:
    with Path(os.environ["BOOT_LOG"]).open("a") as log:
        log.write(revision() + "\n")


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok", "revision": revision()}


@app.get("/version")
def version() -> dict[str, str]:
    return {"revision": revision()}


@app.get("/greeting")
def greeting() -> dict[str, str]:
    return {"greeting": os.environ.get("GREETING", "nothing")}
"""
DOCKERFILE = """\
FROM python:3.13-slim
RUN useradd --uid 1000 --create-home user
WORKDIR /app
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt .
RUN pip --python /opt/venv/bin/python install --require-hashes --no-cache-dir -r requirements.txt
ENV PATH=/opt/venv/bin:$PATH
COPY . .
RUN chmod -R a+rX .
USER 1000
CMD ["sh", "-c", "exec python -m uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}"]
"""
CARD = "---\ntitle: Greeter\nsdk: docker\napp_port: 7860\n---\n\n# Greeter\n"


@dataclass
class Project:
    """`root` holds deploy.toml, `source` is what is shipped to `space`. `env` is given to every command."""

    root: Path
    hub: Hub
    space: str
    env: dict[str, str]
    variables: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=lambda: [{"path": "/greeting"}])
    app: dict[str, Any] = field(default_factory=lambda: {"ready_timeout": 20.0})
    target: dict[str, Any] = field(default_factory=dict)
    _started: list[Running] = field(default_factory=list)

    @classmethod
    def make(cls, root: Path, hub: Hub, space: str) -> Project:
        """A git checkout with one commit, whose source is ready to be shipped."""
        source = root / "backend"
        source.mkdir(parents=True)
        (source / "main.py").write_text(MAIN, encoding="utf-8")
        (source / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
        (source / "README.md").write_text(CARD, encoding="utf-8")
        for name in ("requirements.in", "requirements.txt"):
            shutil.copy(ROOT / "backend" / name, source / name)
        (root / ".gitignore").write_text(".env\n.env.*\n.spacewright/\n__pycache__/\n", encoding="utf-8")
        project = cls(root=root, hub=hub, space=space, env=_environment(root, hub))
        project.variables = {"GREETING": "hello", "BOOT_LOG": str(project.boot_log)}
        project.declare()
        project.git("init", "--quiet", "--initial-branch=main")
        project.commit()
        return project

    # The project's own files -----------------------------------------------------------------------------

    @property
    def source(self) -> Path:
        return self.root / "backend"

    @property
    def document(self) -> dict[str, Any]:
        target = {
            "hub": self.hub.url,
            "space": self.space,
            "token_variable": TOKEN_VARIABLE,
            "poll": 0.1,
            "retry_pause": 0.01,
            "build_timeout": 90.0,
            **self.target,
        }
        return {
            "default": "test",
            "source": {"path": "backend", "entry": "main:app", "python": "3.13"},
            "app": self.app,
            "checks": self.checks,
            "variables": self.variables,
            "secrets": self.secrets,
            "targets": {"test": target},
        }

    def declare(self) -> None:
        """Write deploy.toml as the fields say."""
        self.write("deploy.toml", toml(self.document))

    def write(self, path: str, text: str | bytes) -> None:
        """A file of the project, by its path from the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def edit(self, path: str, old: str, new: str) -> None:
        before = (self.root / path).read_text(encoding="utf-8")
        assert old in before, f"{path} does not hold {old!r}"
        self.write(path, before.replace(old, new))

    def touch_up(self, note: str) -> None:
        """Change what is shipped, so that there is something to deploy."""
        self.write("backend/main.py", f"{MAIN}\n# {note}\n")

    def git(self, *arguments: str) -> str:
        argv = ["git", *arguments]
        return subprocess.run(argv, cwd=self.root, env=self.env, check=True, capture_output=True, text=True).stdout

    def commit(self) -> str:
        """Commit all there is; the commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD").strip()

    # Commands --------------------------------------------------------------------------------------------

    def start(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Running:
        """Start `python -m deploy <arguments>` at the project's root, as a user would."""
        number = len(self._started)
        files = (self.root.parent / f"{number}.out", self.root.parent / f"{number}.err")
        given = self.root.parent / f"{number}.in"
        given.write_text(stdin, encoding="utf-8")
        with files[0].open("w") as out, files[1].open("w") as err, given.open() as entered:
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy", *arguments],
                cwd=self.root,
                env={**self.env, **(env or {})},
                stdin=entered,
                stdout=out,
                stderr=err,
                text=True,
                start_new_session=True,
            )
        running = Running(process, files)
        self._started.append(running)
        return running

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Outcome:
        """A command from start to end."""
        self.hub.forget_requests()
        ended = self.start(*arguments, env=env, stdin=stdin).finish()
        return Outcome(code=ended.code, out=ended.out, err=ended.err, requests=self.hub.requests())

    def deploy(self, *arguments: str, env: Mapping[str, str] | None = None) -> Outcome:
        """`deploy` without rehearsal, as one document."""
        return self.run("deploy", "--without-rehearsal", "--json", *arguments, env=env)

    def deployed(self) -> dict[str, Any]:
        """A deploy that must go well; its document."""
        return self.deploy().ended(0).document

    def failed(
        self,
        code: int,
        *words: str,
        arguments: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        fault: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """A deploy that must end with one error that says these words, and leave the Space as it was.

        `fault` is what the Hub does wrong meanwhile.
        """
        before = self.snapshot()
        if fault:
            self.hub.fault(**fault)
        outcome = self.deploy(*arguments, env=env).ended(code)
        self.hub.heal()
        assert outcome.err.count("error: ") == 1, outcome.err
        for word in words:
            assert word in outcome.err, f"{word!r} is not said:\n{outcome.err}"
        assert outcome.document["exit_code"] == code
        assert outcome.document["what"]
        assert outcome.document["next"]
        assert self.snapshot() == before
        return outcome

    def refused(self, code: int, *words: str, **options: Any) -> Outcome:
        """As `failed`, before anything is sent to be written."""
        outcome = self.failed(code, *words, **options)
        assert outcome.writes == {}
        return outcome

    def close(self) -> None:
        """End what is still running."""
        for running in self._started:
            running.end()

    # The Space -------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return str(self.hub.api().space_info(self.space).host)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """What a visitor of the app gets."""
        return httpx2.get(f"{self.url}{path}", timeout=20, **options)

    def greeting(self) -> str:
        return str(self.get("/greeting").json()["greeting"])

    def serving(self) -> str:
        """The revision that the app itself tells."""
        return str(self.get("/version").json()["revision"])

    def snapshot(self) -> Snapshot | None:
        """None when there is no such Space."""
        return snapshot(self.hub.api(), self.space)

    def seen(self) -> Snapshot:
        """The Space, which must exist."""
        snapshot = self.snapshot()
        assert snapshot is not None, f"there is no {self.space}"
        return snapshot

    def commits(self) -> list[str]:
        """Titles of the commits on main, newest first."""
        return [commit.title for commit in self.hub.api().list_repo_commits(self.space, repo_type="space")]

    def held(self) -> bool:
        """Whether someone has the lease, or left a part of it."""
        found = self.seen()
        return any("lease" in name for name in (*found.branches, *found.tags))

    @property
    def boot_log(self) -> Path:
        """Where the app notes its revision at each start."""
        return self.root.parent / "boots"

    def boots(self) -> list[str]:
        """The revisions that were started, oldest first."""
        return self.boot_log.read_text(encoding="utf-8").split() if self.boot_log.exists() else []

    def build_log(self) -> str:
        """Of the newest build; it begins with when that was and of which commit."""
        return "".join(self.hub.api().fetch_space_logs(self.space, build=True))


def _environment(root: Path, hub: Hub) -> dict[str, str]:
    """Of a person at a terminal: nothing of this machine's accounts, and the Hub's token under a name of its own."""
    home = root.parent / "home"
    home.mkdir(exist_ok=True)
    docker = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
    return {
        **docker,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "TMPDIR": str(home),  # a command that is killed leaves its copy of the source there
        "USER": "tester",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Tester",
        "GIT_AUTHOR_EMAIL": "tester@example.com",
        "GIT_COMMITTER_NAME": "Tester",
        "GIT_COMMITTER_EMAIL": "tester@example.com",
        TOKEN_VARIABLE: hub.token,
    }
