"""What serves finds what it imports of its own source: the module is there, and binds the names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from deploy.source.findings import Finding, error, warning
from deploy.source.material import Material
from deploy.source.python.imports import Import

_BOUND_UNSEEN = re.compile(
    r"\b(?:globals|vars|setattr|exec|__getattr__|__path__|sys\.modules)\b|^\s*from .* import \*", re.MULTILINE
)
"""How a module comes to names, or a package to modules, that nobody can read off it."""


def absent(material: Material) -> Iterator[Finding]:
    """The import ends the app at its start; one in a function, or of what the build may make, only perhaps."""
    for path in sorted(material.serves):
        for statement in material.imports(path):
            fault = _fault(material, path, statement) if _counts(material, path, statement) else None
            if fault:
                what, cure, name = fault
                made = material.files.installed or _is_made(material, name)
                report = warning if statement.when.later or made else error
                yield report("own-module", what, cure, file=path, line=statement.line)


def _counts(material: Material, path: str, statement: Import) -> bool:
    return material.runs(path, statement) and not statement.when.optional


def _fault(material: Material, path: str, statement: Import) -> tuple[str, str, str] | None:
    """What is wrong, the cure, and the name to look for among what the build makes."""
    module, modules = statement.module, material.modules
    if not statement.level and not _is_ours(material, module.partition(".")[0]):
        return None
    found, name = modules.locate(path, module, statement.level), module.rpartition(".")[2]
    if found is None and (not module or modules.is_folder(path, module, statement.level)):
        return None
    shown = "." * statement.level + module
    if found is None:
        beside = PurePosixPath(path).parents[statement.level - 1] if statement.level else PurePosixPath(material.home)
        where = f"{beside / module.replace('.', '/')}.py"
        cure = f"write {where}, or git add -f it where .gitignore keeps it back; .dockerignore has to let it in too"
        return f"{shown} is imported, and no such module of this source gets into the image", cure, name
    for name in statement.names:
        inner = ".".join(filter(None, (module, name)))
        there = modules.locate(path, inner, statement.level) or modules.is_folder(path, inner, statement.level)
        entry = (path, name) == (material.entry_path, material.entry[1])  # of which `application` tells
        if name != "*" and not (there or entry or _binds(material, found, name)):
            return (
                f"{name} is imported from {shown}, and {found} has no such name",
                f"correct the name, or {found}",
                name,
            )
    return None


def _is_ours(material: Material, top: str) -> bool:
    """Whether the name is a package or module here, and no installed distribution may have a part in it."""
    return top not in material.installed.modules and material.modules.find(top) is not None


def _binds(material: Material, path: str, name: str) -> bool:
    """True as well where it cannot be known."""
    names = material.names(path)
    if names is None or _BOUND_UNSEEN.search(material.text(path)):
        return True
    return name in material.apps.names(path) or any(name == word for word in _words(names.tree))


def _words(tree: ast.Module) -> Iterator[str]:
    """Names that are bound somewhere or other in the module: by loops, by `global`, by `except … as`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)) and node.name:
            yield node.name


def _is_made(material: Material, name: str) -> bool:
    """Whether a RUN line speaks of it; of `tasks` where protoc makes `tasks_pb2` of tasks.proto."""
    word = re.compile(rf"\b{re.escape(name.partition('_pb2')[0])}\b")
    stages = material.dockerfile.stages if material.dockerfile else ()
    return any(word.search(run.text) for stage in stages for run, _ in stage.runs)
