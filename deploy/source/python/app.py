"""Whether a module's variable is a FastAPI application, followed through factories, aliases and re-exports."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from deploy.source.python.modules import Modules
from deploy.source.python.names import Names, original, statements

Kind = Literal["app", "factory", "other", "unknown", "missing"]
"""`app` is a FastAPI application, or one wrapped; `factory` a function that makes one; `other` something
that is neither; `unknown` made by code that is not here; `missing` not bound at all."""

FRAMEWORK = "FastAPI"
_NOT_APPS = {"flask.Flask", "fastapi.APIRouter", "django.core.wsgi.get_wsgi_application", "celery.Celery"}
Seen = frozenset[tuple[str, str]]
"""Names already on the way: meeting one again is a circle."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a variable is, and where that was seen."""

    kind: Kind
    file: str
    line: int


Read = Callable[[str], Names | None]
"""The module at a source path; None when it does not parse."""


@dataclass(frozen=True)
class AppFinder:
    """Follows names from module to module."""

    modules: Modules
    read: Read

    def look(self, path: str, name: str, seen: Seen = frozenset()) -> Verdict:
        """What `name` is in the file `path` once the module has run."""
        names = self.read(path)
        if names is None or (path, name) in seen:
            return Verdict(kind="unknown", file=path, line=1)
        return _Module(self, path, names, seen | {(path, name)}).look(name)

    def names(self, path: str) -> frozenset[str]:
        """What the module binds, for "did you mean"."""
        found = self.read(path)
        return frozenset(name for name, _ in _bound(found.tree.body)) if found else frozenset()


