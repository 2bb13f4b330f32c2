"""Literals that Python code gives to secret-like names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from deploy.source.leaks.names import Strength, secret_name
from deploy.source.python.names import Names, children, dotted

Use = Literal["given", "fallback", "compared"]
"""`fallback`: only when the environment has no value. `compared`: somebody's input is held against it."""

_ENVIRONMENT = {"config", "environ.get", "environ.setdefault", "env", "getenv", "os.environ.get", "os.getenv", "pop"}
_WRAPPERS = {"Field", "Secret", "SecretBytes", "SecretStr", "bytes", "str"}
_METHODS = {"encode", "strip"}
_EXAMPLES = {"example", "examples", "json_schema_extra", "openapi_examples", "responses", "schema_extra"}
_SIGNING = {"jwt.decode", "jwt.encode", "jose.jwt.decode", "jose.jwt.encode"}


@dataclass(frozen=True, kw_only=True)
class Literally:
    """A text under a name; `value` is for judging only."""

    name: str
    strength: Strength
    value: str
    line: int
    use: Use


def literals(names: Names) -> Iterator[Literally]:
    """Every text under a secret-like name, those of enumerations and of examples in schemas left out."""
    reader = _Reader(names)
    waiting: list[ast.AST] = [names.tree]
    while waiting:
        node = waiting.pop()
        yield from reader.read(node)
        waiting.extend(child for child in children(node) if not (_is_example(child) or _is_enumeration(child)))


class _Reader:
    def __init__(self, names: Names) -> None:
        self._names = names

    def read(self, node: ast.AST) -> Iterator[Literally]:
        for name, value in _pairs(node):
            yield from self._under(name, value, "given")
        if isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.Compare):
            yield from self._comparison(node)

    def _under(self, name: str, value: ast.expr, use: Use) -> Iterator[Literally]:
        strength = secret_name(name)
        if strength is None:
            return
        for text, found_use in self._texts(value, use):
            yield Literally(name=name, strength=strength, value=_plain(text), line=text.lineno, use=found_use)

    def _texts(self, value: ast.expr, use: Use) -> Iterator[tuple[ast.Constant, Use]]:
        """The literals an expression may come to: itself, wrapped, or after `or`."""
        if isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes)):
            yield value, use
        elif isinstance(value, ast.BoolOp):
            yield from ((text, "fallback") for part in value.values for text, _ in self._texts(part, use))
        elif isinstance(value, ast.IfExp):
            yield from (pair for part in (value.body, value.orelse) for pair in self._texts(part, "fallback"))
        elif isinstance(value, ast.Call) and self._reads_environment(value):
            default = _default(value)
            yield from self._texts(default, "fallback") if default else ()
        elif isinstance(value, ast.Call) and self._wraps(value):
            inner = [*value.args[:1], *(item.value for item in value.keywords if item.arg == "default")]
            if isinstance(value.func, ast.Attribute) and value.func.attr in _METHODS:
                inner = [value.func.value]
            yield from (pair for part in inner for pair in self._texts(part, use))

    def _call(self, call: ast.Call) -> Iterator[Literally]:
        """`getenv("SECRET_KEY", "…")` under any name, and the key that signs a token."""
        name = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        default = _default(call)
        if isinstance(name, str) and default is not None and self._reads_environment(call):
            yield from self._under(name, default, "fallback")
        signs = isinstance(call.func, ast.Attribute) and call.func.attr in {"decode", "encode"} and len(call.args) > 1
        if signs and self._names.path(call.func) in _SIGNING:
            yield from self._under("signing key", call.args[1], "given")

    def _comparison(self, node: ast.Compare) -> Iterator[Literally]:
        sides = [node.left, *node.comparators]
        names = [name for side in sides if (name := (dotted(side) or "").split(".")[-1])]
        if names and all(isinstance(order, (ast.Eq, ast.NotEq)) for order in node.ops):
            for side in sides:
                yield from self._under(names[0], side, "compared")

    def _reads_environment(self, call: ast.Call) -> bool:
        path = self._names.path(call.func) or ""
        return path in _ENVIRONMENT or path.endswith(("environ.get", "environ.setdefault", "getenv"))

    def _wraps(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS:
            return True
        return (self._names.path(call.func) or "").split(".")[-1] in _WRAPPERS


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and what this node gives to them."""
    if isinstance(node, ast.Assign):
        yield from ((name, node.value) for target in node.targets if (name := _target(target)))
    elif isinstance(node, ast.AnnAssign) and node.value:
        yield _target(node.target), node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        yield from ((arg.arg, value) for arg, value in zip(reversed(positional), reversed(node.defaults), strict=False))
        named = zip(node.kwonlyargs, node.kw_defaults, strict=True)
        yield from ((arg.arg, value) for arg, value in named if value is not None)


def _target(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return str(getattr(node.slice, "value", ""))
    return (dotted(node) or "").split(".")[-1]


def _default(call: ast.Call) -> ast.expr | None:
    named = next((keyword.value for keyword in call.keywords if keyword.arg == "default"), None)
    return named or (call.args[1] if len(call.args) > 1 else None)


def _is_example(node: ast.AST) -> bool:
    """`example=...`, `{"examples": ...}`, `schema_extra = ...`: what documentation shows."""
    if isinstance(node, ast.keyword):
        return node.arg in _EXAMPLES
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value in _EXAMPLES for key in node.keys)
    return isinstance(node, ast.Assign) and any(_target(target) in _EXAMPLES for target in node.targets)


def _is_enumeration(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any("Enum" in (dotted(base) or "") for base in node.bases)


def _plain(node: ast.Constant) -> str:
    return node.value.decode(errors="replace") if isinstance(node.value, bytes) else str(node.value)
