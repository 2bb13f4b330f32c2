"""What is left when a Hub dies: nothing that runs, and nothing that keeps the next one from going on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from deploy.localhub.runtime.model import Stage
from deploy.localhub.runtime.programs.child import sweep
from deploy.localhub.runtime.programs.processes import began, descendants, listening_ports, session_members
from tests.integration.localhub.runtime.test_process import app
from tests.real.processes import is_gone
from tests.unit.localhub.runtime.spaces import Spaces, commit, until

A = commit("a")
HUB = """
import sys, threading
from pathlib import Path
sys.path.insert(0, {root!r})
from deploy.localhub.runtime.model import SpaceBuild
from deploy.localhub.runtime.supervisor import Supervisor
def tell(space, state):
    print(state.stage, supervisor.space(space).address, flush=True)
supervisor = Supervisor(Path({home!r}), kind="process", on_change=tell)
supervisor.space("local/tasks").deploy(SpaceBuild(space_id="local/tasks", commit="a" * 40, folder=Path({folder!r})))
threading.Event().wait()
"""
BEFORE = "import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True)"


@contextmanager
def hub(spaces: Spaces) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process with a supervisor whose Space runs, and the Space's address."""
    folder = spaces.build(A, {"main.py": app(before=BEFORE)}).folder
    script = HUB.format(root=str(Path(__file__).parents[4]), home=str(spaces.home), folder=str(folder))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            line = next(line for line in process.stdout if line.startswith("RUNNING "))
            yield process, line.split()[1]
        finally:
            process.kill()


def test_apps_end_with_a_hub_that_is_killed_and_the_next_goes_on(tmp_path: Path) -> None:
    spaces = Spaces(tmp_path)
    spaces.supervisor.close()
    with hub(spaces) as (process, address):
        with urlopen(address) as answer:
            pid = json.load(answer)["pid"]
        until(lambda: len(descendants(pid)) == 2)
        family = descendants(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: all(map(is_gone, family)))
    spaces.open()
    spaces.space.resume(spaces.build(A, {"main.py": app()}))
    spaces.news.wait(Stage.RUNNING, A)
    assert spaces.space.address == address
    spaces.supervisor.close()


def test_apps_end_with_a_guard_that_is_killed(tmp_path: Path) -> None:
    spaces = Spaces(tmp_path)
    spaces.serve(A, {"main.py": app()})
    pid = json.loads(spaces.visit())["pid"]
    reaper = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(reaper, signal.SIGKILL)
    until(lambda: is_gone(pid))
    spaces.news.wait(Stage.RUNTIME_ERROR, A)
    spaces.supervisor.close()


def test_what_a_record_tells_of_is_killed_and_its_number_in_other_hands_is_not(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as left:
        (tmp_path / f"{left.pid}.json").write_text(json.dumps({"began": began(left.pid)}))
        assert sweep(tmp_path) == 1
        assert left.wait(10) == -signal.SIGKILL
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as stranger:
        (tmp_path / f"{stranger.pid}.json").write_text(json.dumps({"began": 123.0}))
        assert sweep(tmp_path) == 1
        assert stranger.poll() is None
        stranger.kill()
    assert list(tmp_path.iterdir()) == []


def test_members_of_a_session_are_found_when_its_leader_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen(
        ["sh", "-c", "sleep 1000 & echo $!"], start_new_session=True, stdout=subprocess.PIPE
    ) as shell:
        assert shell.stdout
        member = int(shell.stdout.readline())
        shell.wait(10)
        (tmp_path / f"{shell.pid}.json").write_text(json.dumps({"began": 123.0}))
        assert session_members(shell.pid) == (member,)
        sweep(tmp_path)
    until(lambda: is_gone(member))


def test_where_processes_listen() -> None:
    script = (
        "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        assert listening_ports([process.pid]) == (port,)
        assert process.pid in session_members(process.pid)
        process.communicate("\n")
    assert listening_ports([process.pid]) == ()
    assert began(process.pid) is None
