"""The entry point exists, is what the image starts, and is a FastAPI application."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from deploy.source.findings import Finding, error, warning
from deploy.source.material import DOCKERFILE, Material
from deploy.source.python.app import Kind
from deploy.source.start.serving import Serving

_WSGI_WORKERS = {"", "eventlet", "gevent", "gthread", "sync", "tornado"}


def module(material: Material) -> Iterator[Finding]:
    """The module of the entry is there, and where the image looks for it."""
    if material.entry_path is not None:
        return
    declared, shipped = material.config.source.entry, _shipped(material)
    if shipped and material.dockerfile is None:
        return  # of which `structure` tells
    if shipped:
        report = error if material.serving else warning  # what starts unseen may set sys.path
        what = f"{shipped} is shipped, and is not where the image looks for {material.entry[0]} ({material.folder})"
        cure = "copy it there in the Dockerfile, or start in its folder (WORKDIR)"
        if shipped not in material.context:
            what = f"{shipped} is shipped, and {material.ignore_file} keeps it out of the image"
            cure, report = f"add the line !{shipped} to {material.ignore_file}", error
        yield report("entry-misplaced", what, cure, file=shipped, line=1)
    else:
        candidates = _candidates(material)
        what = f"there is no module {material.entry[0]}, and deploy.toml says entry = {declared!r}"
        cure = f"put it there, or declare entry = {candidates[0]!r}" if candidates else "write it"
        yield error("entry-missing", what, cure)


def started(material: Material) -> Iterator[Finding]:
    """What the image starts is the declared entry."""
    serving, start, declared = material.serving, material.started, material.config.source.entry
    if start is None or material.dockerfile is None:
        return
    if serving is None or serving.entry is None or _unknown(material, serving):
        line = material.dockerfile.final.start.line if material.dockerfile.final.start else None
        program = serving.launch.server if serving else ", ".join(start.programs[-1:]) or "no server known here"
        what = f"the image starts {program}, and whether that serves {declared} cannot be seen"
        cure = "start the server by name in CMD, such as exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}"
        yield warning("start-unread", what, cure, file=DOCKERFILE, line=line)
    elif not _same(material, serving.entry):
        what = f"the image starts {serving.entry}, and deploy.toml says entry = {declared!r}"
        cure = f"write entry = {serving.entry!r} in deploy.toml, or start {declared}"
        yield error("entry-differs", what, cure, file=serving.file, line=serving.line)


def application(material: Material) -> Iterator[Finding]:
    """The variable of the entry is a FastAPI application, or a factory that the image starts as one."""
    path, variable = material.entry_path, material.entry[1]
    if path is None or material.names(path) is None:
        return
    verdict = material.apps.look(path, variable)
    fault = _fault(material, path, variable, verdict.kind)
    if fault:
        code, what, cure = fault
        yield error(code, what, cure, file=verdict.file, line=verdict.line)


def _fault(material: Material, path: str, variable: str, kind: Kind) -> tuple[str, str, str] | None:
    """Code, what is wrong and how to mend it; None when the variable can be served."""
    launch = material.serving.launch if material.serving else None
    if kind == "missing":
        close = difflib.get_close_matches(variable, material.apps.names(path), n=1)
        cure = f"did you mean {close[0]}?" if close else f"write {variable} = FastAPI(...), or import it there"
        return "app-missing", f"{path} has no variable {variable}", cure
    if kind == "factory" and launch and not launch.factory:
        what = f"{variable} makes the application, and the image serves {variable} itself"
        return "app-factory", what, f"start it with --factory, or write app = {variable}() and serve that"
    wsgi = launch and launch.worker in _WSGI_WORKERS and "a2wsgi" not in material.installed.names
    if wsgi and kind in {"app", "factory"}:
        what = (
            "gunicorn's own workers speak WSGI, and the application speaks ASGI: it would answer every request with 500"
        )
        return "app-worker", what, "start gunicorn with -k uvicorn.workers.UvicornWorker, or uvicorn by itself"
    if kind == "other":
        return "app-other", f"{variable} is not a FastAPI application", f"make {variable} a FastAPI(...), or import one"
    return None


def _same(material: Material, started: str) -> bool:
    """Whether two entries are one application: the same name, the same file, or the same definition."""
    if started == material.config.source.entry.removesuffix("()"):
        return True
    module, _, variable = started.partition(":")
    path = material.modules.find(module)
    if path is None or material.entry_path is None:
        return False
    ours, theirs = (material.entry_path, material.entry[1]), (path, variable)
    seen = material.apps.look(*ours)
    return ours == theirs or (seen.kind in {"app", "factory"} and seen == material.apps.look(*theirs))


def _unknown(material: Material, serving: Serving) -> bool:
    """Whether a script serves something that cannot be followed: made by a call, wrapped, or bound as it runs."""
    module, _, variable = (serving.entry or "").partition(":")
    path = material.modules.find(module) if serving.script else None
    made = path is not None and material.apps.look(path, variable).kind not in {"app", "factory"}
    return made and not _same(material, serving.entry or "")


def _shipped(material: Material) -> str | None:
    """A file of the source that could be the entry's module, wherever the image has it."""
    name = material.entry[0].replace(".", "/")
    found = [path for path in material.python if f"/{path}".endswith((f"/{name}.py", f"/{name}/__init__.py"))]
    apps = (path for path in found if material.apps.look(path, material.entry[1]).kind in {"app", "factory"})
    return min(apps, key=len, default=None)


def _candidates(material: Material) -> list[str]:
    """Entries the source could mean: what the image starts, then modules that hold an application."""
    paths = sorted(material.python, key=lambda path: (path.count("/"), path))
    apps = [
        path for path in paths if not material.python[path].is_test and material.apps.look(path, "app").kind == "app"
    ]
    names = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in apps]
    found = [material.serving.entry] if material.serving and material.serving.entry else []
    return [entry for entry in (*found, *(f"{name}:app" for name in names)) if entry != material.config.source.entry]
