"""Servers that serve and servers that do not, booted in a real engine."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from deploy.errors import SmokeFailed
from deploy.image.boot import Serving
from deploy.image.engine import ContainerRequest, Engine
from deploy.image.smoke import SmokeReport, smoke_image
from deploy.secret import Secret
from tests.integration.image.conftest import MINE, Sample

MIB = 1024**2


def smoke(docker: Engine, sample: Sample, misbehave: str = "", **changes: Any) -> SmokeReport:
    return smoke_image(docker, sample.request(misbehave, **changes))


def failure(docker: Engine, sample: Sample, misbehave: str, **changes: Any) -> SmokeFailed:
    with pytest.raises(SmokeFailed) as caught:
        smoke(docker, sample, misbehave, **changes)
    assert docker.labelled(MINE) == ()
    return caught.value


def test_a_good_image_serves_on_a_random_port_and_on_app_port(docker: Engine, sample: Sample) -> None:
    report = smoke(docker, sample)
    random_boot, plain_boot = report.boots
    assert random_boot.port_given
    assert random_boot.port != 7860
    assert (plain_boot.port, plain_boot.port_given) == (7860, False)
    assert report.warnings == ()
    assert docker.labelled(MINE) == ()


def test_while_it_serves_the_environment_is_the_targets_without_port(docker: Engine, sample: Sample) -> None:
    seen: dict[str, Any] = {}

    def look(serving: Serving) -> None:
        with urllib.request.urlopen(f"{serving.url}/health", timeout=5) as answer:
            seen.update(json.load(answer))

    request = sample.request(PORT="1234", LEVEL="info", API_KEY=Secret("hunter2hunter2"))
    smoke_image(docker, request, while_serving=look)
    assert {"LEVEL", "API_KEY"} <= set(seen["environment"])
    assert "PORT" not in seen["environment"]


def test_one_that_exits_is_told_with_code_and_log_and_without_the_secret(docker: Engine, sample: Sample) -> None:
    error = failure(docker, sample, "exit", API_KEY=Secret("hunter2hunter2"))
    assert "ended with code 3" in error.what
    assert error.details == ("cannot go on with [REDACTED]",)


def test_one_that_answers_once_and_dies_is_not_ready(docker: Engine, sample: Sample) -> None:
    assert "ended with code 4" in failure(docker, sample, "once").what


def test_one_that_writes_where_the_image_lets_it_serves(docker: Engine, sample: Sample) -> None:
    assert len(smoke(docker, sample, "write").boots) == 2


@pytest.mark.parametrize(
    ("misbehave", "read_only", "cause"),
    [
        ("write", True, "read_only = true"),
        ("write code", False, "where uid 1000 may not"),
        ("write data", False, "/data: a Space has it only with a mounted bucket"),
    ],
)
def test_one_that_writes_where_it_may_not_is_told_why(
    docker: Engine, sample: Sample, misbehave: str, read_only: bool, cause: str
) -> None:
    error = failure(docker, sample, misbehave, read_only=read_only)
    assert "ended with code 1" in error.what
    assert cause in (error.cause or "")


def test_one_on_loopback_is_told_so(docker: Engine, sample: Sample) -> None:
    assert "127.0.0.1 inside the container" in failure(docker, sample, "loopback").what


def test_one_on_another_port_is_told_which(docker: Engine, sample: Sample) -> None:
    assert "listens on port 9999 although PORT=" in failure(docker, sample, "elsewhere").what


def test_one_that_ignores_port_is_worth_a_warning(docker: Engine, sample: Sample) -> None:
    report = smoke(docker, sample, "fixed")
    assert [boot.port_given for boot in report.boots] == [False]
    assert "ignores $PORT" in report.warnings[0]
    assert "${PORT:-7860}" in report.warnings[0]


def test_a_port_that_is_declared_fixed_is_accepted_when_strict(docker: Engine, sample: Sample) -> None:
    report = smoke(docker, sample, "fixed", strict=True, fixed_port=True)
    assert "declared fixed" in report.warnings[0]


def test_one_that_ignores_port_fails_when_strict(docker: Engine, sample: Sample) -> None:
    assert "listens on port 7860 although PORT=" in failure(docker, sample, "fixed", strict=True).what


def test_one_that_takes_requests_and_is_silent_is_told_so(docker: Engine, sample: Sample) -> None:
    assert "does not answer them" in failure(docker, sample, "hang", ready_timeout=4.0).what


def test_one_that_never_listens_is_told_so(docker: Engine, sample: Sample) -> None:
    assert "nothing listens there" in failure(docker, sample, "idle", ready_timeout=3.0).what


def test_a_crash_loop_is_told_with_its_crash(docker: Engine, sample: Sample) -> None:
    error = failure(docker, sample, "restart")
    assert "keeps restarting: python" in error.what
    assert "RuntimeError: no database" in error.details


def test_another_revision_is_refused(docker: Engine, sample: Sample) -> None:
    assert f"answers with revision {'0' * 40}" in failure(docker, sample, "stale").what


def test_a_missing_revision_is_refused(docker: Engine, sample: Sample) -> None:
    assert "does not tell which revision" in failure(docker, sample, "silent").what


def test_an_unhealthy_one_is_told_with_its_status(docker: Engine, sample: Sample) -> None:
    assert "answers 500 instead of 200" in failure(docker, sample, "unhealthy", ready_timeout=3.0).what


def test_memory_is_limited_and_running_out_of_it_is_seen(docker: Engine, sample: Sample) -> None:
    request = ContainerRequest(
        image=sample.image, port=7860, environment={"MISBEHAVE": "eat"}, memory=64 * MIB, cpus=1.0
    )
    container = docker.start(request)
    try:
        # The log ends when the container does.
        assert list(container.follow_log()) == []
        state = container.state()
    finally:
        container.remove()
    assert state.oom_killed
    assert not state.running


def test_nothing_is_published_beyond_loopback_and_nothing_can_be_gained(docker: Engine, sample: Sample) -> None:
    container = docker.start(ContainerRequest(image=sample.image, port=7860, memory=64 * MIB, cpus=1.0))
    try:
        status = container.execute("cat", "/proc/self/status") or ""
        identity = container.execute("id", "-u")
        rooted = container.execute("touch", "/srv/file")
        temporary = container.execute("touch", "/tmp/file")
        port = container.port
    finally:
        container.remove()
    assert "CapEff:\t0000000000000000" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert identity == "1000\n"
    assert rooted is None
    assert temporary == ""
    assert port > 0
