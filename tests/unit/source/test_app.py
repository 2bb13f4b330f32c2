"""What a module's variable is, by how it came to be."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

from deploy.source.python.app import AppFinder
from deploy.source.python.modules import Finder, Modules
from deploy.source.python.names import Names

FASTAPI = "from fastapi import FastAPI\n"


def finder(files: Mapping[str, str]) -> AppFinder:
    modules = Modules(frozenset(files), (Finder({path: path for path in files}, ("",)),))
    return AppFinder(modules, {path: Names(ast.parse(text)) for path, text in files.items()}.get)


def kind(code: str, **others: str) -> str:
    files = {"main.py": code, **{f"{name.replace('__', '/')}.py": text for name, text in others.items()}}
    return finder(files).look("main.py", "app").kind


@pytest.mark.parametrize(
    "code",
    [
        FASTAPI + "app = FastAPI()",
        "import fastapi as f\napp = f.FastAPI()",
        "from fastapi import FastAPI as Api\napp = Api()",
        FASTAPI + "app: FastAPI = make()",
        FASTAPI + "api = FastAPI()\napp = api",
        FASTAPI + "api = FastAPI()\napp = Middleware(api, option=1)",
        FASTAPI + "api = FastAPI()\napp = Middleware(app=api)",
        FASTAPI + "app = setup(FastAPI())",
        FASTAPI + "app = FastAPI() if debug else FastAPI(docs_url=None)",
        FASTAPI + "if debug:\n    app = FastAPI(debug=True)\nelse:\n    app = FastAPI()",
        FASTAPI + "with context():\n    app = FastAPI()",
        FASTAPI + "app = None\napp = FastAPI()",
        FASTAPI + "class Api(FastAPI): ...\napp = Api()",
        FASTAPI + "def make() -> FastAPI: ...\napp = make()",
        FASTAPI + "def make() -> 'FastAPI': ...\napp = make()",
        FASTAPI + "def make():\n    return FastAPI()\napp = make()",
        FASTAPI + "def make():\n    made = FastAPI()\n    made = Middleware(made)\n    return made\napp = make()",
        FASTAPI + "def make():\n    api = FastAPI()\n    return Middleware(api)\napp = make()",
        FASTAPI + "def inner():\n    return FastAPI()\ndef make():\n    made = inner()\n    return made\napp = make()",
    ],
)
def test_applications(code: str) -> None:
    assert kind(code) == "app"


def test_applications_of_other_modules() -> None:
    made = FASTAPI + "app = FastAPI()\nother = 1\n"
    assert kind("from server import app", server=made) == "app"
    assert (
        kind("from a import app", a="from b import application as app", b=made.replace("app =", "application ="))
        == "app"
    )
    assert kind("import server\napp = server.app", server=made) == "app"
    assert kind("import pkg.server\napp = pkg.server.app", pkg__server=made) == "app"
    assert kind("from .server import app", server=made) == "app"
    assert kind("from server import *", server=made) == "app"
    assert kind("from first import *\nfrom server import *", first="x = 1", server=made) == "app"
    assert (
        kind("from server import make\napp = make()", server=FASTAPI + "def make():\n    return FastAPI()\n") == "app"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (FASTAPI + "def app():\n    return FastAPI()", "factory"),
        ("def app():\n    return 1", "other"),
        ("class app: ...", "other"),
        ("app = 1", "other"),
        ("app = {}", "other"),
        ("from flask import Flask\napp = Flask('x')", "other"),
        ("from fastapi import APIRouter\napp = APIRouter()", "other"),
        ("from elsewhere import app", "unknown"),
        ("from elsewhere import make\napp = make()", "unknown"),
        ("app = container.app()", "unknown"),
        ("from elsewhere import build\n\n\ndef make():\n    return build()\n\n\napp = make()", "unknown"),
        ("class Asgi:\n    async def __call__(self, scope, receive, send): ...\n\n\napp = Asgi()", "unknown"),
        ("app = settings.app", "unknown"),
        ("app = app", "unknown"),
        ("def app():\n    return app()", "other"),
        ("def __getattr__(name): ...", "unknown"),
        ("from elsewhere import *", "unknown"),
        ("", "missing"),
        ("application = 1", "missing"),
        ("def make():\n    app = 1", "missing"),
    ],
)
def test_other_things(code: str, expected: str) -> None:
    assert kind(code) == expected


def test_the_line_is_where_the_application_is_made() -> None:
    files = {"main.py": "from server import app", "server.py": FASTAPI + "\napp = FastAPI()\n"}
    verdict = finder(files).look("main.py", "app")
    assert (verdict.file, verdict.line) == ("server.py", 3)


def test_a_name_missing_over_there_is_a_fault_of_the_import() -> None:
    verdict = finder({"main.py": "\nfrom server import app", "server.py": ""}).look("main.py", "app")
    assert (verdict.kind, verdict.file, verdict.line) == ("missing", "main.py", 2)