@dataclass(frozen=True)
class _Module:
    finder: AppFinder
    path: str
    names: Names
    seen: Seen

    @property
    def tree(self) -> ast.Module:
        return self.names.tree

    def look(self, name: str) -> Verdict:
        verdict: Verdict | None = None
        for bound, statement in _bound(self.tree.body):
            if bound == name:
                verdict = self._of_binding(name, statement)
                if verdict.kind in {"app", "factory"}:
                    return verdict
        return verdict or self._through_star(name)

    def _of_binding(self, name: str, statement: ast.stmt) -> Verdict:
        if isinstance(statement, ast.ImportFrom):
            return self._imported(name, statement)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._verdict("factory" if self._makes_app(statement) else "other", statement)
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value:
            if isinstance(statement, ast.AnnAssign) and _says_app(statement.annotation):
                return self._verdict("app", statement)
            return self._verdict(self._of_value(statement.value), statement)
        return self._verdict("other" if isinstance(statement, ast.ClassDef) else "unknown", statement)

    def _imported(self, name: str, statement: ast.ImportFrom) -> Verdict:
        first = original(statement, name) or name
        source = self._source(statement)
        if source is None or source == self.path:
            return self._verdict("other" if self._source(statement, first) else "unknown", statement)
        found = self._elsewhere(source, first)
        # Missing over there is a fault of the import; the line to mend is here.
        return found if found.kind != "missing" else self._verdict("missing", statement)

    def _source(self, statement: ast.ImportFrom, name: str = "") -> str | None:
        module = ".".join(filter(None, (statement.module, name)))
        return self.finder.modules.locate(self.path, module, statement.level)

    def _elsewhere(self, path: str, name: str) -> Verdict:
        return self.finder.look(path, name, self.seen)

    def _through_star(self, name: str) -> Verdict:
        for statement in statements(self.tree.body):
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                source = self._source(statement)
                found = self._elsewhere(source, name) if source else self._verdict("unknown", statement)
                if found.kind != "missing":
                    return found
        dynamic = any(bound == "__getattr__" for bound, _ in _bound(self.tree.body))
        return Verdict(kind="unknown" if dynamic else "missing", file=self.path, line=1)

    # Values ------------------------------------------------------------------------------------------------

    def _of_value(self, value: ast.expr) -> Kind:
        if isinstance(value, ast.Call):
            return self._of_call(value)
        if isinstance(value, ast.Name):
            return self._elsewhere(self.path, value.id).kind
        if isinstance(value, (ast.IfExp, ast.BoolOp)):
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else value.values
            kinds = [self._of_value(branch) for branch in branches]
            return next((kind for kind in ("app", "factory", "unknown") if kind in kinds), "other")
        if isinstance(value, (ast.Attribute, ast.Subscript, ast.Await)):
            return self._of_attribute(value) if isinstance(value, ast.Attribute) else "unknown"
        return "other"

    def _of_attribute(self, value: ast.Attribute) -> Kind:
        """`module.app` after `import module`."""
        holder = self.names.path(value.value)
        source = self.finder.modules.find(holder) if holder else None
        return self._elsewhere(source, value.attr).kind if source else "unknown"

    def _of_call(self, call: ast.Call) -> Kind:
        made = self.names.path(call.func) or ""
        if made.split(".")[-1] == FRAMEWORK or self._is_subclass(call.func):
            return "app"
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(self._is_app(argument) for argument in given):
            return "app"
        if made in _NOT_APPS:
            return "other"
        if isinstance(call.func, ast.Name):
            return "app" if self._elsewhere(self.path, call.func.id).kind == "factory" else "unknown"
        made_here = isinstance(call.func, ast.Attribute) and self._of_attribute(call.func) == "factory"
        return "app" if made_here else "unknown"

    def _is_app(self, argument: ast.expr) -> bool:
        """Middleware and mounts take the application and give one back."""
        return isinstance(argument, (ast.Name, ast.Call)) and self._of_value(argument) == "app"

    def _is_subclass(self, function: ast.expr) -> bool:
        if not isinstance(function, ast.Name):
            return False
        for statement in statements(self.tree.body):
            if isinstance(statement, ast.ClassDef) and statement.name == function.id:
                return any((self.names.path(base) or "").split(".")[-1] == FRAMEWORK for base in statement.bases)
        return False

    # Factories ---------------------------------------------------------------------------------------------

    def _makes_app(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        if function.returns is not None and _says_app(function.returns):
            return True
        local: dict[str, tuple[ast.stmt, ...]] = {}
        for name, statement in _bound(function.body):
            local[name] = (*local.get(name, ()), statement)
        return any(self._returns_app(value, local, function.name) for value in _returned(function))

    def _returns_app(self, value: ast.expr, local: Mapping[str, tuple[ast.stmt, ...]], function: str) -> bool:
        """Whether an expression inside a factory is an app; `local` are the factory's own variables."""
        if isinstance(value, ast.Name) and value.id in local:
            others = {name: bound for name, bound in local.items() if name != value.id}
            return any(self._binds_app(statement, others, function) for statement in local[value.id])
        if isinstance(value, ast.Call):
            if isinstance(value.func, ast.Name) and value.func.id == function:
                return False
            inner = any(self._returns_app(argument, local, function) for argument in value.args)
            return inner or self._of_call(value) == "app"
        return self._of_value(value) == "app"

    def _binds_app(self, statement: ast.stmt, local: Mapping[str, tuple[ast.stmt, ...]], function: str) -> bool:
        if isinstance(statement, ast.AnnAssign) and _says_app(statement.annotation):
            return True
        value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
        return value is not None and self._returns_app(value, local, function)

    def _verdict(self, kind: Kind, statement: ast.stmt) -> Verdict:
        return Verdict(kind=kind, file=self.path, line=statement.lineno)


def _bound(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """Every name these statements bind, in order, with the statement that does."""
    for statement in statements(body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                targets = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from ((item.id, statement) for item in targets if isinstance(item, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name, statement
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name.partition(".")[0], statement) for alias in statement.names)
        elif isinstance(statement, ast.With):
            names = (item.optional_vars for item in statement.items)
            yield from ((name.id, statement) for name in names if isinstance(name, ast.Name))


def _says_app(annotation: ast.expr) -> bool:
    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
    return str(text).split(".")[-1] == FRAMEWORK


def _returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    for statement in statements(function.body):
        if isinstance(statement, ast.Return) and statement.value:
            yield statement.value
