"""The local Hub as a process of its own, and what it remembers."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from deploy.errors import ConfigError, HubUnreachable
from deploy.localhub import down, status, up
from deploy.localhub.process import pidfile
from tests.integration.hub_fixtures import ROOT, app_files, commit, running_hub, settled
from tests.real.processes import free_port


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "hub"
    yield home
    down(home)


def start_elsewhere(home: Path) -> str:
    """`up` in a process of its own; the Hub's process id."""
    start = "from pathlib import Path; import sys; from deploy import localhub\n"
    start += "print(localhub.up(Path(sys.argv[1]), runtime='process').pid)"
    argv = [sys.executable, "-c", start, str(home)]
    return subprocess.check_output(argv, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True).strip()


# Up and down ---------------------------------------------------------------------------------------------


def test_up_answers_and_down_ends_it(home: Path) -> None:
    assert status(home) is None
    info = up(home, port=free_port(), runtime="process")
    assert HfApi(endpoint=info.url, token=info.token.reveal()).whoami()["name"] == "local"
    assert status(home) == info
    assert down(home) is True
    assert status(home) is None
    assert down(home) is False


def test_up_again_is_the_same_hub_and_after_down_the_same_port_and_token(home: Path) -> None:
    first = up(home, port=free_port(), runtime="process")
    assert up(home) == first
    down(home)
    again = up(home, runtime="process")
    assert (again.url, again.token) == (first.url, first.token)
    assert again.pid != first.pid


def test_two_at_once_end_with_one(home: Path) -> None:
    with ThreadPoolExecutor(3) as threads:
        assert len(set(threads.map(start_elsewhere, [home] * 3))) == 1


def test_it_outlives_the_process_that_started_it(home: Path) -> None:
    start_elsewhere(home)
    info = status(home)
    assert info is not None
    assert os.getsid(info.pid) == info.pid, "a Ctrl-C in the terminal would reach it"


def test_a_taken_port_is_told_when_it_was_asked_for_and_passed_over_when_not(home: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(HubUnreachable, match="no free port"):
            up(home, port=port, runtime="process")
        home.mkdir(exist_ok=True)
        (home / "daemon.json").write_text(json.dumps({"pid": 1, "port": port, "runtime": "process"}))
        info = up(home, runtime="process")
    assert info.url != f"http://127.0.0.1:{port}"


def test_a_process_that_got_the_number_later_is_left_alone(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        try:
            home.mkdir()
            record = {"pid": bystander.pid, "port": free_port(), "runtime": "process"}
            (home / "daemon.json").write_text(json.dumps(record))
            assert status(home) is None
            assert down(home) is False
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_a_killed_hub_is_started_anew(home: Path) -> None:
    first = up(home, port=free_port(), runtime="process")
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while pidfile.find(home) and time.monotonic() < deadline:
        time.sleep(0.02)
    again = up(home, runtime="process")
    assert (again.url, again.token) == (first.url, first.token)


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    home.mkdir()
    (home / "accounts.json").write_text("{broken")
    with pytest.raises(HubUnreachable, match="did not start") as caught:
        up(home, port=free_port(), runtime="process")
    assert any("JSONDecodeError" in line for line in caught.value.details)


def test_an_unknown_runtime_is_a_mistake(home: Path) -> None:
    with pytest.raises(ConfigError, match="podman"):
        up(home, runtime="podman")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's table of sockets in /proc")
def test_only_loopback_hears_it(home: Path) -> None:
    info = up(home, port=free_port(), runtime="process")
    port = f"{int(info.url.rpartition(':')[2]):04X}"
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    lines = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    listening_at = {line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{port}")}
    assert listening_at == {f"0100007F:{port}"}


def test_it_gets_nothing_of_the_environment_that_may_be_secret(home: Path) -> None:
    env = {**os.environ, "HF_TOKEN": "hf_not-for-the-hub", "DATABASE_PASSWORD": "not-for-the-hub"}
    info = up(home, port=free_port(), runtime="process", env=env)
    if sys.platform == "linux":
        assert b"not-for-the-hub" not in Path(f"/proc/{info.pid}/environ").read_bytes()
        assert info.token.reveal().encode() not in Path(f"/proc/{info.pid}/cmdline").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process's environment in /proc")
def test_what_it_starts_can_learn_of_the_network(home: Path) -> None:
    """As pip, which installs what an app needs. Loopback is spared, whoever asks there."""
    env = {"PATH": os.environ["PATH"], "https_proxy": f"http://127.0.0.1:{free_port()}", "SSL_CERT_FILE": "/ca.pem"}
    info = up(home, port=free_port(), runtime="process", env=env)
    told = Path(f"/proc/{info.pid}/environ").read_bytes().decode().split("\0")
    assert {f"{name}={env[name]}" for name in ("https_proxy", "SSL_CERT_FILE")} <= set(told)
    assert any(line.startswith("no_proxy=") and "127.0.0.1" in line for line in told)


# What it remembers ---------------------------------------------------------------------------------------


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    home = tmp_path / "hub"
    with running_hub(home) as hub:
        api = hub.api()
        api.create_repo("local/app", repo_type="space", space_sdk="docker")
        made = commit(api, "local/app", app_files())
        api.add_space_variable("local/app", "NAME", "value", description="why")
        api.add_space_secret("local/app", "KEY", "hidden")
        api.create_tag("local/app", tag="v1", repo_type="space")
        settled(api, "local/app", made)
        reader = hub.new_token("ann", "read")
        before = api.get_space_variables("local/app"), api.get_space_secrets("local/app")
        api.create_repo("local/asleep", repo_type="space", space_sdk="docker")
        commit(api, "local/asleep", app_files())
        api.pause_space("local/asleep")
    assert hub.process.returncode == 0, "it was killed by the signal before it could end what it started"
    with running_hub(home) as hub:
        api = hub.api()
        assert hub.api(reader).whoami()["name"] == "ann"
        assert (api.get_space_variables("local/app"), api.get_space_secrets("local/app")) == before
        assert [ref.name for ref in api.list_repo_refs("local/app", repo_type="space").tags] == ["v1"]
        runtime = settled(api, "local/app", made)
        assert runtime.stage == "RUNNING"
        assert api.get_space_runtime("local/asleep").stage == "PAUSED"


def test_what_is_secret_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "hub"
    value = "correct-horse-battery-staple"
    with running_hub(home) as hub:
        api = hub.api()
        api.create_repo("local/app", repo_type="space", space_sdk="docker")
        api.add_space_secret("local/app", "KEY", value)
        token = hub.token
    holding: list[Path] = []
    for path in (one for one in home.rglob("*") if one.is_file()):
        data = path.read_bytes()
        if value.encode() in data or token.encode() in data:
            holding.append(path)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert {path.name for path in holding} == {"secrets.json", "token"}
    assert stat.S_IMODE(home.stat().st_mode) & 0o077 == 0
