"""The server a Python file starts when it is run: `uvicorn.run(...)` and its like, with their arguments."""

from __future__ import annotations

import ast
from dataclasses import replace

from deploy.network import LOOPBACK
from deploy.source.python.names import Names, dotted, original, statements
from deploy.source.python.server_starts import ServerStart, server_starts
from deploy.source.python.values import UNKNOWN, Scope, assigned
from deploy.source.start.launch import Launch

_CONFIGS = {"uvicorn": "uvicorn.Config", "hypercorn": "hypercorn.config.Config"}
_DEFAULTS = {"uvicorn": (LOOPBACK, "8000"), "hypercorn": (LOOPBACK, "8000"), "granian": (LOOPBACK, "8000")}


def python_start(scope: Scope, module: str) -> tuple[ServerStart, Launch] | None:
    """The last server that running the file starts; `module` is the name its own variables go by."""
    started = server_starts(scope.names)
    if not started:
        return None
    start = started[-1]
    around = replace(scope, function=start.function)
    return start, _launch(start, _described(scope.names, start), around, module)


def _described(names: Names, start: ServerStart) -> ServerStart:
    """`uvicorn.Server(uvicorn.Config(app, port=...))`: the arguments stand in the Config."""
    wanted = _CONFIGS.get(start.server)
    if start.argument("app", 0) is not None or not wanted:
        return start
    calls = (node for node in ast.walk(names.tree) if isinstance(node, ast.Call) and names.path(node.func) == wanted)
    config = next(calls, None)
    return ServerStart(line=start.line, server=start.server, when=start.when, call=config or start.call)


def _launch(start: ServerStart, described: ServerStart, scope: Scope, module: str) -> Launch:
    entry, factory = _entry(described.argument("app", 0) or described.argument("target", 0), scope, module)
    unreadable = any(keyword.arg is None for keyword in described.call.keywords)
    host, port = _DEFAULTS.get(start.server, (None, None)) if not unreadable else (None, None)
    bind = _bind(scope) if start.server == "hypercorn" else None
    if bind:
        host, _, port = bind.rpartition(":")
    else:
        host = _text(described.argument("host") or described.argument("address"), scope, host)
        port = _text(described.argument("port"), scope, port)
    asked = described.argument("factory")
    return Launch(
        server=start.server,
        package=start.server,
        entry=entry,
        host=host,
        port=port,
        factory=factory or (asked is not None and scope.value(asked) is True),
    )


def _entry(node: ast.expr | None, scope: Scope, module: str) -> tuple[str | None, bool]:
    """The served variable as `module:name`: of a text as it stands, of a name by where it was made or imported."""
    text = scope.value(node) if node is not None else UNKNOWN
    if isinstance(text, str):
        return (text, False) if ":" in text else (None, False)
    if isinstance(node, ast.Call):
        return _named(node.func, scope, module), True
    local = assigned(scope.function.body, node.id) if isinstance(node, ast.Name) and scope.function else None
    return _entry(local, scope, module) if local is not None else (_named(node, scope, module), False)


def _named(node: ast.expr | None, scope: Scope, module: str) -> str | None:
    """A name by the import in the function around it, else by the module; `main.app` by what `main` is."""
    if isinstance(node, ast.Name):
        for statement in statements(scope.function.body) if scope.function else ():
            if isinstance(statement, ast.ImportFrom) and (name := original(statement, node.id)):
                above = module.rsplit(".", max(statement.level, 1))[0]
                return ":".join((".".join(filter(None, (above if statement.level else "", statement.module))), name))
        return f"{module}:{node.id}"
    path = scope.names.path(node) if isinstance(node, ast.Attribute) else None
    return ":".join(path.rsplit(".", 1)) if path and path.partition(".")[0] in scope.names.imported.values() else None


def _text(node: ast.expr | None, scope: Scope, default: str | None) -> str | None:
    if node is None:
        return default
    value = scope.value(node)
    return None if value is UNKNOWN or value is None else str(value)


def _bind(scope: Scope) -> str | None:
    """`config.bind = ["0.0.0.0:7860"]` of hypercorn."""
    for statement in statements(scope.names.tree.body):
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.Assign) and any((dotted(target) or "").endswith(".bind") for target in targets):
            return first_text(statement.value, scope)
    return None


def first_text(node: ast.expr, scope: Scope) -> str | None:
    """A text, or the first of a list of them."""
    node = node.elts[0] if isinstance(node, (ast.List, ast.Tuple)) and node.elts else node
    value = scope.value(node)
    return value if isinstance(value, str) else None
