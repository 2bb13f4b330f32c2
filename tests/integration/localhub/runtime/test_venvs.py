"""Virtual environments of Spaces: filled once for the same requirements, repaired, and given up when nobody waits."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.localhub.runtime.model import Stage
from tests.integration.localhub.runtime.test_process import app
from tests.unit.localhub.runtime.spaces import SPACE, Spaces, commit, until

A, B, C = commit("a"), commit("b"), commit("c")
MAIN = app(before="import parcel; NAME = parcel.CONTENT")


def wheel(folder: Path, content: str = "a small parcel") -> str:
    """A package `parcel` with one constant and a module that nobody imports; its hash as pip writes it."""
    folder.mkdir(exist_ok=True)
    files = {
        "parcel.py": f"CONTENT = {content!r}\n",
        "never_imported.py": "",
        "parcel-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n",
        "parcel-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{name},sha256={_digest(text)},{len(text)}" for name, text in files.items()]
    files["parcel-1.0.dist-info/RECORD"] = "\n".join([*lines, "parcel-1.0.dist-info/RECORD,,", ""])
    path = folder / "parcel-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spaces]:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    spaces = Spaces(tmp_path / "home")
    yield spaces
    spaces.supervisor.close()


@pytest.fixture
def lock(tmp_path: Path) -> str:
    """Requirements with a hash, from a folder of this test."""
    digest = wheel(tmp_path / "wheels")
    return f"--no-index\n--find-links {tmp_path / 'wheels'}\nparcel==1.0 \\\n    --hash={digest}\n"


def venvs(spaces: Spaces) -> list[Path]:
    return [path for path in (spaces.home / "venvs").iterdir() if path.is_dir()]


def name(spaces: Spaces, space: str = SPACE) -> str:
    return str(json.loads(spaces.visit(space=space))["name"])


def test_packages_are_installed_once_for_the_same_requirements(spaces: Spaces, lock: str) -> None:
    spaces.serve(A, {"main.py": MAIN, "requirements.txt": lock})
    assert name(spaces) == "a small parcel"
    assert "Successfully installed parcel-1.0" in spaces.log("build")
    spaces.serve(B, {"main.py": MAIN, "requirements.txt": lock})
    assert "as installed before for the same requirements" in spaces.log("build")
    assert "Successfully" not in spaces.log("build")
    assert len(venvs(spaces)) == 1


def test_bytecode_is_there_before_the_first_start(spaces: Spaces, lock: str) -> None:
    spaces.serve(A, {"main.py": MAIN, "requirements.txt": lock})
    assert list(venvs(spaces)[0].glob("lib/python*/site-packages/__pycache__/never_imported.*.pyc"))


def test_a_module_called_like_one_of_pythons_is_the_apps_alone(spaces: Spaces, lock: str) -> None:
    files = {"main.py": MAIN, "requirements.txt": lock, "logging.py": "raise SystemExit('the app has its own')\n"}
    spaces.serve(A, files)
    assert name(spaces) == "a small parcel"


def test_without_requirements_pip_does_not_run(spaces: Spaces) -> None:
    spaces.serve(A, {"main.py": app()})
    assert "Looking in" not in spaces.log("build")
    assert "installed" not in spaces.log("build").replace("as installed before", "")


def test_other_requirements_get_another_environment(spaces: Spaces, lock: str) -> None:
    spaces.serve(A, {"main.py": app()})
    spaces.serve(B, {"main.py": MAIN, "requirements.txt": lock})
    assert len(venvs(spaces)) == 2


def test_what_is_included_counts_as_content(spaces: Spaces, lock: str) -> None:
    spaces.serve(A, {"main.py": app(), "requirements.txt": "-r more.txt\n", "more.txt": ""})
    spaces.serve(B, {"main.py": MAIN, "requirements.txt": "-r more.txt\n", "more.txt": lock})
    assert name(spaces) == "a small parcel"


def test_a_wrong_hash_is_a_build_error(spaces: Spaces, lock: str, tmp_path: Path) -> None:
    wheel(tmp_path / "wheels", "something else")
    spaces.space.deploy(spaces.build(A, {"main.py": MAIN, "requirements.txt": lock}))
    message = str(spaces.news.wait(Stage.BUILD_ERROR, A).error_message)
    assert message.startswith("Build failed with exit code: 1. Reason: ERROR: THESE PACKAGES DO NOT MATCH THE HASHES")
    assert not list((spaces.home / "venvs").glob("*/.complete"))


def test_a_half_made_environment_is_made_again(spaces: Spaces, lock: str) -> None:
    spaces.serve(A, {"main.py": MAIN, "requirements.txt": lock})
    venv = venvs(spaces)[0]
    (venv / ".complete").unlink()
    next(venv.glob("lib/python*/site-packages/parcel.py")).write_text("CONTE")
    spaces.serve(B, {"main.py": MAIN, "requirements.txt": lock})
    assert "Successfully installed parcel-1.0" in spaces.log("build")
    assert name(spaces) == "a small parcel"


def test_two_builds_at_once_install_once(spaces: Spaces, lock: str) -> None:
    files = {"main.py": MAIN, "requirements.txt": lock}
    for space in ("local/one", "local/two"):
        spaces.supervisor.space(space).deploy(spaces.build(A, files, space_id=space))
    for space in ("local/one", "local/two"):
        until(_running(spaces, space))
        assert name(spaces, space) == "a small parcel"
    logs = [spaces.log("build", space) for space in ("local/one", "local/two")]
    assert sorted("Successfully installed" in log for log in logs) == [False, True]


def test_a_factory_rebuild_installs_again_and_leaves_the_old_one_to_who_runs_in_it(spaces: Spaces, lock: str) -> None:
    files = {"main.py": MAIN, "requirements.txt": lock}
    spaces.serve(A, files)
    spaces.space.restart(spaces.build(A, files), factory=True)
    spaces.news.wait(Stage.RUNNING_BUILDING, A)
    spaces.news.wait(Stage.RUNNING, A)
    assert "Successfully installed" in spaces.log("build")
    assert len(venvs(spaces)) == 2


def test_an_installation_that_nobody_waits_for_is_ended(spaces: Spaces) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as index:
        hanging = f"--index-url http://127.0.0.1:{index.getsockname()[1]}/simple\nparcel==1.0\n"
        spaces.space.deploy(spaces.build(A, {"main.py": MAIN, "requirements.txt": hanging}))
        connection, _ = index.accept()
        spaces.serve(B, {"main.py": app()})
        with connection:
            connection.settimeout(10)
            # The end of pip closes it; the request it sent comes first.
            assert b"GET /simple/parcel/" in b"".join(iter(lambda: connection.recv(4096), b""))


def test_old_environments_go_when_the_hub_starts(spaces: Spaces) -> None:
    spaces.serve(A, {"main.py": app()})
    spaces.supervisor.close()
    for number in range(10):
        old = spaces.home / "venvs" / f"old-{number}"
        old.mkdir()
        (old / ".complete").touch()
        os.utime(old / ".complete", (number, number))
    spaces.open()
    assert {path.name for path in venvs(spaces)} >= {"old-9", "old-3"}
    assert len(venvs(spaces)) == 8


def _running(spaces: Spaces, space: str) -> Callable[[], bool]:
    return lambda: spaces.supervisor.space(space).state().stage == "RUNNING"
