"""The import statements of a module, each with the circumstances under which it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from deploy.source.python.conditions import is_main_guard, truth
from deploy.source.python.files import Version

_SURVIVED = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """`never`: a type checker, another platform or another Python only. `optional`: its failure is caught.

    `as_script`: only when the file is run, not when it is imported. `later`: in a function, which may never be called.
    """

    never: bool = False
    optional: bool = False
    as_script: bool = False
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class Import:
    """`import module` (names empty) or `from module import names`; `level` counts the leading dots."""

    module: str
    names: tuple[str, ...]
    level: int
    line: int
    when: Circumstances


def imports(tree: ast.Module, image: Version) -> tuple[Import, ...]:
    """Every import of the module, those inside functions and classes included."""
    return tuple(_in_body(tree.body, Circumstances(), image))


def _in_body(body: list[ast.stmt], when: Circumstances, image: Version) -> Iterator[Import]:
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from _of(statement, when)
        elif isinstance(statement, ast.If):
            yield from _in_branches(statement, when, image)
        elif isinstance(statement, (ast.Try, ast.TryStar)):
            yield from _in_try(statement, when, image)
        else:
            inside = replace(when, later=True) if isinstance(statement, _FUNCTIONS) else when
            for inner in _bodies(statement):
                yield from _in_body(inner, inside, image)


def _in_branches(statement: ast.If, when: Circumstances, image: Version) -> Iterator[Import]:
    known = truth(statement.test, image)
    inside = replace(when, never=when.never or known is False)
    if is_main_guard(statement.test):
        inside = replace(inside, as_script=True)
    yield from _in_body(statement.body, inside, image)
    yield from _in_body(statement.orelse, replace(when, never=when.never or known is True), image)


def _in_try(statement: ast.Try | ast.TryStar, when: Circumstances, image: Version) -> Iterator[Import]:
    survives = any(_catches_missing(handler) for handler in statement.handlers)
    yield from _in_body(statement.body, replace(when, optional=when.optional or survives), image)
    for handler in statement.handlers:
        yield from _in_body(handler.body, when, image)
    yield from _in_body(statement.orelse, replace(when, optional=when.optional or survives), image)
    yield from _in_body(statement.finalbody, when, image)


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    """Whether a missing module ends here; one that raises again hands it on."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    caught = any(kind is None or (isinstance(kind, ast.Name) and kind.id in _SURVIVED) for kind in kinds)
    return caught and not any(isinstance(statement, ast.Raise) for statement in handler.body)


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse"):
        yield getattr(statement, field, [])
    for case in getattr(statement, "cases", []):
        yield case.body


def _of(statement: ast.Import | ast.ImportFrom, when: Circumstances) -> Iterator[Import]:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield Import(module=alias.name, names=(), level=0, line=statement.lineno, when=when)
    else:
        names = tuple(alias.name for alias in statement.names)
        module, level = statement.module or "", statement.level
        yield Import(module=module, names=names, level=level, line=statement.lineno, when=when)
