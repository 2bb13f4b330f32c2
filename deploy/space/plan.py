"""The list of changes that would make a Space equal to what is desired. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.config import SecretRule
from deploy.errors import WrongSdk
from deploy.secret import Secret, generate
from deploy.space.changes import (
    Change,
    CreateSpace,
    DesiredFile,
    Removal,
    RemoveSecret,
    RemoveVariable,
    Restart,
    SetHardware,
    SetSecret,
    SetVariable,
    SetVisibility,
    Verify,
    WriteFiles,
)
from deploy.space.model import RemoteEntry, SpaceInfo
from deploy.space.observe import KEPT_FILES, Entries, Observed
from deploy.space.secrets import VARIABLE_DESCRIPTION, SecretStatus, compare, superseded_by
from deploy.stages import FAILED_STAGES, IDLE_STAGES


@dataclass(frozen=True, kw_only=True)
class DesiredSettings:
    """What the Space's settings should be; `secrets` are those with a known value, `older` ones too if that is said."""

    variables: Mapping[str, str]
    secrets: Mapping[str, Secret]
    rules: Mapping[str, SecretRule]
    hardware: str
    visibility: str
    older: bool = False


@dataclass(frozen=True, kw_only=True)
class Desired:
    """What the Space should be. `entries` is the root listing of `files`."""

    files: Mapping[str, DesiredFile]
    entries: Entries
    settings: DesiredSettings


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would change, in the order in which it is done, and what is left alone on purpose."""

    changes: tuple[Change, ...]
    secrets: tuple[SecretStatus, ...]
    lacking: tuple[str, ...]
    notes: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def files(self) -> WriteFiles | None:
        return next((change for change in self.changes if isinstance(change, WriteFiles)), None)

    @property
    def superseded(self) -> tuple[str, ...]:
        """Names of secrets whose value here was rotated out on the Space."""
        return tuple(status.name for status in self.secrets if status.state == "superseded")

    @property
    def settings(self) -> tuple[Change, ...]:
        """What is written before the commit: everything but the Space itself, its files, and what comes after."""
        return tuple(
            change
            for change in self.changes
            if not isinstance(change, CreateSpace | WriteFiles | Verify) and change not in self.removals
        )

    @property
    def verifies(self) -> bool:
        """Whether the commit that serves already has to be verified."""
        return any(isinstance(change, Verify) for change in self.changes)

    @property
    def only_verifies(self) -> bool:
        """Whether there is nothing to ship and nothing to set."""
        return self.verifies and len(self.changes) == 1

    @property
    def removals(self) -> tuple[Change, ...]:
        """What is removed once the new release serves."""
        return tuple(change for change in self.changes if isinstance(change, Removal) and not change.first)


def make_plan(desired: Desired, observed: Observed, *, make: Callable[[str], Secret] = generate) -> Plan:
    """Compare. Raises WrongSdk for a Space that is not a Docker Space."""
    wanted = desired.settings
    secrets = compare(wanted.rules, wanted.secrets, observed.secrets, older=wanted.older, make=make)
    if observed.info is None:
        changes = _creation(desired, secrets)
    else:
        changes = _differences(desired, observed, observed.info, secrets)
    return _plan(changes, desired.settings, observed, secrets)


def make_settings_plan(desired: DesiredSettings, observed: Observed, info: SpaceInfo) -> Plan:
    """Compare the settings of a Space that exists; its files are left alone."""
    secrets = compare(desired.rules, desired.secrets, observed.secrets, older=desired.older)
    first, last = _removals(desired, observed, secrets)
    return _plan((*first, *_settings(desired, observed, info, secrets), *last), desired, observed, secrets)


def make_rotation_plan(name: str, value: Secret, observed: Observed, *, known: Secret | None = None) -> Plan:
    """The new value of one secret and nothing else; what has its name goes first. `known` is the value from here."""
    there = observed.secrets.get(name)
    stored = observed.variables.get(name)
    first = [RemoveVariable(name=name, old=None if there else stored.value, first=True)] if stored else []
    state, superseded = "rotated" if there else "missing", superseded_by(value, there, known)
    change = SetSecret(name=name, value=value, state=state, superseded=superseded)
    return Plan(changes=(*first, change), secrets=(), lacking=(), notes=())


def _plan(
    changes: tuple[Change, ...], desired: DesiredSettings, observed: Observed, secrets: tuple[SecretStatus, ...]
) -> Plan:
    return Plan(
        changes=changes,
        secrets=secrets,
        lacking=tuple(status.name for status in secrets if status.lacking),
        notes=_notes(desired, observed, secrets),
    )


def _creation(desired: Desired, secrets: tuple[SecretStatus, ...]) -> tuple[Change, ...]:
    create = CreateSpace(
        hardware=desired.settings.hardware,
        visibility=desired.settings.visibility,
        variables=desired.settings.variables,
        secrets={status.name: status.value for status in secrets if status.value},
    )
    return create, _files(desired.files, {})


def _differences(
    desired: Desired, observed: Observed, info: SpaceInfo, secrets: tuple[SecretStatus, ...]
) -> tuple[Change, ...]:
    if info.sdk != "docker":
        raise WrongSdk(
            f"{info.id} is a {info.sdk} Space, not a Docker Space.",
            cause="the SDK is chosen when a Space is made and in its README.md",
            next_step="name another Space in deploy.toml, or delete this one on its settings page",
        )
    first, last = _removals(desired.settings, observed, secrets)
    changes: list[Change] = [*_settings(desired.settings, observed, info, secrets)]
    if observed.files is not None:
        files = _files(desired.files, observed.files)
        if files.operations:
            changes.append(files)
    if info.runtime.stage in IDLE_STAGES or (info.runtime.stage in FAILED_STAGES and not changes):
        changes.append(Restart(stage=info.runtime.stage, factory=info.runtime.stage == "BUILD_ERROR"))
    if not observed.good and not any(isinstance(change, WriteFiles) for change in changes):
        changes.append(Verify(commit=info.sha))
    return (*first, *changes, *last)


def _settings(
    desired: DesiredSettings, observed: Observed, info: SpaceInfo, secrets: tuple[SecretStatus, ...]
) -> tuple[Change, ...]:
    changes: list[Change] = []
    for name, value in sorted(desired.variables.items()):
        stored = observed.variables.get(name)
        if stored is None or stored.value != value:
            changes.append(SetVariable(name=name, value=value, old=stored.value if stored else None))
    changes += [
        SetSecret(name=s.name, value=s.value, state=s.state, superseded=s.superseded) for s in secrets if s.value
    ]
    if info.runtime.hardware not in {None, desired.hardware}:
        changes.append(SetHardware(value=desired.hardware, old=str(info.runtime.hardware)))
    if info.private != (desired.visibility == "private"):
        changes.append(SetVisibility(value=desired.visibility, old="private" if info.private else "public"))
    return tuple(changes)


def _removals(
    desired: DesiredSettings, observed: Observed, secrets: tuple[SecretStatus, ...]
) -> tuple[tuple[Removal, ...], tuple[Removal, ...]]:
    """First whatever has the name of a declared setting of the other kind: the Hub starts no Space with both
    ("Collision on variables and secrets names"). Last what is ours and no longer declared.
    """
    taken = _names_of_secrets(desired, observed, secrets)
    first: list[Removal] = []
    last: list[Removal] = []
    for name, stored in sorted(observed.variables.items()):
        old = None if name in observed.secrets else stored.value
        if name in taken:
            first.append(RemoveVariable(name=name, old=old, first=True))
        elif name not in desired.variables and stored.description == VARIABLE_DESCRIPTION:
            last.append(RemoveVariable(name=name, old=old))
    for status in secrets:
        if status.name in desired.variables:
            first.append(RemoveSecret(name=status.name, first=True))
        elif status.remove:
            last.append(RemoveSecret(name=status.name))
    return tuple(first), tuple(last)


def _names_of_secrets(
    desired: DesiredSettings, observed: Observed, secrets: tuple[SecretStatus, ...]
) -> frozenset[str]:
    """Declared ones that are on the Space, or will be."""
    there = (status.name for status in secrets if status.value or status.name in observed.secrets)
    return frozenset(there) & desired.rules.keys()


def _files(wanted: Mapping[str, DesiredFile], remote: Mapping[str, RemoteEntry]) -> WriteFiles:
    known = [(file, remote.get(path)) for path, file in wanted.items()]
    return WriteFiles(
        added=tuple(file for file, there in known if there is None),
        changed=tuple(file for file, there in known if there and not file.equals(there)),
        deleted=tuple(path for path in remote if path not in wanted and path not in KEPT_FILES),
    )


def _notes(desired: DesiredSettings, observed: Observed, secrets: tuple[SecretStatus, ...]) -> tuple[str, ...]:
    taken = {*desired.variables, *_names_of_secrets(desired, observed, secrets)}
    theirs = [
        name
        for name, stored in sorted(observed.variables.items())
        if name not in taken and stored.description != VARIABLE_DESCRIPTION
    ]
    notes = [f"variable {name} is on the Space and not declared; not ours, left alone" for name in theirs]
    for status in secrets:
        if status.state == "not ours" and status.name not in {*desired.rules, *desired.variables}:
            beside = "; the Hub starts no Space with both" if status.name in theirs else ""
            notes.append(f"secret {status.name} is on the Space and not declared; not ours, left alone{beside}")
        if status.state == "edited elsewhere" and status.value is None:
            notes.append(f"secret {status.name} was edited by someone else; kept, as no value is given here")
    return tuple(notes)
