"""Spaces in a Docker engine: built and run as the Hub does it, and nothing left behind."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.image.engine import Engine
from deploy.localhub.hardware import MIB, Size
from deploy.localhub.runtime.containers.docker import DockerRunner
from deploy.localhub.runtime.model import Stage, UsageUnknown
from deploy.localhub.runtime.programs.processes import descendants
from deploy.localhub.runtime.runner import Cancellation
from deploy.secret import Secret
from tests.integration.localhub.runtime.test_process import app
from tests.unit.localhub.runtime.spaces import SPACE, Spaces, commit, until

A, B, C = commit("a"), commit("b"), commit("c")
SERVE = app(host="'0.0.0.0'", port="os.environ.get('PORT', 7860)")
DOCKERFILE = 'FROM python:3.13-slim\nWORKDIR /app\nCOPY main.py .\nCMD ["python", "main.py"]\n'


class Contained(Spaces):
    """Spaces in the engine, which is asked what there is of them."""

    def __init__(self, home: Path, engine: Engine) -> None:
        super().__init__(home, kind="docker")
        self.names = DockerRunner(home)
        self._engine = engine

    def images(self) -> list[str]:
        return list(self._engine.tags(self.names.repository(SPACE)))

    def containers(self) -> int:
        name, value = next(iter(self.names.labels(SPACE).items()))
        return len(self._engine.labelled(f"{name}={value}"))


@pytest.fixture
def spaces(docker: Engine, tmp_path: Path) -> Iterator[Contained]:
    spaces = Contained(tmp_path / "home", docker)
    yield spaces
    spaces.space.stop()
    spaces.supervisor.close()
    spaces.names.close()
    assert spaces.images() == []
    assert spaces.containers() == 0


def files(main: str = SERVE, dockerfile: str = DOCKERFILE) -> dict[str, str]:
    return {"Dockerfile": dockerfile, "main.py": main}


def clients(spaces: Contained) -> list[str]:
    """Command lines of builds of commit A."""
    tag = f"{spaces.names.repository(SPACE)}:{A[:12]}"
    lines = [_command_line(pid) for pid in descendants(os.getpid())]
    return [line for line in lines if tag in line]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def facts(spaces: Contained) -> Any:
    return json.loads(spaces.visit())


def test_a_space_in_a_container_from_commit_to_commit(spaces: Contained) -> None:
    dockerfile = DOCKERFILE + (
        "ARG FLAVOUR\nRUN echo flavour $FLAVOUR > /flavour\n"
        # No engine has this step in its cache, so it runs and prints.
        f"RUN --mount=type=secret,id=KEY,mode=0444,required=true echo {uuid.uuid4()} && cat /run/secrets/KEY\n"
    )
    before = "NAME = open('/flavour').read().strip() + f' of {os.getuid()}'; open('/tmp/x', 'w').close()"
    main = app(host="'0.0.0.0'", port="7860", before=before)
    spaces.serve(
        A,
        files(main, dockerfile),
        variables={"FLAVOUR": "mint"},
        secrets={"KEY": Secret("correct horse")},
        environment={"SPACE_ID": SPACE},
    )
    found = facts(spaces)
    assert found["name"] == "flavour mint of 1000"
    assert (found["env"]["FLAVOUR"], found["env"]["KEY"], found["env"]["SPACE_ID"]) == ("mint", "correct horse", SPACE)
    assert "PORT" not in found["env"]
    assert "correct horse" not in spaces.log("build")
    assert "[REDACTED]" in spaces.log("build")
    spaces.serve(B, files())
    assert facts(spaces)["name"] == "first"
    assert spaces.news.history[-3:] == [("RUNNING_BUILDING", "a"), ("RUNNING_APP_STARTING", "a"), ("RUNNING", "b")]
    until(lambda: spaces.containers() == 1)
    spaces.serve(C, files(SERVE + "# another\n"))
    until(lambda: len(spaces.images()) == 2)


def test_what_fails_is_told_and_the_old_revision_stays(spaces: Contained) -> None:
    spaces.serve(A, files())
    spaces.space.deploy(spaces.build(B, files(dockerfile=DOCKERFILE + "RUN echo so much for that && exit 3\n")))
    message = str(spaces.news.wait(Stage.BUILD_ERROR, B).error_message)
    assert "The image does not build" in message
    assert "so much for that" in spaces.log("build")
    spaces.space.deploy(spaces.build(C, files("raise SystemExit('no database')\n")))
    assert spaces.news.wait(Stage.RUNTIME_ERROR, C).error_message == "Exit code: 1. Reason: no database"
    assert facts(spaces)["name"] == "first"


def test_a_newer_commit_does_not_wait_for_a_build_that_hangs(spaces: Contained) -> None:
    hangs = DOCKERFILE + "RUN echo it hangs && sleep 20\n"
    spaces.space.deploy(spaces.build(A, files(dockerfile=hangs)))
    until(lambda: "it hangs" in spaces.log("build"))
    assert clients(spaces)
    spaces.serve(B, files())
    until(lambda: not clients(spaces))
    assert [stage for stage, sha in spaces.news.history if sha == "a"] == ["BUILDING"]


def test_a_restart_of_the_hub_serves_the_same_image(spaces: Contained) -> None:
    spaces.serve(A, files())
    made = spaces.images()
    spaces.supervisor.close()
    assert spaces.containers() == 0
    spaces.open()
    spaces.space.resume(spaces.build(A, files()))
    spaces.news.wait(Stage.RUNNING, A)
    assert facts(spaces)["name"] == "first"
    assert spaces.images() == made


def test_a_factory_restart_runs_every_step_of_the_build_again(spaces: Contained) -> None:
    dockerfile = DOCKERFILE + "RUN cat /proc/sys/kernel/random/uuid > /stamp\n"
    shipped = files(app(host="'0.0.0.0'", port="7860", before="NAME = open('/stamp').read()"), dockerfile)
    spaces.serve(A, shipped)
    stamp = facts(spaces)["name"]
    for factory in (False, True):
        seen = len(spaces.news.history)
        spaces.space.restart(spaces.build(A, shipped), factory=factory)
        until(lambda seen=seen: spaces.news.history[seen + 1 :][-1:] == [("RUNNING", "a")])  # type: ignore[misc]
        assert (facts(spaces)["name"] != stamp) is factory


def test_containers_of_a_hub_that_was_killed_are_removed(spaces: Contained) -> None:
    dead = spaces.names
    build = spaces.build(A, files())
    reference = dead.build(build, lambda _line: None, Cancellation(), fresh=False)
    left = dead.start(build, reference, lambda _line: None, lambda: None)
    assert spaces.containers() == 1
    spaces.supervisor.close()
    spaces.open()
    assert spaces.containers() == 0
    left.stop(0)
    dead.prune(SPACE, ())


def test_a_crash_later_on(spaces: Contained) -> None:
    crash = "import threading; threading.Timer(1.5, lambda: (print('so long', flush=True), os._exit(7))).start()"
    spaces.serve(A, files(app(host="'0.0.0.0'", port="7860", before=crash)))
    message = str(spaces.news.wait(Stage.RUNTIME_ERROR, A).error_message)
    assert message.startswith("Exit code: 7. Reason: ")
    assert message.endswith("so long")
    assert spaces.visit() == "503"


# Memory --------------------------------------------------------------------------------------------------

LITTLE = Size(memory=96 * MIB)


def test_what_a_container_uses_is_told_of_what_it_may(spaces: Contained) -> None:
    hold = "kept = b'x' * 30_000_000"
    spaces.serve(A, files(app(host="'0.0.0.0'", port="7860", before=hold)), size=LITTLE)
    reading = spaces.space.usage()
    assert 30_000_000 < reading.usage.memory < LITTLE.memory
    assert reading.usage.cpu > 0
    assert reading.size == LITTLE


def test_an_app_that_takes_more_memory_than_there_is_is_ended_and_told_why(spaces: Contained) -> None:
    take = "import threading; threading.Timer(1.5, lambda: b'x' * 200_000_000).start()"
    spaces.serve(A, files(app(host="'0.0.0.0'", port="7860", before=take)), size=LITTLE)
    message = str(spaces.news.wait(Stage.RUNTIME_ERROR, A).error_message)
    assert message == "Exit code: 137. Reason: Memory limit exceeded (96Mi)"
    assert spaces.log("run").endswith("Memory limit exceeded (96Mi)\n")
    assert spaces.visit() == "503"
    with pytest.raises(UsageUnknown):
        spaces.space.usage()
