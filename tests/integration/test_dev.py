"""`./dev` for real, in a clone of its own, installing a stand-in for Invoke from a folder instead of an index."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INVOKE = """
import json, os, sys
print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), "python": sys.executable}))
sys.exit(7 if "fail" in sys.argv else 0)
"""
TOOLS = ("sh", "cat", "cmp", "dirname", "env", "readlink", "sleep")


def wheel(folder: Path, name: str, version: str, **files: str) -> str:
    """Make a wheel in `folder`; its lines for a lock."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    members = {f"{name}/{file}.py": text for file, text in {"__init__": "", **files}.items()}
    members[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    members[f"{about}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{member},,\n" for member in [*members, f"{about}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in {**members, f"{about}/RECORD": record}.items():
            archive.writestr(member, text)
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@dataclass(frozen=True)
class Clone:
    """A checkout with what `./dev` reads, the wheels it may install, and the PATH it finds Python on."""

    root: Path
    wheels: Path
    path: str = os.environ["PATH"]

    @property
    def env(self) -> dict[str, str]:
        """Of a person whose pip and Python are told odd things that must not matter."""
        return {
            "PATH": self.path,
            "HOME": str(self.root),
            "TMPDIR": str(self.root.parent),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PIP_USER": "1",
            "PIP_TARGET": str(self.root / "elsewhere"),
            "PYTHONPATH": str(self.root / "shadow"),
        }

    def start(
        self, *arguments: str, cwd: Path | None = None, program: Path | None = None, **env: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [program or self.root / "dev", *arguments],
            cwd=cwd or self.root,
            env={**self.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, cwd: Path | None = None, program: Path | None = None, **env: str) -> Ran:
        process = self.start(*arguments, cwd=cwd, program=program, **env)
        return finished(process)

    def works(self) -> bool:
        """Whether a command runs and .venv does not have to be made for it."""
        ran = self.run("hello")
        return (ran.code, ran.talk) == (0, "") and '"hello"' in ran.out


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    talk: str

    @property
    def made(self) -> bool:
        return "dev: making .venv with" in self.talk


def finished(process: subprocess.Popen[str]) -> Ran:
    out, talk = process.communicate(timeout=120)
    return Ran(process.returncode, out, talk)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return new_clone(tmp_path)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """One whose environment is made, to copy: making it takes a second or two."""
    made = new_clone(tmp_path_factory.mktemp("template"))
    assert made.run("hello").made
    return made


@pytest.fixture
def made_clone(template: Clone, tmp_path: Path) -> Clone:
    """A clone whose environment is in order."""
    root = shutil.copytree(template.root, tmp_path / "a clone", symlinks=True)
    (root / ".venv" / "ready" / "root").write_text(f"{root}\n")
    clone = Clone(root, template.wheels)
    assert clone.works()
    return clone


def new_clone(folder: Path) -> Clone:
    root, wheels = folder / "a clone", folder / "the wheels"
    wheels.mkdir()
    (root / "deploy").mkdir(parents=True)
    (root / "shadow").mkdir()
    (root / "shadow" / "json.py").write_text("raise SystemExit('not the standard library')\n")
    shutil.copy(ROOT / "dev", root)
    shutil.copy(ROOT / "deploy" / "bootstrap.py", root / "deploy")
    invoke, tool = wheel(wheels, "invoke", "1.0", __main__=INVOKE), wheel(wheels, "tool", "1.0")
    (root / "requirements.txt").write_text(f"# a lock\n{invoke}    # via -r requirements.in\n")
    (root / "requirements-dev.txt").write_text(tool)
    return Clone(root, wheels)


def test_a_first_command_makes_the_environment_and_the_next_does_not(clone: Clone) -> None:
    first = clone.run("deploy", "--to", "a b", "", "*")

    assert first.code == 0
    assert '["deploy", "--to", "a b", "", "*"]' in first.out.replace('"--write-pyc", ', "")
    assert "dev: making .venv with Python 3." in first.talk
    assert "dev: ready in" in first.talk
    assert clone.works()
    assert not (clone.root / "elsewhere").exists()


def test_exit_code_and_folder_are_those_of_the_project(clone: Clone, tmp_path: Path) -> None:
    link = tmp_path / "bin" / "sw"
    link.parent.mkdir()
    link.symlink_to("../a clone/dev")

    ran = clone.run("fail", cwd=tmp_path, program=link)

    assert ran.code == 7
    assert f'"cwd": "{clone.root}"' in ran.out
    assert f'"python": "{clone.root}/.venv/bin/python"' in ran.out


def test_without_arguments_the_commands_are_listed(clone: Clone) -> None:
    assert '"--list"]' in clone.run().out


def test_a_changed_lock_makes_it_anew(made_clone: Clone) -> None:
    (made_clone.root / "requirements.txt").write_text(wheel(made_clone.wheels, "invoke", "2.0", __main__=INVOKE))

    assert made_clone.run("hello").made
    assert [path.name for path in made_clone.root.glob(".venv/lib/*/*/*.dist-info")] == ["invoke-2.0.dist-info"]


def test_commands_that_need_more_add_it_once(made_clone: Clone) -> None:
    added = made_clone.run("lint")

    assert (added.code, added.made) == (0, False)
    assert "adding 1 packages of requirements-dev.txt" in added.talk
    assert made_clone.run("test").talk == ""
    assert made_clone.works()
    assert len([*made_clone.root.glob(".venv/lib/*/*/*.dist-info")]) == 2


def test_locks_that_contradict_each_other_are_refused(made_clone: Clone) -> None:
    other = wheel(made_clone.root, "invoke", "2.0", __main__=INVOKE)
    with (made_clone.root / "requirements-dev.txt").open("a") as lock:
        lock.write(other)

    ran = made_clone.run("lint")

    assert ran.code == 1
    assert "requirements-dev.txt pins invoke otherwise than requirements.txt" in ran.talk
    assert made_clone.works()


def test_an_addition_that_failed_leaves_nothing_half_added(made_clone: Clone) -> None:
    lock = made_clone.root / "requirements-dev.txt"
    good = lock.read_text()
    lock.write_text(good.replace("==1.0", "==1.1"))

    assert made_clone.run("lint").code == 1
    lock.write_text(good)

    assert made_clone.run("hello").made
    assert made_clone.works()


@pytest.mark.parametrize("damage", ["python", "packages", "half", "moved", "emptied"])
def test_a_broken_environment_is_mended(made_clone: Clone, damage: str) -> None:
    venv = made_clone.root / ".venv"
    if damage == "python":
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").symlink_to("/nowhere/python3.11")
    elif damage == "packages":
        shutil.rmtree(next(venv.glob("lib/*/site-packages/invoke")))
    elif damage == "half":
        (venv / "ready" / "root").rename(venv / "ready" / "unfinished")
        shutil.rmtree(venv / "lib")
    elif damage == "emptied":
        shutil.rmtree(venv)
        (venv / "ready").mkdir(parents=True)
    else:
        made_clone = Clone(made_clone.root.rename(made_clone.root.with_name("moved")), made_clone.wheels)

    mended = made_clone.run("hello")

    assert (mended.code, mended.made) == (0, True)
    assert made_clone.works()


def foreign(clone: Clone, kind: str) -> Path:
    """A .venv of somebody's own, of this kind, and a file that would be lost with it."""
    venv = clone.root / ".venv"
    if kind == "file":
        venv.write_text("the name of an environment elsewhere\n")
        return venv
    place = clone.root.parent / "elsewhere" if kind.startswith("link") else venv
    if kind == "link to nothing":
        venv.symlink_to(place)
        return venv
    package = place / "lib" / "python3.13" / "site-packages" / "cowsay.py"
    package.parent.mkdir(parents=True)
    package.write_text("")
    if place != venv:
        venv.symlink_to(place)
    if kind == "link to another project's":
        (place / "ready").mkdir()
        (place / "ready" / "root").write_text("/another/project\n")
    return package


@pytest.mark.parametrize("kind", ["folder", "file", "link", "link to nothing", "link to another project's"])
def test_an_environment_of_somebody_else_is_left_alone(clone: Clone, kind: str) -> None:
    kept = foreign(clone, kind)

    refused = clone.run("hello")

    assert (refused.code, refused.out) == (1, "")
    assert f"{clone.root}/.venv was not made by ./dev" in refused.talk
    assert "export SPACEWRIGHT_VENV=.venv.dev" in refused.talk
    assert os.path.lexists(kept)


def test_another_folder_serves_beside_it(clone: Clone) -> None:
    kept = foreign(clone, "folder")

    first = clone.run("hello", SPACEWRIGHT_VENV=".venv.dev", cwd=clone.root.parent)
    following = clone.run("hello", SPACEWRIGHT_VENV=str(clone.root / ".venv.dev"))

    assert "making .venv.dev with" in first.talk
    assert f'"python": "{clone.root}/.venv.dev/bin/python"' in following.out
    assert following.talk == ""
    assert kept.exists()


def test_an_environment_behind_a_link_is_made_anew_where_it_lies(made_clone: Clone) -> None:
    venv, elsewhere = made_clone.root / ".venv", made_clone.root.parent / "elsewhere"
    venv.rename(elsewhere)
    venv.symlink_to(elsewhere)
    (made_clone.root / "requirements.txt").write_text(wheel(made_clone.wheels, "invoke", "2.0", __main__=INVOKE))

    assert made_clone.run("hello").made
    assert made_clone.works()
    assert [path.name for path in elsewhere.glob("lib/*/*/*.dist-info")] == ["invoke-2.0.dist-info"]


def test_a_new_environment_keeps_nothing_of_the_old(made_clone: Clone) -> None:
    assert made_clone.run("lint").code == 0
    (made_clone.root / ".venv" / "lib" / "stale").mkdir()
    with (made_clone.root / "requirements.txt").open("a") as lock:
        lock.write("# compiled again\n")

    assert made_clone.run("hello").made
    assert not (made_clone.root / ".venv" / "lib" / "stale").exists()
    assert "adding 1 packages of requirements-dev.txt" in made_clone.run("lint").talk


def test_two_at_once_make_it_once(clone: Clone) -> None:
    both = [clone.start("hello"), clone.start("hello")]
    ran = [finished(process) for process in both]

    assert [one.code for one in ran] == [0, 0]
    assert sorted(one.made for one in ran) == [False, True]
    assert clone.works()


# What stops it half-way ----------------------------------------------------------------------------------


@pytest.fixture
def silent_index() -> Iterator[socket.socket]:
    """A package index that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


def stuck(clone: Clone, index: socket.socket) -> tuple[subprocess.Popen[str], socket.socket]:
    """A `./dev` that waits for that index, and the connection it waits on."""
    url = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
    process = clone.start("hello", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=url)
    connection, _ = index.accept()
    return process, connection


def test_an_interrupt_leaves_it_to_the_next(clone: Clone, silent_index: socket.socket) -> None:
    process, connection = stuck(clone, silent_index)
    with connection:
        os.killpg(process.pid, signal.SIGINT)
        ran = finished(process)

    assert ran.code in {130, -signal.SIGINT}
    assert "interrupted" in ran.talk
    assert "Traceback" not in ran.talk
    assert clone.run("hello").made
    assert clone.works()


def test_a_killed_one_holds_up_the_next_while_its_pip_still_writes(clone: Clone, silent_index: socket.socket) -> None:
    process, connection = stuck(clone, silent_index)
    with connection:
        for pid in [*children(process.pid), process.pid]:
            os.kill(pid, signal.SIGKILL)
        following = clone.start("hello")
        assert following.stderr is not None
        assert "another ./dev is installing packages" in following.stderr.readline()
        os.killpg(process.pid, signal.SIGKILL)
        finished(process)

    assert finished(following).made
    assert clone.works()


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True, check=True).stdout
    return [int(child) for parent, child in map(str.split, listed.splitlines()) if int(parent) == pid]


@pytest.mark.parametrize("spoilt", [r"sha256:.{8}", r" \\\n.*"])
def test_what_is_not_locked_by_a_hash_is_refused(clone: Clone, spoilt: str) -> None:
    lock = clone.root / "requirements.txt"
    lock.write_text(re.sub(spoilt, lambda found: "sha256:00000000" if ":" in spoilt else "", lock.read_text()))

    ran = clone.run("hello")

    assert ran.code == 1
    assert f"dev: {clone.root}/.venv could not be made: pip failed" in ran.talk
    assert "  | ERROR: " in ran.talk
    assert "hash" in ran.talk.lower()
    assert "next:" in ran.talk
    assert "Traceback" not in ran.talk
    assert not (clone.root / ".venv" / "ready" / "root").exists()


# The Python it finds -------------------------------------------------------------------------------------


def on_path(clone: Clone, **pythons: str) -> Clone:
    """The clone on a machine with a few tools and these shell scripts as its Pythons."""
    folder = clone.root.parent / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(str(shutil.which(tool)))
    for name, script in pythons.items():
        program = folder / name.replace("_", ".")
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return Clone(clone.root, clone.wheels, path=str(folder))


OLD = "echo 3.9"
SHIM = "echo 'python3.13: command not found' >&2; exit 127"
WITHOUT_VENV = 'case "$*" in *venv*) exit 1 ;; esac; echo 3.12'
GOOD = f'exec "{sys.executable}" "$@"'


def test_no_python_is_said(clone: Clone) -> None:
    ran = on_path(clone).run("hello")

    assert (ran.code, ran.out) == (1, "")
    assert "Python 3.11 or newer is needed; there is none on PATH" in ran.talk


def test_an_old_python_is_said(clone: Clone) -> None:
    ran = on_path(clone, python3=OLD, python3_13=SHIM).run("hello")

    assert ran.code == 1
    assert "Python 3.11 or newer is needed; found only 3.9" in ran.talk


def test_a_python_without_venv_is_said(clone: Clone) -> None:
    ran = on_path(clone, python3=WITHOUT_VENV).run("hello")

    assert ran.code == 1
    assert "Python 3.12 is here without its venv module" in ran.talk
    assert "apt-get install python3.12-venv" in ran.talk


def test_the_first_python_that_can_do_it_is_taken(clone: Clone) -> None:
    machine = on_path(clone, python3_13=SHIM, python3_12=WITHOUT_VENV, python3_11=OLD, python3=GOOD)

    assert machine.run("hello").code == 0
    assert machine.works()
