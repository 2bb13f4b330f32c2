"""Spaces as processes of this machine: real commands, real virtual environments, real ends."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.localhub.runtime.model import Stage
from deploy.localhub.runtime.programs.processes import descendants
from deploy.secret import Secret
from tests.real.processes import free_port, is_gone
from tests.unit.localhub.runtime.spaces import SPACE, Spaces, commit, until

A, B, C = commit("a"), commit("b"), commit("c")
APP = """
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        facts = {"name": NAME, "argv": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ), "pid": os.getpid(),
                 "address": self.server.server_address[0], "prefix": sys.prefix}
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

def serve(host, port):
    print("listening on", port, flush=True)
    http.server.ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
"""


def app(name: str = "first", host: str = "'127.0.0.1'", port: str = "os.environ['PORT']", before: str = "") -> str:
    return f"NAME = {name!r}\n{APP}\n{before}\nserve({host}, {port})\n"


@pytest.fixture
def spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spaces]:
    monkeypatch.setenv("MY_OWN_TOKEN", "hf_mine")
    spaces = Spaces(tmp_path / "home")
    yield spaces
    spaces.supervisor.close()
    assert list((tmp_path / "home" / "processes").glob("*")) == []


def facts(spaces: Spaces) -> Any:
    return json.loads(spaces.visit())


# What an app finds ---------------------------------------------------------------------------------------


def test_an_app_runs_in_its_checkout_with_what_a_space_gives_it(spaces: Spaces) -> None:
    spaces.serve(
        A,
        {"main.py": app(), "Dockerfile": "FROM python:3.13\nENV MODE=image KEPT=image\nCMD python main.py\n"},
        variables={"MODE": "space"},
        secrets={"KEY": Secret("correct horse")},
        environment={"SPACE_ID": SPACE},
    )
    found = facts(spaces)
    env = found["env"]
    assert found["cwd"] == str(spaces.checkouts()[0])
    assert (env["MODE"], env["KEPT"], env["KEY"], env["SPACE_ID"]) == ("space", "image", "correct horse", SPACE)
    assert Path(env["HOME"]).is_relative_to(spaces.home)
    assert Path(env["TMPDIR"]).is_relative_to(spaces.home)
    assert "MY_OWN_TOKEN" not in env
    assert found["prefix"].startswith(str(spaces.home / "venvs"))
    spaces.supervisor.close()
    assert not Path(env["HOME"]).exists()


def test_the_build_log_says_what_this_is_and_what_it_is_not(spaces: Spaces) -> None:
    spaces.serve(A, {"main.py": app(), "Dockerfile": "FROM python:3.99-slim\nCMD python main.py\n"})
    log = spaces.log("build")
    assert "No Docker engine is used" in log
    assert "Not emulated: base image, RUN" in log
    assert "in place of that of the image (python:3.99-slim)" in log
    assert "listening on" in spaces.log("run")


@pytest.mark.parametrize(
    "start",
    [
        'CMD ["python", "main.py", "0.0.0.0", "7860"]',
        "CMD python main.py 0.0.0.0 ${PORT:-7860}",
        'CMD ["sh", "-c", "exec python main.py 0.0.0.0 $PORT"]',
        'ENTRYPOINT ["python"]\nCMD ["main.py", "0.0.0.0", "7860"]',
    ],
)
def test_commands_are_brought_to_loopback_and_to_a_free_port(spaces: Spaces, start: str) -> None:
    main = app(host="sys.argv[1]", port="sys.argv[2]")
    spaces.serve(A, {"main.py": main, "Dockerfile": f"FROM python:3.13\n{start}\n"})
    found = facts(spaces)
    assert found["address"] == "127.0.0.1"
    assert found["argv"] == ["127.0.0.1", found["env"]["PORT"]]


def test_an_app_with_a_port_of_its_own_is_found_and_replaced(spaces: Spaces) -> None:
    port = free_port()
    spaces.serve(A, {"main.py": app("first", port=str(port))}, app_port=port)
    assert facts(spaces)["name"] == "first"
    spaces.serve(B, {"main.py": app("second", port=str(port))}, app_port=port)
    assert facts(spaces)["name"] == "second"


def test_an_app_on_a_port_that_no_visitor_comes_to_is_not_up(spaces: Spaces) -> None:
    card = "---\nsdk: docker\nstartup_duration_timeout: 2s\n---\n"
    port = free_port()
    spaces.space.deploy(spaces.build(A, {"main.py": app(port=str(port)), "README.md": card}))
    message = str(spaces.news.wait(Stage.RUNTIME_ERROR, A).error_message)
    assert message.startswith("Launch timed out, workload was not healthy after 2 s: the app listens on ")
    assert str(port) in message
    assert "7860 (app_port)" in message


# How it ends ---------------------------------------------------------------------------------------------


def test_an_app_that_does_not_start_leaves_its_traceback(spaces: Spaces) -> None:
    spaces.space.deploy(spaces.build(A, {"main.py": "import nothing_of_that_name\n"}))
    message = str(spaces.news.wait(Stage.RUNTIME_ERROR, A).error_message)
    assert message.startswith("Exit code: 1. Reason: Traceback")
    assert message.endswith("No module named 'nothing_of_that_name'")
    assert "nothing_of_that_name" in spaces.log("run")


def test_a_program_that_is_not_there(spaces: Spaces) -> None:
    spaces.space.deploy(spaces.build(A, {"Dockerfile": 'FROM python:3.13\nCMD ["no-such-server"]\n'}))
    message = spaces.news.wait(Stage.RUNTIME_ERROR, A).error_message
    assert message == "Exit code: 127. Reason: exec: no-such-server: No such file or directory"


def test_a_killed_app_is_a_runtime_error(spaces: Spaces) -> None:
    spaces.serve(A, {"main.py": app()})
    os.kill(facts(spaces)["pid"], signal.SIGKILL)
    assert str(spaces.news.wait(Stage.RUNTIME_ERROR, A).error_message).startswith("Exit code: 137.")
    assert list((spaces.home / "processes").iterdir()) == []


def test_an_app_may_end_in_its_own_time(spaces: Spaces) -> None:
    said = spaces.home / "said"
    before = f"""
