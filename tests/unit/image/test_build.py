"""When an image is built, and when one that passed is taken instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import BuildFailed
from deploy.image.build import ImageSource, build_image, mark_passed, repository
from deploy.image.engine import BuildRequest, Engine, Image
from deploy.secret import Secret

BASE = "python:3.13-slim"


class StoreEngine(Engine):
    """An engine whose store is a dictionary and whose builds always succeed."""

    platform = "linux/x86_64"

    def __init__(self) -> None:
        self.store = {BASE: Image(id="sha256:base", tag=BASE, size=1, layers=1, labels={})}
        self.digests: dict[str, str] = {}
        self.builds: list[BuildRequest] = []

    def find_image(self, reference: str) -> Image | None:
        return self.store.get(reference)

    def published_digest(self, reference: str) -> str | None:
        return self.digests.get(reference)

    def build(self, request: BuildRequest, on_line: Callable[[str], None] | None = None) -> Image:
        self.builds.append(request)
        if on_line:
            on_line("#1 DONE")
        image = Image(id=f"sha256:{len(self.builds)}", tag=request.tag, size=5, layers=2, labels=dict(request.labels))
        self.store[request.tag] = image
        return image

    def tag(self, image: Image, reference: str) -> None:
        self.store[reference] = image

    def tags(self, repository: str) -> tuple[str, ...]:
        return tuple(reversed([name for name in self.store if name.startswith(f"{repository}:")]))

    def remove_tag(self, reference: str) -> None:
        self.store.pop(reference, None)

    def remove_untagged(self, label: str) -> None:
        self.removed_untagged = label


@pytest.fixture
def engine() -> StoreEngine:
    return StoreEngine()


@pytest.fixture
def source(tmp_path: Path) -> ImageSource:
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\n")
    return ImageSource(
        project="My Project",
        staged=tmp_path,
        revision="a" * 40,
        source_sha="b" * 40,
        variables={"LEVEL": "info"},
        secrets={"TOKEN": Secret("hunter2hunter2")},
        timeout=60.0,
    )


def test_variables_are_build_args_secrets_mounts_and_labels_tell_the_origin(
    engine: StoreEngine, source: ImageSource
) -> None:
    outcome = build_image(engine, source)
    (request,) = engine.builds
    assert request.build_args == {"LEVEL": "info"}
    assert request.secrets == source.secrets
    assert request.labels["spacewright.revision"] == "a" * 40
    assert request.labels["spacewright.source-sha"] == "b" * 40
    assert request.labels["spacewright.inputs"] == outcome.key
    assert request.tag == "spacewright/my-project:aaaaaaaaaaaa"


def test_outside_git_there_is_no_source_sha(engine: StoreEngine, source: ImageSource) -> None:
    build_image(engine, replace(source, source_sha=None))
    assert "spacewright.source-sha" not in engine.builds[0].labels


def test_what_passed_is_not_built_again(engine: StoreEngine, source: ImageSource) -> None:
    first = build_image(engine, source)
    mark_passed(engine, source, first)
    second = build_image(engine, source)
    assert len(engine.builds) == 1
    assert second.reused
    assert second.image.id == first.image.id


def test_what_was_built_and_did_not_pass_is_built_again(engine: StoreEngine, source: ImageSource) -> None:
    build_image(engine, source)
    assert not build_image(engine, source).reused
    assert len(engine.builds) == 2


def test_a_newer_base_image_is_a_new_build(engine: StoreEngine, source: ImageSource) -> None:
    mark_passed(engine, source, build_image(engine, source))
    engine.store[BASE] = replace(engine.store[BASE], id="sha256:newer")
    assert not build_image(engine, source).reused


def test_a_tag_whose_label_differs_is_not_trusted(engine: StoreEngine, source: ImageSource) -> None:
    outcome = build_image(engine, source)
    mark_passed(engine, source, outcome)
    tag = next(name for name in engine.store if ":passed-" in name)
    engine.store[tag] = replace(outcome.image, labels={"spacewright.inputs": "0" * 64})
    assert not build_image(engine, source).reused


def test_a_base_image_that_only_its_registry_has_is_known_by_its_digest(
    engine: StoreEngine, source: ImageSource
) -> None:
    del engine.store[BASE]
    engine.digests[BASE] = "sha256:published"
    mark_passed(engine, source, build_image(engine, source))
    assert build_image(engine, source).reused


def test_the_log_is_handed_on(engine: StoreEngine, source: ImageSource) -> None:
    lines: list[str] = []
    build_image(engine, source, on_line=lines.append)
    assert lines == ["#1 DONE"]


def test_an_unknown_base_image_is_built_and_never_reused(engine: StoreEngine, source: ImageSource) -> None:
    del engine.store[BASE]
    outcome = build_image(engine, source)
    mark_passed(engine, source, outcome)
    assert outcome.key is None
    assert not build_image(engine, source).reused


def test_old_names_of_the_project_go_and_the_newest_stay(engine: StoreEngine, source: ImageSource) -> None:
    for number in range(12):
        version = replace(source, revision=f"{number:040}"[::-1])
        mark_passed(engine, version, build_image(engine, version))
    names = engine.tags(repository(source.project))
    assert len(names) == 10
    assert build_image(engine, version).reused


def test_the_document_has_digest_size_and_layers(engine: StoreEngine, source: ImageSource) -> None:
    document = build_image(engine, source).as_document()
    assert (document["digest"], document["size"], document["layers"]) == ("sha256:1", 5, 2)
    assert document["reused"] is False


def test_without_a_dockerfile_nothing_is_asked_of_the_engine(engine: StoreEngine, source: ImageSource) -> None:
    (source.staged / "Dockerfile").unlink()
    with pytest.raises(BuildFailed, match="no Dockerfile"):
        build_image(engine, source)
    assert engine.builds == []


def test_a_dockerfile_that_is_not_text_is_refused(engine: StoreEngine, source: ImageSource) -> None:
    (source.staged / "Dockerfile").write_bytes(b"FROM \xff\n")
    with pytest.raises(BuildFailed, match="not UTF-8"):
        build_image(engine, source)


@pytest.mark.parametrize(
    ("project", "name"),
    [("backend", "backend"), ("My_App 2", "my-app-2"), ("…", "project")],
    ids=["plain", "mixed", "nothing-left"],
)
def test_repository_names_are_what_docker_takes(project: str, name: str) -> None:
    assert repository(project) == f"spacewright/{name}"
