"""What a Space should be, and what is on it, with all that a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from deploy.config import SecretRule
from deploy.secret import Secret, fingerprint
from deploy.source.objects import blob_oid, root_entries
from deploy.space.changes import DesiredFile
from deploy.space.model import Runtime, SpaceInfo, StoredSecret, StoredVariable
from deploy.space.plan import Desired, DesiredSettings
from deploy.space.secrets import VARIABLE_DESCRIPTION, describe
from tests.unit.space.asked import EPOCH

HEAD = "a" * 40


def settings(
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    *,
    rules: tuple[SecretRule, ...] = (),
    hardware: str = "cpu-basic",
    visibility: str = "public",
) -> DesiredSettings:
    """`secrets` are declared by having a value; `rules` declares others."""
    values = secrets or {}
    declared = {name: rule(name) for name in values} | {each.name: each for each in rules}
    return DesiredSettings(
        variables=variables or {},
        secrets={name: Secret(value) for name, value in values.items()},
        rules=declared,
        hardware=hardware,
        visibility=visibility,
    )


def desired(files: Mapping[str, bytes] | None = None, wanted: DesiredSettings | None = None) -> Desired:
    contents = {"Dockerfile": b"FROM scratch"} if files is None else files
    return Desired(
        files={path: desired_file(path, content) for path, content in contents.items()},
        entries=root_entries({path: blob_oid(content) for path, content in contents.items()}),
        settings=wanted or settings(),
    )


def desired_file(path: str, content: bytes) -> DesiredFile:
    return DesiredFile(path=path, size=len(content), oid=blob_oid(content), content=content)


def rule(name: str, *, required: bool = True, generate: str | None = None) -> SecretRule:
    return SecretRule(name=name, required=required, generate=generate, rehearse=None)


def space_info(
    *,
    stage: str = "RUNNING",
    sha: str | None = HEAD,
    sdk: str | None = "docker",
    private: bool = False,
    hardware: str | None = "cpu-basic",
) -> SpaceInfo:
    return SpaceInfo(
        id="owner/tasks",
        sha=HEAD,
        sdk=sdk,
        host="https://owner-tasks.space.example",
        private=private,
        runtime=Runtime(stage=stage, sha=sha, hardware=hardware),
    )


def variable(value: str, *, ours: bool = True) -> StoredVariable:
    return StoredVariable(value=value, description=VARIABLE_DESCRIPTION if ours else None)


def stored(value: str, *rotated_out: str, at: datetime = EPOCH, updated: datetime | None = EPOCH) -> StoredSecret:
    """A secret that we wrote at `at`, after other values of it, and that the Hub says was last changed at `updated`."""
    before = tuple(fingerprint(Secret(each)) for each in rotated_out)
    return StoredSecret(description=describe(Secret(value), at, before), updated_at=updated)


def foreign(description: str | None = None) -> StoredSecret:
    return StoredSecret(description=description, updated_at=EPOCH)
