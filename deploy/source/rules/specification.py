"""The specification is there to be read."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.source.findings import Finding, error
from deploy.source.material import Material


def specification(material: Material) -> Iterator[Finding]:
    """The file that deploy.toml names exists and says something. A project without one has nothing to fail."""
    spec = material.config.source.spec
    if spec is None:
        return
    shown = spec.relative_to(material.config.root) if spec.is_relative_to(material.config.root) else spec
    if not spec.is_file():
        what = f"there is no specification at {shown}"
        yield error("spec-missing", what, "write it, or correct source.spec in deploy.toml")
    elif not spec.read_text(encoding="utf-8", errors="replace").strip():
        yield error("spec-empty", f"the specification {shown} is empty", "say what the deployment must do")
