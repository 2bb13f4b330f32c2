from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import LockError
from deploy.lock import compiling, worker
from deploy.lock.compiling import Job, compile_lock
from deploy.lock.files import Place
from deploy.lock.inputs import read_inputs
from tests.unit.lock.conftest import Compiler, Project

ELSEWHERE = Place(python="3.99", image="python:3.99-slim")


def job(project: Project, **options: Any) -> Job:
    project.write(requirements_in="fastapi\n")
    return Job(lock_file=project.lock_file, inputs=read_inputs(project.lock_file.input, project.root), **options)


def test_any_python_compiles_what_any_python_installs(project: Project, compiler: Compiler) -> None:
    compiler.lock = "anyio==1\n"
    heard: list[str] = []
    compiler.said = "Collecting anyio"

    assert compile_lock(job(project), run=compiler, on_line=heard.append) == "anyio==1\n"

    assert compiler.commands[0].argv[0] == sys.executable
    assert compiler.job["tools"] is None
    assert heard == ["Collecting anyio"], "the answer is not for people"


def test_nothing_of_the_machine_is_asked_for(project: Project) -> None:
    arguments = compiling.arguments(job(project))

    assert {"--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-emit-options", "--no-config"} <= {*arguments}
    assert arguments[-2:] == ["requirements.txt", "requirements.in"]
    assert "--upgrade" not in arguments


def test_an_upgrade_and_a_lock_that_is_not_trusted_are_told_to_pip_compile(project: Project) -> None:
    assert "--upgrade" in compiling.arguments(job(project, upgrade=True))
    assert "--no-reuse-hashes" in compiling.arguments(job(project, trust_hashes=False))


def test_another_python_compiles_inside_the_image(project: Project, compiler: Compiler) -> None:
    project.place, compiler.python, compiler.lock = ELSEWHERE, "3.99", "anyio==1\n"

    assert compile_lock(job(project), run=compiler) == "anyio==1\n"

    argv = compiler.commands[-1].argv
    assert argv[:3] == ("docker", "run", "--rm")
    assert "python:3.99-slim" in argv
    assert "--env=HTTPS_PROXY" in argv, "by name: its value may hold a password"
    names = zipfile.ZipFile(io.BytesIO(base64.b64decode(compiler.job["tools"]))).namelist()
    assert {"piptools/__main__.py", "pip/__main__.py", "click/__init__.py"} <= {*names}
    assert not [name for name in names if name.endswith((".so", ".pyc")) or name.startswith(("/", ".."))]


def test_without_an_engine_another_python_is_refused_with_the_reason(project: Project, compiler: Compiler) -> None:
    project.place, compiler.engine = ELSEWHERE, False

    with pytest.raises(LockError) as refused:
        compile_lock(job(project), run=compiler)

    assert "no Docker engine answers" in str(refused.value.cause)
    assert "Python 3.99" in str(refused.value.next_step)
    assert refused.value.details == ("Cannot connect to the Docker daemon",)


def test_an_image_with_another_python_than_declared_is_refused(project: Project, compiler: Compiler) -> None:
    project.place, compiler.python, compiler.lock = ELSEWHERE, "3.98", None

    with pytest.raises(LockError, match=r"python:3\.99-slim has Python 3\.98"):
        compile_lock(job(project), run=compiler)


def test_an_image_that_does_not_run_is_told_from_requirements_that_cannot_be_met(project: Project) -> None:
    project.place = ELSEWHERE

    class Broken(Compiler):
        def __call__(self, *arguments: Any, **options: Any) -> Any:
            result = super().__call__(*arguments, **options)
            return result if result.output == "28.2.2" else type(result)(code=125, output="no bridge", seconds=0.0)

    with pytest.raises(LockError, match="ended with code 125") as failed:
        compile_lock(job(project), run=Broken())

    assert failed.value.details == ("no bridge",)
    assert "docker run" in str(failed.value.next_step)


