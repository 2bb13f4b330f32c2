"""Places where Python code starts a server by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from deploy.source.python.conditions import is_main_guard
from deploy.source.python.names import Names, children, dotted

When = Literal["import", "script"]
"""`import`: as soon as the module is; `script`: under `__main__`."""
Function = ast.FunctionDef | ast.AsyncFunctionDef

_FUNCTIONS = {
    "aiohttp.web.run_app": "aiohttp",
    "gevent.pywsgi.WSGIServer.serve_forever": "gevent",
    "hypercorn.asyncio.serve": "hypercorn",
    "hypercorn.run.run": "hypercorn",
    "hypercorn.trio.serve": "hypercorn",
    "uvicorn.main": "uvicorn",
    "uvicorn.run": "uvicorn",
    "waitress.serve": "waitress",
    "werkzeug.serving.run_simple": "werkzeug",
}
_METHODS = {
    "launch": {"Blocks": "gradio", "ChatInterface": "gradio", "Interface": "gradio", "TabbedInterface": "gradio"},
    "run": {
        "Bottle": "bottle", "FastAPI": "the app", "FastMCP": "the MCP server", "Flask": "flask", "Quart": "quart",
        "Sanic": "sanic", "Server": "uvicorn",
    },
    "serve": {"Granian": "granian", "Server": "uvicorn"},
    "serve_forever": {"HTTPServer": "http.server", "ThreadingHTTPServer": "http.server", "make_server": "wsgiref"},
}  # fmt: skip
_UVICORN_SERVER = "uvicorn"


@dataclass(frozen=True, kw_only=True)
class ServerStart:
    """One call that serves until it is stopped. `function` is the one around it, if any."""

    line: int
    server: str
    when: When
    call: ast.Call
    function: Function | None = None

    def argument(self, name: str, place: int | None = None) -> ast.expr | None:
        """An argument by its keyword, or by its place in the call."""
        named = next((keyword.value for keyword in self.call.keywords if keyword.arg == name), None)
        if named is None and place is not None and place < len(self.call.args):
            return self.call.args[place]
        return named


def server_starts(names: Names) -> tuple[ServerStart, ...]:
    """Every start that importing or running the module brings about, through functions of its own too."""
    return tuple(_Reader(names).starts(names.tree.body, "import"))


class _Reader:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._functions = {node.name: node for node in names.tree.body if isinstance(node, Function)}

    def starts(self, body: list[ast.stmt], when: When) -> Iterator[ServerStart]:
        for statement in body:
            if isinstance(statement, Function):
                continue
            if isinstance(statement, ast.If) and is_main_guard(statement.test):
                yield from self.starts(statement.body, "script")
                yield from self.starts(statement.orelse, when)
            elif _inner(statement):
                yield from self._calls(_heads(statement), when)
                for inner in _inner(statement):
                    yield from self.starts(inner, when)
            else:
                yield from self._calls([statement], when)

    def _calls(self, nodes: list[ast.AST], when: When) -> Iterator[ServerStart]:
        for call in (found for node in nodes for found in _called_now(node)):
            server = self._server(call)
            if server:
                yield ServerStart(line=call.lineno, server=server, when=when, call=call)
            elif isinstance(call.func, ast.Name) and call.func.id in self._functions:
                yield from self._in_function(self._functions[call.func.id], when)

    def _in_function(self, function: Function, when: When, seen: frozenset[str] = frozenset()) -> Iterator[ServerStart]:
        """Starts in the function's own body, and in functions of the module that it calls."""
        for call in (found for statement in function.body for found in _called_now(statement)):
            server = self._server(call)
            called = dotted(call.func) or ""
            if server:
                yield ServerStart(line=call.lineno, server=server, when=when, call=call, function=function)
            elif called in self._functions and called not in seen:
                yield from self._in_function(self._functions[called], when, seen | {function.name, called})

    def _server(self, call: ast.Call) -> str | None:
        path = self._names.path(call.func) or ""
        if path in _FUNCTIONS:
            return _FUNCTIONS[path]
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS:
            return None
        return self._by_maker(call.func)

    def _by_maker(self, method: ast.Attribute) -> str | None:
        """`server.serve()` after `server = uvicorn.Server(...)`, and `uvicorn.Server(...).serve()`."""
        holder = method.value
        if isinstance(holder, ast.Call):
            maker = self._names.path(holder.func)
        else:
            maker = self._names.makers.get(dotted(holder) or "")
        kind = (maker or "").split(".")[-1]
        server = _METHODS[method.attr].get(kind)
        if kind == "Server" and not (maker or "").startswith(_UVICORN_SERVER):
            return None
        return server


def _called_now(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that happen when the node runs: not those in functions and lambdas it only defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return
    if isinstance(node, ast.Call):
        yield node
    for child in children(node):
        yield from _called_now(child)


def _inner(statement: ast.stmt) -> list[list[ast.stmt]]:
    bodies = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
    bodies += [handler.body for handler in getattr(statement, "handlers", [])]
    bodies += [case.body for case in getattr(statement, "cases", [])]
    return [body for body in bodies if body]


def _heads(statement: ast.stmt) -> list[ast.AST]:
    """The expressions of a compound statement itself: its test, what it loops over, what it enters."""
    return [child for child in ast.iter_child_nodes(statement) if not isinstance(child, (ast.stmt, ast.ExceptHandler))]
