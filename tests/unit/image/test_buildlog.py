"""Logs of failed builds, as BuildKit wrote them, and the error each becomes."""

from __future__ import annotations

import pytest

from deploy.errors import BuildFailed, CommandFailed, EngineUnavailable
from deploy.image.buildlog import build_failure, engine_gone, engine_trouble, overdue

DOCKERFILE = "FROM python:3.13-slim\nRUN echo start && \\\n    exit 3\n"
STEP_FAILED = """\
#4 [1/2] FROM docker.io/library/python:3.13-slim
#4 CACHED

#5 [2/2] RUN echo start &&     exit 3
#5 0.113 start
#5 ERROR: executor failed running [/bin/sh -c echo start &&     exit 3]: exit code: 3
------
 > [2/2] RUN echo start &&     exit 3:
------
executor failed running [/bin/sh -c echo start &&     exit 3]: exit code: 3
"""
STEP_FAILED_POINTED = """\
#5 [2/2] RUN echo start &&     exit 3
#5 ERROR: process "/bin/sh -c echo start &&     exit 3" did not complete successfully: exit code: 3
------
Dockerfile:2
--------------------
   1 |     FROM python:3.13-slim
   2 | >>> RUN echo start && \\
   3 | >>>     exit 3
--------------------
ERROR: failed to solve: process "/bin/sh -c echo start &&     exit 3" did not complete successfully: exit code: 3
"""
NO_BASE = """\
#3 [internal] load metadata for docker.io/library/nosuch:1
#3 ERROR: failed to do request: Head "https://registry.invalid/v2/library/nosuch/manifests/1": no such host
------
 > [internal] load metadata for docker.io/library/nosuch:1:
------
failed to solve with frontend dockerfile.v0: failed to create LLB definition: failed to do request: no such host
"""
NO_SECRET = """\
#5 [2/2] RUN --mount=type=secret,id=TOKEN,required=true cat /run/secrets/TOKEN
#5 ERROR: secret TOKEN not found: not found
"""


def failure(log: str, dockerfile: str = DOCKERFILE) -> BuildFailed:
    error = build_failure(log.splitlines(), dockerfile)
    assert isinstance(error, BuildFailed)
    return error


def test_a_failed_step_names_the_step_its_line_and_its_exit_code() -> None:
    error = failure(STEP_FAILED)
    assert "[2/2] RUN echo start" in error.what
    assert "(Dockerfile:2)" in error.what
    assert error.cause == "its command ended with code 3; the last it wrote: start"
    assert "#5 0.113 start" in error.details


def test_a_known_failure_is_named_with_its_cure() -> None:
    error = failure('#6 ERROR: failed to compute cache key: "/nothere" not found: not found')
    assert error.what == "The image does not build: the build failed."
    assert "/nothere" in (error.cause or "")
    assert (error.next_step or "").startswith("correct the path")


STEP = "#7 [3/5] RUN {mount}work\n#7 sha256:00\n#6 9.0 error: of another step\n{output}\n#7 ERROR: exit code: 1\n"


def of_step(*output: str, mount: str = "") -> BuildFailed:
    written = "\n".join(f"#7 1.{number} {line}" for number, line in enumerate(output))
    error = build_failure(STEP.format(output=written, mount=mount).splitlines(), DOCKERFILE, secrets=["TOKEN"])
    assert isinstance(error, BuildFailed)
    return error


@pytest.mark.parametrize(
    ("output", "cause", "cure"),
    [
        (["error: the schema is older", "bye"], "error: the schema is older", "mend"),
        (["Error: No such option: --frozn"], "No such option: --frozn", "mend"),
        (["E: Unable to locate package ffmpeg6"], "apt knows no package ffmpeg6", "apt-get update"),
        (["/bin/sh: 1: wget: not found"], "wget is not installed", "apt-get install -y --no-install-recommends wget"),
        (["/bin/sh: 1: poetry: not found"], "poetry is not installed", "RUN pip install poetry"),
        (["touch: cannot touch '/srv/x': Permission denied"], "the USER of the Dockerfile may not", "above USER"),
        (
            ["error: Unable to find lockfile at `pdm.lock`, but"],
            "the file pdm.lock is not in the image",
            ".dockerignore",
        ),
        (["ERROR: No matching distribution found for jaxlib==1.2+cuda12"], "index of their own", "--extra-index-url"),
        (
            ["src/a.ts(3,1): error TS2322: Type", "npm error Lifecycle script `build` failed with error:"],
            "TS2322",
            "mend",
        ),
        (["error during build:", "Could not resolve entry", "npm error code 1"], "Could not resolve entry", "mend"),
        ([" ERR_PNPM_OUTDATED_LOCKFILE  Cannot install", "", "Note that"], "ERR_PNPM_OUTDATED_LOCKFILE", "mend"),
        (
            ["    CMake Error: CMAKE_C_COMPILER not set", "  [end of output]", "ERROR: Failed building wheel for y"],
            "CMake Error: CMAKE_C",
            "mend",
        ),
        (["useradd: UID 1000 is not unique"], "UID 1000 is not unique", "mend"),
        (
            [
                "npm error code EUSAGE",
                "npm error",
                "npm error The `npm ci` command can only install with a lock",
                "npm error",
            ],
            "npm error The `npm ci` command",
            "mend",
        ),
        (
            [
                "  x.c:1:10: fatal error: ffi.h: No such file",
                "  compilation terminated.",
                "ERROR: Failed building wheel for x",
            ],
            "the header ffi.h",
            "libffi-dev",
        ),
        (
            ["ERROR: Cannot install a==1 and b==2 because of conflicting", "", "ERROR: ResolutionImpossible: see"],
            "a==1",
            "mend",
        ),
    ],
)
def test_the_last_telling_line_of_the_failed_step_is_the_cause(output: list[str], cause: str, cure: str) -> None:
    error = of_step("WARNING: Permission denied", *output)
    assert cause in (error.cause or "")
    assert cure in (error.next_step or "")