import signal
def leave(*_):
    open({str(said)!r}, "w").write("goodbye")
    os._exit(0)
signal.signal(signal.SIGTERM, leave)
"""
    spaces.serve(A, {"main.py": app(before=before)})
    spaces.space.pause()
    until(said.exists)


def test_an_app_that_does_not_want_to_end_is_ended_with_all_it_started(spaces: Spaces) -> None:
    before = """
import signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "1000"], start_new_session=True)
subprocess.Popen(["sh", "-c", "sleep 1000 & sleep 1000 & wait"])
"""
    spaces.serve(A, {"main.py": app(before=before)})
    pid = facts(spaces)["pid"]
    until(lambda: len(descendants(pid)) == 5)
    family = descendants(pid)
    started = time.monotonic()
    spaces.supervisor.close()
    assert time.monotonic() - started >= 1.0, "it was not given its time"
    assert [one for one in family if not is_gone(one)] == []


def test_no_visitor_notices_a_new_revision(spaces: Spaces) -> None:
    spaces.serve(A, {"main.py": app("first")})
    names: list[str] = []
    enough = threading.Event()

    def keep_visiting() -> None:
        while not enough.is_set():
            names.append(facts(spaces)["name"])

    visitor = threading.Thread(target=keep_visiting)
    visitor.start()
    spaces.serve(B, {"main.py": app("second")})
    until(lambda: names[-1:] == ["second"])
    enough.set()
    visitor.join()
    assert set(names) == {"first", "second"}
    assert names == sorted(names)


def test_a_restart_brings_new_settings_and_a_new_disk(spaces: Spaces) -> None:
    main = app(before="open('written', 'x')")
    spaces.serve(A, {"main.py": main})
    first = facts(spaces)
    spaces.space.restart(spaces.build(A, {"main.py": main}, variables={"MODE": "new"}))
    spaces.news.wait(Stage.RUNNING_APP_STARTING, A)
    spaces.news.wait(Stage.RUNNING, A)
    second = facts(spaces)
    assert second["env"]["MODE"] == "new"
    assert second["pid"] != first["pid"]
    until(lambda: is_gone(first["pid"]))


def test_it_serves_again_after_a_restart_of_the_hub(spaces: Spaces) -> None:
    spaces.serve(A, {"main.py": app()})
    address, log = spaces.space.address, spaces.log("build")
    spaces.supervisor.close()
    spaces.open()
    spaces.space.resume(spaces.build(A, {"main.py": app()}))
    spaces.news.wait(Stage.RUNNING, A)
    assert spaces.space.address == address
    assert facts(spaces)["name"] == "first"
    assert spaces.log("build") == log


# What it uses --------------------------------------------------------------------------------------------


def test_memory_and_time_of_all_it_started_are_counted(spaces: Spaces) -> None:
    hold = "kept = b'x' * 50_000_000; sum(range(3_000_000)); print('held', flush=True); input()"
    before = f"import subprocess; subprocess.Popen([sys.executable, '-c', {hold!r}], stdin=subprocess.PIPE)"
    spaces.serve(A, {"main.py": app(before=before)})
    until(lambda: "held" in spaces.log("run"))
    reading = spaces.space.usage()
    assert 50_000_000 < reading.usage.memory < 200_000_000
    assert reading.usage.cpu > 0
    assert reading.size.told == "16Gi"
