"""`.ci/packages`, on a machine of the test's own: its programs are links and stand-ins, its root is a folder."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "packages"
TOOLS = ("sh", "chmod", "mkdir", "rm", "sleep")
PROGRAMS = ("git", "curl", "ps", "initdb", "redis-server", "chromium")
EVERYTHING = {"git", "curl", "procps", "ca-certificates", "python3", "python3-venv"}
EVERYTHING |= {"postgresql", "redis-server", "chromium"}


class Machine:
    """A bare one, on which root can install; `installed` is what apt was asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.program("id", "echo 0")
        self.program("apt-get", 'echo "$@" >>"$DPKG_ROOT/asked"')

    def program(self, name: str, body: str = "exit 0") -> None:
        place = self.bin / name
        place.write_text(f"#!/bin/sh\n{body}\n")
        place.chmod(0o755)

    def complete(self) -> None:
        for name in (*PROGRAMS, "python3"):
            self.program(name)
        certificates = self.root / "etc" / "ssl" / "certs" / "ca-certificates.crt"
        certificates.parent.mkdir(parents=True)
        certificates.touch()

    def start(self) -> subprocess.Popen[str]:
        env = {"PATH": str(self.bin), "DPKG_ROOT": str(self.root)}
        return subprocess.Popen([str(SCRIPT)], env=env, stderr=subprocess.PIPE, text=True)

    def run(self) -> tuple[int, str]:
        process = self.start()
        _, said = process.communicate(timeout=60)
        return process.returncode, said

    @property
    def installed(self) -> set[str]:
        [update, install] = (self.root / "asked").read_text().splitlines()
        assert update.startswith("update")
        words = install.split()
        return {word for word in words[words.index("install") :] if not word.startswith("-")} - {"install"}

    @property
    def policy(self) -> Path:
        return self.root / "usr" / "sbin" / "policy-rc.d"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_is_asked_where_all_is_there(machine: Machine) -> None:
    machine.complete()
    machine.program("id", "echo 1000")
    assert machine.run() == (0, "")
    assert not (machine.root / "asked").exists()


def test_a_bare_machine_gets_everything(machine: Machine) -> None:
    code, said = machine.run()
    assert code == 0, said
    assert machine.installed == EVERYTHING


@pytest.mark.parametrize(
    ("program", "package"),
    [("ps", "procps"), ("initdb", "postgresql"), ("redis-server", "redis-server"), ("chromium", "chromium")],
)
def test_only_what_is_missing_is_installed(machine: Machine, program: str, package: str) -> None:
    machine.complete()
    (machine.bin / program).unlink()
    assert machine.run()[0] == 0
    assert machine.installed == {package}


def test_a_python_without_its_virtual_environments_is_none(machine: Machine) -> None:
    machine.complete()
    machine.program("python3", "exit 1")
    assert machine.run()[0] == 0
    assert machine.installed == {"python3", "python3-venv"}


def test_postgresql_is_found_where_debian_keeps_it(machine: Machine) -> None:
    machine.complete()
    server = machine.root / "usr" / "lib" / "postgresql" / "17" / "bin" / "initdb"
    server.parent.mkdir(parents=True)
    (machine.bin / "initdb").rename(server)
    assert machine.run() == (0, "")


def test_no_service_is_started_by_its_package(machine: Machine) -> None:
    machine.program("apt-get", '"$DPKG_ROOT/usr/sbin/policy-rc.d"; echo "$1 $?" >>"$DPKG_ROOT/asked"')
    assert machine.run()[0] == 0
    assert (machine.root / "asked").read_text() == "update 101\ninstall 101\n"
    assert not machine.policy.exists()


def test_a_policy_of_the_machines_own_stays(machine: Machine) -> None:
    machine.policy.parent.mkdir(parents=True)
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    assert machine.run()[0] == 0
    assert machine.policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_an_interrupt_takes_the_policy_back(machine: Machine) -> None:
    machine.program("apt-get", "echo under way >&2; exec sleep 60")
    process = machine.start()
    assert process.stderr is not None
    assert "installing" in process.stderr.readline()
    assert process.stderr.readline() == "under way\n"
    assert machine.policy.exists()
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    process.send_signal(signal.SIGTERM)
    subprocess.run(["kill", *children.stdout.split()], check=True)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not machine.policy.exists()


def test_only_root_installs(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    code, said = machine.run()
    assert code == 1
    assert "only root can install git curl" in said


def test_a_failed_installation_is_no_success(machine: Machine) -> None:
    machine.program("apt-get", "echo no such package >&2; exit 100")
    code, said = machine.run()
    assert code == 100
    assert "no such package" in said
    assert not machine.policy.exists()
