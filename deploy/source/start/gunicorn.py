"""Settings that gunicorn takes from a Python file: `-c file`, or `gunicorn.conf.py` where it starts."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from deploy.network import LOOPBACK
from deploy.source.python.names import dotted, statements
from deploy.source.python.values import Scope
from deploy.source.start.files import ImageFiles
from deploy.source.start.launch import ALL, Launch, bound
from deploy.source.start.python_start import first_text

DEFAULT_FILE = "gunicorn.conf.py"


def gunicorn_settings(launched: Launch, files: ImageFiles, roots: tuple[str, ...], env: Mapping[str, str]) -> Launch:
    """The launch with what the file says; the command line counts more."""
    named = (launched.config or DEFAULT_FILE).removeprefix("file:").removeprefix("python:")
    path = files.source(named, roots[0])
    scope = Scope(path, files.read, files.modules(roots), env) if path else None
    if launched.worker is None and (path or not launched.config):
        worker, chosen = _setting(scope, "worker_class")
        launched = replace(launched, worker=worker if chosen else "")
    if launched.host is None:
        default = f"{ALL}:{env['PORT']}" if "PORT" in env else f"{LOOPBACK}:8000"
        bind, said = _setting(scope, "bind")
        if said and bind is None:
            return launched
        host, port = bound(bind or default, "8000")
        launched = replace(launched, host=host, port=port)
    return launched if launched.entry else replace(launched, entry=_setting(scope, "wsgi_app")[0])


def _setting(scope: Scope | None, name: str) -> tuple[str | None, bool]:
    """The value, when it can be known, and whether the file sets it at all."""
    value, said = None, False
    for statement in statements(scope.names.tree.body) if scope else ():
        if scope and isinstance(statement, ast.Assign) and name in map(dotted, statement.targets):
            value, said = first_text(statement.value, scope), True
    return value, said
