"""Choosing among the docker programs of a machine by asking them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.errors import EngineUnavailable
from deploy.image.client import build_client

WITH_BUILDKIT = 'test "$DOCKER_BUILDKIT" = 1 && echo "      --secret stringArray   Secret to expose to the build"'
WITHOUT_BUILDX = 'echo "ERROR: BuildKit is enabled but the buildx component is missing or broken." >&2; exit 1'
LEGACY = 'echo "  -t, --tag list   Name and optionally a tag"'

Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setattr(os, "defpath", str(tmp_path / "system"))

    def make(folder: str, body: str) -> Path:
        place = tmp_path / folder / "docker"
        place.parent.mkdir()
        place.write_text(f'#!/bin/sh\necho asked >> "{place}.log"\n{body}\n')
        place.chmod(0o755)
        return place

    return make


def search(*places: Path) -> str:
    return os.pathsep.join(str(place.parent) for place in places)


def test_the_first_on_path_is_passed_over_when_it_cannot_build(program: Program) -> None:
    broken, good = program("first", WITHOUT_BUILDX), program("second", WITH_BUILDKIT)
    assert build_client(search(broken, good)) == good


def test_the_systems_own_folder_is_asked_when_path_has_no_good_one(program: Program) -> None:
    broken, good = program("first", LEGACY), program("system", WITH_BUILDKIT)
    assert build_client(search(broken)) == good


def test_the_answer_is_remembered(program: Program) -> None:
    good = program("only", WITH_BUILDKIT)
    assert build_client(search(good)) == build_client(search(good))
    assert Path(f"{good}.log").read_text() == "asked\n"


def test_a_program_that_two_folders_share_is_asked_once(program: Program, tmp_path: Path) -> None:
    broken = program("real", LEGACY)
    link = tmp_path / "linked" / "docker"
    link.parent.mkdir()
    link.symlink_to(broken)
    with pytest.raises(EngineUnavailable):
        build_client(search(link, broken))
    assert Path(f"{broken}.log").read_text() == "asked\n"


def test_when_none_can_build_each_answer_is_shown(program: Program) -> None:
    broken, legacy = program("first", WITHOUT_BUILDX), program("second", LEGACY)
    with pytest.raises(EngineUnavailable) as caught:
        build_client(search(broken, legacy))
    assert "BuildKit" in caught.value.what
    assert any("buildx component is missing" in line for line in caught.value.details)
    assert any(str(legacy) in line for line in caught.value.details)


def test_no_docker_at_all_says_so(program: Program, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="not installed"):
        build_client(str(tmp_path))