def test_alpine_installs_by_a_tool_of_its_own() -> None:
    log = STEP.format(output="#7 1.0 /bin/sh: 1: git: not found", mount="").splitlines()
    error = build_failure(log, "ARG A=1\nFROM python:3.13-alpine\nRUN git\n")
    assert "RUN apk add --no-cache git" in str(error)
    assert "apt-get" not in str(error)


def test_a_step_that_mounts_a_secret_had_a_stand_in() -> None:
    denied = "error: 401 Unauthorized"
    mount = "--mount=type=secret,id=TOKEN "
    assert "TOKEN, which has a stand-in here" in (of_step(denied, mount=mount).next_step or "")
    assert "stand-in" not in (of_step(denied).next_step or "")


def test_the_line_that_buildkit_points_at_is_taken() -> None:
    assert "(Dockerfile:2)" in failure(STEP_FAILED_POINTED, dockerfile="").what


def test_syntax_errors_of_old_and_new_buildkits_name_the_line() -> None:
    for text in ("parse error line 2", "parse error on line 2"):
        error = failure(f"ERROR: failed to solve: dockerfile {text}: unknown instruction: RUNN")
        assert error.what == "The Dockerfile does not parse: unknown instruction: RUNN (Dockerfile:2)."
        assert error.next_step == "mend Dockerfile:2"


def test_an_empty_dockerfile_does_not_parse() -> None:
    assert "does not parse" in failure("failed to create LLB definition: the Dockerfile cannot be empty").what


def test_a_missing_base_image_is_named_with_the_way_to_fetch_it() -> None:
    error = failure(NO_BASE)
    assert error.what == "The image docker.io/library/nosuch:1, which the Dockerfile needs, could not be fetched."
    assert error.next_step == "docker pull docker.io/library/nosuch:1"


@pytest.mark.parametrize(
    "title",
    ["resolve image config for docker-image://docker.io/docker/dockerfile:1", "FROM docker.io/docker/dockerfile:1"],
    ids=["syntax-directive", "copy-from"],
)
def test_images_that_are_needed_otherwise_are_named_too(title: str) -> None:
    error = failure(f"#3 {title}\n#3 sha256:00\n#3 ERROR: failed to do request: no such host\n")
    assert "docker.io/docker/dockerfile:1, which the Dockerfile needs" in error.what


def test_a_required_secret_without_value_is_named() -> None:
    error = failure(NO_SECRET, "FROM a\nRUN --mount=type=secret,id=TOKEN,required=true cat /run/secrets/TOKEN\n")
    assert error.what == "The Dockerfile requires the build secret TOKEN, which has no value (Dockerfile:2)."
    assert "deploy.toml" in (error.next_step or "")


def test_a_log_that_says_nothing_still_becomes_a_sentence() -> None:
    assert failure("").what == "The image does not build: the build failed."


def test_a_full_disk_is_the_engines_trouble_whatever_step_met_it() -> None:
    log = [*STEP_FAILED.splitlines(), "#5 ERROR: failed to copy files: copy file range failed: no space left on device"]
    error = build_failure(log, DOCKERFILE)
    assert isinstance(error, EngineUnavailable)
    assert "disk is full" in error.what
    assert "docker builder prune" in (error.next_step or "")


def test_an_engine_that_went_away_is_recognised() -> None:
    error = engine_trouble(["failed to dial gRPC: cannot connect to the Docker daemon. Is it running?"])
    assert error is not None
    assert error.what == engine_gone([]).what


def test_an_ordinary_failure_is_no_trouble_of_the_engine() -> None:
    assert engine_trouble(STEP_FAILED.splitlines()) is None


def test_an_overdue_build_keeps_what_the_runner_saw() -> None:
    error = overdue(CommandFailed("docker did not end within 5 s and was stopped.", details=("#5 1.0 waiting",)))
    assert "did not end within 5 s" in error.what
    assert error.details == ("#5 1.0 waiting",)
