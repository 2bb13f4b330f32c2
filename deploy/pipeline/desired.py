"""What the target's Space should be: the source's tree and the settings, as the Space room takes them."""

from __future__ import annotations

from pathlib import Path

from deploy.config import Target
from deploy.revision import REVISION_FILE
from deploy.settings import Settings
from deploy.source.objects import blob_oid
from deploy.source.tree import Tree
from deploy.space.changes import DesiredFile
from deploy.space.plan import Desired, DesiredSettings


def desired_state(tree: Tree, staged: Path, target: Target, settings: Settings, *, older: bool = False) -> Desired:
    """The files of a tree, their content taken from the folder it was staged into, and the settings."""
    carrier = tree.revision_text.encode()
    files = {
        file.path: DesiredFile(path=file.path, size=file.size, oid=file.oid, content=staged / file.path)
        for file in tree.files
    }
    files[REVISION_FILE] = DesiredFile(path=REVISION_FILE, size=len(carrier), oid=blob_oid(carrier), content=carrier)
    return Desired(
        files=files,
        entries={**tree.entries, REVISION_FILE: ("file", blob_oid(carrier))},
        settings=desired_settings(target, settings, older=older),
    )


def desired_settings(target: Target, settings: Settings, *, older: bool = False) -> DesiredSettings:
    """The settings alone, as the commands that ship nothing need them. `older`: also secrets that were rotated out."""
    return DesiredSettings(
        variables=settings.variables,
        secrets=settings.secrets,
        rules=target.secrets,
        hardware=target.hardware,
        visibility=target.visibility,
        older=older,
    )
