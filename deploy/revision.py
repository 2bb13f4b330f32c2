"""The file that carries the revision to where the app is built; not part of what it names."""

from __future__ import annotations

REVISION_FILE = "REVISION"
