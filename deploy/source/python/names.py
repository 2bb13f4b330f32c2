"""What a name in a module stands for: dotted paths of imports, and who made a variable."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

_LEAVES = (ast.Constant, ast.Name, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` of a chain of names; None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else None
    return None


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when this body does: into `if`, `try`, `with` and loops, not into functions."""
    for statement in body:
        yield statement
        for inner in _inner_bodies(statement):
            yield from statements(inner)


def original(statement: ast.ImportFrom, name: str) -> str | None:
    """What the import calls that which it binds to `name`; None when it does not bind it."""
    return next((alias.name for alias in statement.names if name == (alias.asname or alias.name)), None)


def _inner_bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for field in ("body", "orelse", "finalbody"):
        yield getattr(statement, field, [])
    for handler in getattr(statement, "handlers", []):
        yield handler.body
    for case in getattr(statement, "cases", []):
        yield case.body


def children(node: ast.AST) -> Iterator[ast.AST]:
    """As `ast.iter_child_nodes`, without the nodes that hold nothing, which are three of four."""
    for field in node._fields:
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST) and not isinstance(child, _LEAVES):
                yield child


def _everywhere(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement, those in functions and classes included."""
    for statement in statements(body):
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _everywhere(statement.body)


@dataclass(frozen=True)
class Names:
    """The names of one module."""

    tree: ast.Module

    @cached_property
    def imported(self) -> Mapping[str, str]:
        """Local name -> dotted path, for absolute imports anywhere in the module."""
        found: dict[str, str] = {}
        for node in _everywhere(self.tree.body):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        return found

    @cached_property
    def makers(self) -> Mapping[str, str]:
        """Variable -> dotted path of the callable whose result it was given, anywhere in the module."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            for target, value in _bindings(node):
                maker = self.path(value.func) if isinstance(value, ast.Call) else None
                if maker:
                    found[target] = maker
        return found

    def path(self, node: ast.expr) -> str | None:
        """The dotted path with its first name replaced by what was imported under it."""
        text = dotted(node)
        if text is None:
            return None
        first, dot, rest = text.partition(".")
        return self.imported.get(first, first) + dot + rest


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value
    elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
        yield node.optional_vars.id, node.context_expr
