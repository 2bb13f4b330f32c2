"""Builds by a real BuildKit: secrets, arguments, labels, reuse, and every way to fail."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import BuildFailed
from deploy.image.build import PROJECT, ImageSource, build_image, mark_passed, repository
from deploy.image.client import build_client
from deploy.image.container import ContainerRequest
from deploy.image.engine import Engine
from deploy.secret import Secret

HIDDEN = "hunter2-hunter2-hunter2"
# The nonce keeps a step out of the build cache: a step that is cached runs nothing and says nothing.
DOCKERFILE = """\
FROM python:3.13-slim
ARG LEVEL
RUN --mount=type=secret,id=API_KEY,mode=0444,required=true \\
    : {nonce} && wc -c < /run/secrets/API_KEY > /size && echo "level=$LEVEL key=$(cat /run/secrets/API_KEY)"
CMD ["cat", "/size"]
"""


@pytest.fixture
def source(docker: Engine, tmp_path: Path, testrun_uid: str, worker_id: str) -> Iterator[ImageSource]:
    project = f"test {testrun_uid[:12]} {worker_id}"
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("{nonce}", secrets.token_hex(8)))
    yield ImageSource(
        project=project,
        staged=tmp_path,
        revision="a" * 40,
        source_sha="b" * 40,
        variables={"LEVEL": "two words"},
        secrets={"API_KEY": Secret(HIDDEN)},
        timeout=300.0,
    )
    for tag in docker.tags(repository(project)):
        docker.remove_tag(tag)


def failure(docker: Engine, source: ImageSource, dockerfile: str) -> BuildFailed:
    (source.staged / "Dockerfile").write_text(dockerfile)
    with pytest.raises(BuildFailed) as caught:
        build_image(docker, source)
    assert caught.value.next_step
    return caught.value


def test_a_build_sees_arguments_and_secrets_and_keeps_only_the_first(docker: Engine, source: ImageSource) -> None:
    lines: list[str] = []
    outcome = build_image(docker, source, on_line=lines.append)
    log = "\n".join(lines)
    assert "level=two words key=[REDACTED]" in log
    assert HIDDEN not in log
    assert outcome.image.size > 0
    assert outcome.image.layers >= 2
    assert outcome.image.labels["spacewright.revision"] == "a" * 40
    assert outcome.image.labels["spacewright.source-sha"] == "b" * 40
    assert HIDDEN not in _everything_about(outcome.image.id)


def test_what_passed_is_taken_again_until_an_input_changes(docker: Engine, source: ImageSource) -> None:
    first = build_image(docker, source)
    mark_passed(docker, source, first)
    again = build_image(docker, source)
    assert again.reused
    assert again.image.id == first.image.id
    changed = build_image(docker, replace(source, variables={"LEVEL": "debug"}))
    assert not changed.reused


def test_a_rebuild_leaves_no_nameless_image(docker: Engine, source: ImageSource) -> None:
    first = build_image(docker, source)
    second = build_image(docker, replace(source, source_sha="c" * 40))
    assert first.image.id != second.image.id
    assert docker.find_image(first.image.id) is None


def test_a_nameless_image_in_use_is_left(docker: Engine, source: ImageSource) -> None:
    first = build_image(docker, source)
    container = docker.start(ContainerRequest(image=first.image.id, port=7860, memory=64 << 20, cpus=1.0))
    try:
        build_image(docker, replace(source, source_sha="c" * 40))
        assert docker.find_image(first.image.id) is not None
    finally:
        container.remove()
        docker.remove_untagged(f"{PROJECT}=of another project")
        assert docker.find_image(first.image.id) is not None
        docker.remove_untagged(f"{PROJECT}={repository(source.project)}")
    assert docker.find_image(first.image.id) is None


def test_cleaning_up_does_not_mind_others_who_clean_up(docker: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(docker.remove_untagged, [f"{PROJECT}=nobody"] * 40))


def test_a_failing_step_names_its_line_and_shows_the_log(docker: Engine, source: ImageSource) -> None:
    error = failure(docker, source, "FROM python:3.13-slim\n\nRUN echo one\nRUN echo two && \\\n    exit 7\n")
    assert "(Dockerfile:4)" in error.what
    assert error.cause == "its command ended with code 7; the last it wrote: two"
    assert any("two" in line for line in error.details)


def test_a_dockerfile_that_does_not_parse_names_the_line(docker: Engine, source: ImageSource) -> None:
    error = failure(docker, source, "FROM python:3.13-slim\nRUNN echo\n")
    assert "does not parse" in error.what
    assert "Dockerfile:2" in error.what


def test_a_file_that_is_not_shipped_is_named(docker: Engine, source: ImageSource) -> None:
    error = failure(docker, source, "FROM python:3.13-slim\nCOPY nothere /\n")
    assert "(Dockerfile:2)" in error.what
    assert "/nothere" in (error.cause or "")


def test_a_required_secret_without_value_is_named(docker: Engine, source: ImageSource) -> None:
    dockerfile = (source.staged / "Dockerfile").read_text()
    assert "build secret API_KEY" in failure(docker, replace(source, secrets={}), dockerfile).what


def test_a_build_that_takes_too_long_is_stopped(docker: Engine, source: ImageSource) -> None:
    slow = replace(source, timeout=2.0)
    error = failure(docker, slow, f"FROM python:3.13-slim\nRUN : {secrets.token_hex(8)} && sleep 60\n")
    assert "did not end within 2 s" in error.what


def test_the_client_is_one_that_answers_for_buildkit(docker: Engine) -> None:
    client = build_client(os.environ["PATH"])
    env = {**os.environ, "DOCKER_BUILDKIT": "1"}
    helped = subprocess.run([client, "build", "--help"], env=env, capture_output=True, check=True, text=True)
    assert "--secret" in helped.stdout


def _everything_about(image: str) -> str:
    """Configuration, history, and every byte of every layer that differs from the base image."""
    docker = shutil.which("docker") or "docker"
    inspected = subprocess.run([docker, "image", "inspect", image], capture_output=True, check=True).stdout
    history = subprocess.run([docker, "history", "--no-trunc", image], capture_output=True, check=True).stdout
    created = subprocess.run([docker, "create", image], capture_output=True, check=True, text=True).stdout.strip()
    try:
        search = ["sh", "-c", f'{docker} export {created} | grep -a -c "{HIDDEN}" || true']
        found = subprocess.run(search, capture_output=True, check=True, text=True).stdout.strip()
    finally:
        subprocess.run([docker, "rm", "-f", created], capture_output=True, check=True)
    return f"{inspected!r}{history!r}" + (HIDDEN if found != "0" else "")
