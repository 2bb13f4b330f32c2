"""No code starts a server beside the one that the image starts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deploy.source.findings import Finding, error, warning
from deploy.source.material import Material
from deploy.source.python.server_starts import ServerStart, server_starts

_STARTS = re.compile(r"\b(?:launch|run|run_app|run_simple|serve|serve_forever|main)\s*\(")
"""What a file that starts a server has in it; most have not, and need not be followed."""


def starts(material: Material) -> Iterator[Finding]:
    """Server starts in the modules that serve."""
    script = material.serving.script if material.serving else None
    for path in sorted(material.serves):
        names = material.names(path) if _STARTS.search(material.text(path)) else None
        found = server_starts(names) if names else ()
        for start in {(start.line, start.when): start for start in found}.values():
            if start.when == "import":
                yield _at_import(path, start, is_script=path == script)


def _at_import(path: str, start: ServerStart, *, is_script: bool) -> Finding:
    by_name = isinstance(start.argument("app", 0), ast.Constant)
    if is_script and not by_name:
        what = f"it starts {start.server} as soon as it is imported; the image runs it, and nothing else may import it"
        cure = 'put the start under if __name__ == "__main__":'
        return warning("start-unguarded", what, cure, file=path, line=start.line)
    what = f"it starts {start.server} as soon as it is imported, so the server of the image never gets the app"
    return error("start-at-import", what, "remove it; the image starts the server", file=path, line=start.line)