def test_a_failure_is_told_without_its_traceback(project: Project, compiler: Compiler) -> None:
    compiler.code = 1
    compiler.said = (
        "  ERROR: Could not find a version that satisfies the requirement fastapi==99\n"
        "Traceback (most recent call last):\n"
        '  File "resolver.py", line 1, in resolve\n'
        "\n"
        "pip._internal.exceptions.DistributionNotFound: No matching distribution found\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
    )

    with pytest.raises(LockError, match=r"requirements\.in cannot be locked") as failed:
        compile_lock(job(project), run=compiler)

    assert failed.value.details == ("ERROR: Could not find a version that satisfies the requirement fastapi==99",)


def test_an_index_that_does_not_answer_is_told_apart(project: Project, compiler: Compiler) -> None:
    compiler.code = 1
    compiler.said = "WARNING: Retrying after connection broken by NewConnectionError\n" * 5

    with pytest.raises(LockError, match="the package index does not answer") as failed:
        compile_lock(job(project), run=compiler)

    assert len(failed.value.details) == 1


# The worker ----------------------------------------------------------------------------------------------

PIPTOOLS = """
import json, os, pathlib, sys
pathlib.Path("requirements.txt").write_text(json.dumps({
    "argv": sys.argv[1:], "env": dict(os.environ), "files": sorted(map(str, pathlib.Path("..").rglob("*.*"))),
}))
sys.stderr.write("resolving\\n")
sys.exit(int(os.path.exists("fail.in")))
"""


def work(document: dict[str, Any], **env: str) -> tuple[list[str], dict[str, Any]]:
    """Run the real worker on a stand-in for pip-tools: its talk, and its answer."""
    tools = io.BytesIO()
    with zipfile.ZipFile(tools, "w") as archive:
        archive.writestr("piptools/__init__.py", "")
        archive.writestr("piptools/__main__.py", PIPTOOLS)
    document = {"python": None, "folder": "backend", "arguments": ["-x"], "output": "requirements.txt", **document}
    document["tools"] = base64.b64encode(tools.getvalue()).decode()
    done = subprocess.run(
        [sys.executable, "-I", worker.__file__],
        input=json.dumps(document),
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    *talk, answer = done.stdout.splitlines()
    return talk, json.loads(answer)


def test_the_worker_lets_nothing_of_pips_configuration_through() -> None:
    configured = {"PIP_FIND_LINKS": "/opt/wheels", "PIP_EXTRA_INDEX_URL": "https://example.com", "PIP_CONSTRAINT": "/c"}
    files = {"backend/requirements.in": "fastapi\n"}

    talk, answer = work({"files": files}, **configured, PIP_CERT="/ca.pem", HTTPS_PROXY="http://proxy")

    seen = json.loads(answer["lock"])
    assert {name for name in seen["env"] if name.startswith("PIP_")} == {
        "PIP_CERT",
        "PIP_CONFIG_FILE",
        "PIP_DISABLE_PIP_VERSION_CHECK",
        "PIP_NO_INPUT",
    }
    assert seen["env"]["PIP_CONFIG_FILE"] == os.devnull
    assert seen["env"]["HTTPS_PROXY"] == "http://proxy"
    assert seen["argv"] == ["compile", "-x"]
    assert talk == ["resolving"]
    assert answer["code"] == 0


def test_the_worker_answers_a_failure_with_its_code() -> None:
    _, answer = work({"files": {"backend/fail.in": ""}})

    assert (answer["code"], answer["lock"]) == (1, None)


def test_the_worker_does_nothing_under_another_python() -> None:
    talk, answer = work({"files": {}, "python": "2.7"})

    assert (talk, answer["lock"]) == ([], None)
    assert answer["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_the_worker_leaves_nothing_behind(tmp_path: Path) -> None:
    work({"files": {"backend/requirements.in": "fastapi\n"}}, TMPDIR=str(tmp_path))

    assert list(tmp_path.iterdir()) == []
