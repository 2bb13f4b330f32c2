"""Values of expressions, where they follow from constants and from the environment of the container."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from deploy.source.python.modules import Modules
from deploy.source.python.names import Names, dotted, original, statements

UNKNOWN = object()
"""The value depends on more than constants and the environment."""

_ENVIRONMENT = {"os.getenv", "os.environ.get", "environ.get", "getenv"}
_READERS = {"config", "env", "env.int", "env.str", "decouple.config", "env.get", "starlette.config.Config"}
_CASTS: Mapping[str, Callable[[object], object]] = {"int": int, "str": str}  # type: ignore[dict-item]
_DEEPEST = 8


@dataclass(frozen=True)
class Scope:
    """A place in the code: its file, the function around it, and what it will be run with."""

    path: str
    read: Callable[[str], Names | None]
    modules: Modules
    env: Mapping[str, str]
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    depth: int = 0

    @cached_property
    def names(self) -> Names:
        return self.read(self.path) or Names(ast.Module(body=[], type_ignores=[]))

    def value(self, node: ast.expr) -> object:
        """What the expression gives, or UNKNOWN."""
        if self.depth > _DEEPEST:
            return UNKNOWN
        return _Evaluation(replace(self, depth=self.depth + 1)).of(node)


@dataclass(frozen=True)
class _Evaluation:
    scope: Scope

    def of(self, node: ast.expr) -> object:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Call):
            return self._call(node)
        return self._compound(node)

    def _compound(self, node: ast.expr) -> object:
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self._first_true(node.values)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        return self._setting(node) if isinstance(node, ast.Attribute) else UNKNOWN

    def _first_true(self, nodes: list[ast.expr]) -> object:
        for node in nodes:
            value = self.scope.value(node)
            if value is UNKNOWN or value:
                return value
        return UNKNOWN

    def _joined(self, node: ast.JoinedStr) -> object:
        parts = [self.scope.value(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
        return UNKNOWN if UNKNOWN in parts else "".join(str(part) for part in parts)

    def _subscript(self, node: ast.Subscript) -> object:
        if (self.scope.names.path(node.value) or "").endswith("environ"):
            name = self.scope.value(node.slice)
            return self.scope.env.get(name, UNKNOWN) if isinstance(name, str) else UNKNOWN
        return UNKNOWN

    def _call(self, node: ast.Call) -> object:
        called = self.scope.names.path(node.func) or ""
        if called in _CASTS and node.args:
            return _cast(_CASTS[called], self.scope.value(node.args[0]))
        if (called in _ENVIRONMENT or called in _READERS or dotted(node.func) in _READERS) and node.args:
            return self._from_environment(node)
        return UNKNOWN

    def _from_environment(self, node: ast.Call) -> object:
        name = self.scope.value(node.args[0])
        if isinstance(name, str) and name in self.scope.env:
            return self.scope.env[name]
        default = node.args[1] if len(node.args) > 1 else None
        default = next((keyword.value for keyword in node.keywords if keyword.arg == "default"), default)
        return self.scope.value(default) if default is not None and isinstance(name, str) else None

    # Variables ---------------------------------------------------------------------------------------------

    def _name(self, name: str) -> object:
        function = self.scope.function
        if function is not None:
            local = assigned(function.body, name)
            if local is not None:
                return self.scope.value(local)
            if any(argument.arg == name for argument in (*function.args.args, *function.args.kwonlyargs)):
                default = _default(self.scope.names.tree, function, name)
                return self.scope.value(default) if default else UNKNOWN
        value = self._module_binding(name)
        return self._elsewhere(value).value(value.node) if value else UNKNOWN

    def _module_binding(self, name: str, path: str | None = None) -> _Binding | None:
        """The expression a module-level name was given last, through imports between this source's modules."""
        path = path or self.scope.path
        names = self.scope.read(path)
        body = names.tree.body if names else []
        node = assigned(body, name)
        if node is not None:
            return _Binding(path, node)
        for statement in statements(body):
            if isinstance(statement, ast.ImportFrom):
                source = self.scope.modules.locate(path, statement.module or "", statement.level)
                if (first := original(statement, name)) and source and source != path:
                    return self._module_binding(first, source)
        return None

    def _elsewhere(self, binding: _Binding) -> Scope:
        return replace(self.scope, path=binding.path, function=None)

    # Settings ----------------------------------------------------------------------------------------------

    def _setting(self, node: ast.Attribute) -> object:
        """`settings.port` of a class of pydantic-settings with that field."""
        made = self._module_binding(node.value.id) if isinstance(node.value, ast.Name) else None
        if made is None or not isinstance(made.node, ast.Call) or not isinstance(made.node.func, ast.Name):
            return UNKNOWN
        home = self._elsewhere(made)
        kind = _class(home.names.tree, made.node.func.id)
        field = _field(kind, node.attr) if kind else None
        if field is None or kind is None or _renames(kind, field):
            return UNKNOWN
        for name in (node.attr, node.attr.upper()):
            if name in home.env:
                return home.env[name]
        return home.value(field.value) if field.value is not None else UNKNOWN


@dataclass(frozen=True)
class _Binding:
    path: str
    node: ast.expr


def assigned(body: list[ast.stmt], name: str) -> ast.expr | None:
    """What these statements give the name last."""
    found: ast.expr | None = None
    for statement in statements(body):
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found = statement.value if name in map(dotted, targets) else found
    return found


def _default(tree: ast.Module, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> ast.expr | None:
    """The default of a parameter, when the module calls the function without arguments."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func) == function.name)
    if not any(not call.args and not call.keywords for call in calls):
        return None
    arguments = function.args
    positional = dict(zip([item.arg for item in reversed(arguments.args)], reversed(arguments.defaults), strict=False))
    named = dict(zip([item.arg for item in arguments.kwonlyargs], arguments.kw_defaults, strict=True))
    return positional.get(name) or named.get(name)


def _class(tree: ast.Module, name: str) -> ast.ClassDef | None:
    found = (node for node in statements(tree.body) if isinstance(node, ast.ClassDef))
    kind = next((node for node in found if node.name == name), None)
    is_settings = kind and any((dotted(base) or "").endswith("BaseSettings") for base in kind.bases)
    return kind if is_settings else None


def _field(kind: ast.ClassDef, name: str) -> ast.AnnAssign | None:
    fields = (statement for statement in kind.body if isinstance(statement, ast.AnnAssign))
    return next((field for field in fields if dotted(field.target) == name), None)


def _renames(kind: ast.ClassDef, field: ast.AnnAssign) -> bool:
    """Whether the variable is called otherwise than the field: a prefix, an alias."""
    return "env_prefix" in ast.unparse(kind) or isinstance(field.value, ast.Call)


def _cast(kind: Callable[[object], object], value: object) -> object:
    if value is UNKNOWN:
        return UNKNOWN
    try:
        return kind(value)
    except (TypeError, ValueError):
        return UNKNOWN
