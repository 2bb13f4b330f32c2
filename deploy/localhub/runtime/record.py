"""What a Space's runtime must know after the Hub was restarted: `<home>/spaces/<ns>/<name>/runtime.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.localhub import statefile


@dataclass(frozen=True, kw_only=True)
class Built:
    """The newest revision that served: its commit, the runner's reference to it, the checkout if it runs in it."""

    commit: str
    reference: str
    folder: str | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """`port` of the stable address; stage, sha and message as last reported; `wished` is the newest commit."""

    port: int | None = None
    stage: str | None = None
    sha: str | None = None
    error_message: str | None = None
    wished: str | None = None
    built: Built | None = None

    @classmethod
    def read(cls, path: Path) -> Record:
        """The record, or an empty one."""
        fields: dict[str, Any] = statefile.read(path)
        built = fields.pop("built", None)
        return cls(**fields, built=Built(**built) if built else None)

    def write(self, path: Path) -> None:
        statefile.write(path, asdict(self))
