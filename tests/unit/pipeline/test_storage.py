"""A target that asks for durable storage is told when its data would end with the container."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.pipeline.storage import why_data_would_not_last
from deploy.secret import Secret
from deploy.settings import Settings
from deploy.space.model import Runtime, SpaceInfo
from deploy.space.observe import Observed
from tests.unit.ground.builders import target
from tests.unit.space.builders import HEAD, foreign, variable

DURABLE = 'storage = "durable"'
BUCKET = {"type": "bucket", "source": "owner/data", "mountPath": "/data"}
NO_FOLDER = "data would end with the container: there is no secret DATABASE_URL, and no DATA_DIR names a volume"


def space(*volumes: Mapping[str, Any]) -> SpaceInfo:
    runtime = Runtime.parse({"stage": "RUNNING", "sha": HEAD, "volumes": list(volumes)})
    return SpaceInfo(id="owner/tasks", sha=HEAD, sdk="docker", host="", private=False, runtime=runtime)


def risk(
    root: Path,
    observed: Observed,
    *,
    asks: str = DURABLE,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> str | None:
    known = {name: Secret(value) for name, value in (secrets or {}).items()}
    settings = Settings(variables=variables or {}, secrets=known, token=None)
    return why_data_would_not_last(target(root, asks), settings, observed)


@pytest.mark.parametrize("asks", ["", 'storage = "ephemeral"'])
def test_a_target_that_asks_for_nothing_is_told_nothing(tmp_path: Path, asks: str) -> None:
    assert risk(tmp_path, Observed(info=None), asks=asks) is None


def test_without_database_and_volume_data_would_not_last(tmp_path: Path) -> None:
    assert risk(tmp_path, Observed(info=None)) == NO_FOLDER
    assert risk(tmp_path, Observed(info=space())) == NO_FOLDER
    assert risk(tmp_path, Observed(info=space(BUCKET))) == NO_FOLDER


def test_a_database_is_enough_whether_its_address_is_known_here_or_on_the_space(tmp_path: Path) -> None:
    assert risk(tmp_path, Observed(info=None), secrets={"DATABASE_URL": "postgres://h/d"}) is None
    there = Observed(info=space(), secrets={"DATABASE_URL": foreign()})
    assert risk(tmp_path, there) is None


@pytest.mark.parametrize("folder", ["/data", "/data/", "/data/tasks"])
def test_a_folder_on_a_bucket_lasts(tmp_path: Path, folder: str) -> None:
    assert risk(tmp_path, Observed(info=space(BUCKET)), variables={"DATA_DIR": folder}) is None
    by_hand = Observed(info=space(BUCKET), variables={"DATA_DIR": variable(folder)})
    assert risk(tmp_path, by_hand) is None


@pytest.mark.parametrize(
    ("folder", "volumes"),
    [
        ("/data", []),
        ("/database", [BUCKET]),
        ("/", [BUCKET]),
        ("/data", [{**BUCKET, "readOnly": True}]),
        ("/data", [{**BUCKET, "type": "dataset"}]),
    ],
)
def test_a_folder_elsewhere_or_on_what_cannot_be_written_does_not(
    tmp_path: Path, folder: str, volumes: list[Mapping[str, Any]]
) -> None:
    told = risk(tmp_path, Observed(info=space(*volumes)), variables={"DATA_DIR": folder})
    assert told is not None
    assert told.endswith(f"no volume that can be written is mounted at {folder}")
