"""Whether the data of a target that asks for it would outlive the Space's container."""

from __future__ import annotations

from pathlib import PurePosixPath

from deploy.config import Target
from deploy.settings import Settings
from deploy.space.observe import Observed

DATABASE = "DATABASE_URL"
FOLDER = "DATA_DIR"
"""Where the backend that is shipped keeps its data: in the database of the one, else in the folder of the other."""


def why_data_would_not_last(target: Target, settings: Settings, observed: Observed) -> str | None:
    """None for a target that asks for nothing, has a database, or keeps its data on a volume that can be written."""
    if not target.durable or DATABASE in settings.secrets or DATABASE in observed.secrets:
        return None
    stored = observed.variables.get(FOLDER)
    folder = settings.variables.get(FOLDER) or (stored.value if stored else "")
    volumes = observed.info.runtime.volumes if observed.info else ()
    if folder and any(PurePosixPath(folder).is_relative_to(volume) for volume in volumes):
        return None
    lack = f"no volume that can be written is mounted at {folder}" if folder else f"no {FOLDER} names a volume"
    return f"data would end with the container: there is no secret {DATABASE}, and {lack}"


def cure(target: Target) -> str:
    return f"set {DATABASE} in .env.{target.name}, or mount a bucket on the Space and declare its folder as {FOLDER}"
