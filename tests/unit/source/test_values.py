"""Values that follow from constants and the environment."""

from __future__ import annotations

import ast

import pytest

from deploy.source.python.modules import Finder, Modules
from deploy.source.python.names import Names
from deploy.source.python.values import UNKNOWN, Scope

CONFIG = """\
import os
from pydantic_settings import BaseSettings
DEFAULT = 7000
class Settings(BaseSettings):
    port: int = 8000
    host: str = "0.0.0.0"
    named: int = Field(8000, alias="X")
class Prefixed(BaseSettings):
    model_config = {"env_prefix": "APP_"}
    port: int = 9000
settings = Settings()
prefixed = Prefixed()
"""


def value(expression: str, before: str = "", *, env: dict[str, str] | None = None) -> object:
    """What the expression comes to at the end of a module that may import `config`."""
    texts = {"main.py": f"{before}\nresult = {expression}\n", "config.py": CONFIG}
    trees = {path: Names(ast.parse(text)) for path, text in texts.items()}
    modules = Modules(frozenset(texts), (Finder({path: path for path in texts}, ("",)),))
    scope = Scope("main.py", trees.get, modules, env or {})
    return scope.value(ast.parse("result", mode="eval").body)


@pytest.mark.parametrize(
    ("expression", "before", "expected"),
    [
        ("1", "", 1),
        ("PORT", "PORT = 5", 5),
        ("PORT", "PORT: int = 5\nPORT = 6", 6),
        ("int(os.environ.get('PORT', 7))", "import os", 7),
        ("int(os.getenv('PORT', '7'))", "import os", 7),
        ("int(getenv('PORT') or 7)", "from os import getenv", 7),
        ("environ.get('PORT', default=7)", "from os import environ", 7),
        ("f\"0.0.0.0:{os.getenv('PORT', '7')}\"", "import os", "0.0.0.0:7"),
        ("config('PORT', default=7, cast=int)", "from decouple import config", 7),
        ("DEFAULT", "from config import DEFAULT", 7000),
        ("D", "from config import DEFAULT as D", 7000),
        ("settings.port", "from config import settings", 8000),
        ("settings.host", "from config import settings", "0.0.0.0"),
        ("os.getenv('PORT')", "import os", None),
    ],
)
def test_values_without_an_environment(expression: str, before: str, expected: object) -> None:
    assert value(expression, before) == expected


@pytest.mark.parametrize(
    ("expression", "before", "expected"),
    [
        ("int(os.environ['PORT'])", "import os", 1),
        ("int(os.environ.get('PORT', 7))", "import os", 1),
        ("os.getenv('PORT') or 7", "import os", "1"),
        ("settings.port", "from config import settings", "1"),
    ],
)
def test_values_of_the_environment(expression: str, before: str, expected: object) -> None:
    assert value(expression, before, env={"PORT": "1"}) == expected


@pytest.mark.parametrize(
    ("expression", "before"),
    [
        ("missing", ""),
        ("os.environ['PORT']", "import os"),
        ("int('x')", ""),
        ("choose()", ""),
        ("PORT", "PORT = PORT"),
        ("a", "a = b\nb = a"),
        ("settings.other", "from config import settings"),
        ("settings.named", "from config import settings"),
        ("prefixed.port", "from config import prefixed"),
        ("1 + 1", ""),
        ("x", "from config import *"),
    ],
)
def test_values_that_cannot_be_known(expression: str, before: str) -> None:
    assert value(expression, before) is UNKNOWN
