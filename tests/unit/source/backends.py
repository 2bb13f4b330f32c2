"""Small backends as people write them. Each is a mapping of paths to texts; none of them is ever run."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

Files = Mapping[str, str]

CARD = "---\ntitle: Tasks\nemoji: ✅\ncolorFrom: green\ncolorTo: blue\nsdk: docker\napp_port: 7860\n---\n\n# Tasks\n"
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
REQUIREMENTS = "fastapi==0.115.0\nuvicorn[standard]==0.30.0\n"
LOCK = "".join(f"{name} \\\n    --hash=sha256:{'0' * 64}\n" for name in ("fastapi==0.115.0", "uvicorn==0.30.0"))
START = 'CMD ["sh", "-c", "exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}"]\n'


def dockerfile(start: str = START, *, base: str = "python:3.13-slim", middle: str = "") -> str:
    """The Dockerfile of the Hub's own guide, with a start and lines before it to choose."""
    return (
        f"FROM {base}\nRUN useradd -m -u 1000 user\nUSER user\nENV PATH=/home/user/.local/bin:$PATH\nWORKDIR /app\n"
        "COPY --chown=user ./requirements.txt requirements.txt\n"
        "RUN pip install --no-cache-dir --upgrade -r requirements.txt\n"
        f"COPY --chown=user . /app\n{middle}{start}"
    )


def backend(changes: Files | None = None) -> dict[str, str]:
    """One without a fault; `changes` add files or replace them."""
    files = {"main.py": APP, "requirements.txt": REQUIREMENTS, "README.md": CARD, "Dockerfile": dockerfile()}
    return {**files, **(changes or {})}


def starting(command: str, changes: Files | None = None) -> dict[str, str]:
    """The faultless one with another CMD, as a shell would read it."""
    return backend({"Dockerfile": dockerfile(f"CMD {command}\n"), **(changes or {})})


def moved(entry: str, files: Files) -> dict[str, str]:
    """One whose image starts `entry` instead of main:app."""
    found = starting(f"exec uvicorn {entry} --host 0.0.0.0 --port ${{PORT:-7860}}", files)
    if "main.py" not in files:
        del found["main.py"]
    return found


ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n"
FACTORY = "from fastapi import FastAPI\n\n\ndef create_app() -> FastAPI:\n    app = FastAPI()\n    return app\n"
PLACEHOLDER = "SECRET_KEY = 'change-me'\n"
CONDITIONAL = """\
from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fastapi import FastAPI

try:
    import orjson
except ImportError:
    orjson = None
try:
    import ujson as json
except ModuleNotFoundError:
    import json
if TYPE_CHECKING:
    from boto3 import Session
if sys.platform == "win32":
    import win32api
if sys.version_info < (3, 11):
    import tomli

app = FastAPI()
"""
SETTINGS = """\
from fastapi import FastAPI
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str
    secret_key: str
    access_token_expire_minutes: int = 30
    token_type: str = "bearer"
    algorithm: str = "HS256"
    port: int = 8000


app = FastAPI()
"""

CLEAN: Mapping[str, tuple[str, Files]] = {
    "main at the root": ("main:app", backend()),
    "app.main": ("app.main:app", moved("app.main:app", {"app/__init__.py": "", "app/main.py": APP})),
    "app.py at the root": ("app:app", moved("app:app", {"app.py": APP})),
    "src.main without __init__": ("src.main:app", moved("src.main:app", {"src/main.py": APP})),
    "src layout, installed": (
        "tasks.main:app",
        {
            "src/tasks/__init__.py": "",
            "src/tasks/main.py": "from tasks.api import router\n" + APP + "app.include_router(router)\n",
            "src/tasks/api.py": ROUTER,
            "pyproject.toml": '[project]\nname = "tasks"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n',
            "README.md": CARD,
            "Dockerfile": "FROM python:3.13-slim\nWORKDIR /srv\nCOPY . .\nRUN pip install .\n"
            "CMD exec uvicorn tasks.main:app --host 0.0.0.0 --port ${PORT:-7860}\n",
        },
    ),
    "factory called in main": (
        "main:app",
        backend({"main.py": "from core import create_app\n\napp = create_app()\n", "core.py": FACTORY}),
    ),
    "factory without annotation": (
        "main:app",
        backend(
            {
                "main.py": "from core.factory import build\n\napp = build(debug=False)\n",
                "core/__init__.py": "",
                "core/factory.py": "import fastapi\n\n\ndef build(debug):\n    made = fastapi.FastAPI(debug=debug)\n"
                "    if debug:\n        made.title = 'debug'\n    return made\n",
            }
        ),
    ),
    "factory started by uvicorn": (
        "main:create_app",
        starting("exec uvicorn main:create_app --factory --host 0.0.0.0 --port ${PORT:-7860}", {"main.py": FACTORY}),
    ),
    "factory called by gunicorn": (
        "main:create_app()",
        starting(
            "exec gunicorn 'main:create_app()' -k uvicorn.workers.UvicornWorker -b 0.0.0.0:${PORT:-7860}",
            {"main.py": FACTORY, "requirements.txt": REQUIREMENTS + "gunicorn==23.0.0\n"},
        ),
    ),
    "re-export": (
        "main:app",
        backend(
            {
                "main.py": "from backend.src.main import application as app\n\n__all__ = ['app']\n",
                "backend/src/main.py": "from fastapi import FastAPI\n\napplication = FastAPI()\n",
            }
        ),
    ),
    "re-export through a package": (
        "main:app",
        backend(
            {"main.py": "from api import *\n", "api/__init__.py": "from .server import app\n", "api/server.py": APP}
        ),
    ),
    "routers in packages": (
        "main:app",
        backend(
            {
                "main.py": "from fastapi import FastAPI\n\nfrom app.api import users\n"
                "from app.api.v1.tasks import router\n\n"
                "app = FastAPI()\napp.include_router(users.router)\napp.include_router(router)\n",
                "app/api/__init__.py": "",
                "app/api/users.py": ROUTER,
                "app/api/v1/tasks.py": "from ..users import router as users\n" + ROUTER,
            }
        ),
    ),
    "namespace package": (
        "main:app",
        backend({"main.py": "import company.tasks.api\n" + APP, "company/tasks/api.py": ""}),
    ),
    "conditional imports": ("main:app", backend({"main.py": CONDITIONAL})),
    "middleware around the app": (
        "main:app",
        backend(
            {
                "main.py": "from fastapi import FastAPI\nfrom starlette.middleware.cors import CORSMiddleware\n\n"
                "app = FastAPI()\napp = CORSMiddleware(app, allow_origins=['*'])\n"
            }
        ),
    ),
    "factory that wraps": (
        "main:app",
        backend(
            {
                "main.py": "from fastapi import FastAPI\nfrom starlette.middleware.gzip import GZipMiddleware\n\n\n"
                "def build():\n    api = FastAPI()\n    return GZipMiddleware(api)\n\n\napp = build()\n"
            }
        ),
    ),
    "imports of a script that nobody runs": (
        "main:app",
        backend(
            {
                "main.py": APP + '\nif __name__ == "__main__":\n    import torch\n    import tools\n',
                "tools.py": "import fastapi\n",
            }
        ),
    ),
    "packages from another image": (
        "main:app",
        backend(
            {
                "Dockerfile": "FROM python:3.13-slim\nWORKDIR /app\nCOPY --from=registry.example/venv /venv /venv\n"
                "COPY . .\n" + START
            }
        ),
    ),
    "subclass": (
        "main:app",
        backend({"main.py": "from fastapi import FastAPI\n\n\nclass Api(FastAPI):\n    pass\n\n\napp: Api = Api()\n"}),
    ),
    "made in try": (
        "main:app",
        backend(
            {
                "main.py": "from fastapi import FastAPI\n\n"
                "try:\n    app = FastAPI(title='x')\nexcept ValueError:\n    raise\n"
            }
        ),
    ),
    "what FastAPI is built on": ("main:app", backend({"main.py": "import pydantic\nimport starlette\n" + APP})),
    "COPY of a pattern that fits nothing": (
        "main:app",
        backend({"Dockerfile": dockerfile(middle="COPY main.py *.lock ./\n")}),
    ),
    "extras of the project": (
        "main:app",
        {
            "main.py": "import httpx\nimport jwt\n" + APP,
            "README.md": CARD,
            "pyproject.toml": '[project]\nname = "my.api"\nversion = "1"\ndependencies = ["fastapi"]\n'
            "[project.optional-dependencies]\n"
            'web = ["uvicorn", "My-API[http]"]\nhttp = ["httpx"]\nauth_jwt = ["pyjwt"]\n',
            "Dockerfile": "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install '.[web, auth-jwt]'\n" + START,
        },
    ),
    "imports that the lock of uv has": (
        "main:app",
        {
            "main.py": "import yaml\n" + APP,
            "README.md": CARD,
            "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["uvicorn[standard]", "fastapi"]\n',
            "uv.lock": "".join(f'[[package]]\nname = "{name}"\n' for name in ("fastapi", "uvicorn", "pyyaml")),
            "Dockerfile": "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen\n" + START,
        },
    ),
    "requirements of a builder stage, under another path": (
        "main:app",
        {
            "main.py": APP,
            "api/requirements.txt": REQUIREMENTS,
            "pyproject.toml": "[tool.ruff]\nline-length = 99\n",
            "README.md": CARD,
            "Dockerfile": "FROM python:3.13-slim AS builder\nCOPY api/requirements.txt /build/reqs.txt\n"
            "WORKDIR /build\nRUN pip install --prefix=/install -r reqs.txt\nWORKDIR /\n"
            "FROM python:3.13-slim\nCOPY --from=builder /install /usr/local\nWORKDIR /app\nCOPY main.py .\n" + START,
        },
    ),
    "requirements that a later COPY replaces": (
        "main:app",
        {
            "main.py": "import jwt\n" + APP,
            "requirements.txt": "ruff\n",
            "deps/requirements.txt": REQUIREMENTS + "pyjwt==2.9.0\n",
            "README.md": CARD,
            "Dockerfile": "FROM python:3.13-slim\nCOPY deps/requirements.txt /app/requirements.txt\n"
            "RUN pip install -r /app/requirements.txt\nCOPY . /app\nWORKDIR /app\n" + START,
        },
    ),
    "a project in a folder of the image": (
        "main:app",
        {
            "main.py": APP,
            "lib/pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n',
            "README.md": CARD,
            "Dockerfile": "FROM python:3.13-slim\nCOPY lib /build/src\nRUN pip install /build/src\n"
            "WORKDIR /app\nCOPY . .\n" + START,
        },
    ),
    "settings": (
        "main:app",
        backend({"main.py": SETTINGS, "requirements.txt": REQUIREMENTS + "pydantic-settings==2.5.0\n"}),
    ),
    "tests that ship": (
        "main:app",
        backend({"tests/test_api.py": "import pytest\n\nPASSWORD = 'Xk39fj20Zq'\n", "conftest.py": "import faker\n"}),
    ),
    "script reads $PORT": (
        "app:app",
        starting(
            "exec python app.py",
            {
                "main.py": "",
                "app.py": "import os\n\nimport uvicorn\n" + APP + '\nif __name__ == "__main__":\n'
                '    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", 7860)))\n',
            },
        ),
    ),
    "module with a main function": (
        "server.app:app",
        starting(
            "exec python -m server.app",
            {
                "main.py": "",
                "server/__init__.py": "",
                "server/app.py": "import os\n\nimport uvicorn\n" + APP + "\n\ndef main():\n"
                "    uvicorn.run('server.app:app', host='0.0.0.0', port=int(os.getenv('PORT', '7860')))\n\n\n"
                'if __name__ == "__main__":\n    main()\n',
            },
        ),
    ),
    "app imported where a function starts the server": (
        "web:site",
        starting(
            "exec python serve.py",
            {
                "web.py": APP.replace("app", "site"),
                "main.py": "",
                "serve.py": "import os\n\n\ndef serve():\n    from uvicorn import run\n"
                "    from web import site as it\n\n"
                "    run(it, host='0.0.0.0', port=int(os.getenv('PORT', '7860')))\n\n\n"
                "if __name__ == '__main__':\n    serve()\n",
            },
        ),
    ),
    "app of a sibling that a package's __main__ starts": (
        "desk.web:app",
        starting(
            "exec python -m desk",
            {
                "main.py": "",
                "desk/__init__.py": "",
                "desk/web.py": APP,
                "desk/__main__.py": "import os\n\nimport uvicorn\n\n\ndef go(port=int(os.getenv('PORT', '7860'))):\n"
                "    from .web import app as found\n\n    site = found\n"
                "    uvicorn.run(site, host='0.0.0.0', port=port)\n\n\nif __name__ == '__main__':\n    go()\n",
            },
        ),
    ),
    "attribute of a module that a function imports": (
        "web:app",
        starting(
            "exec python serve.py",
            {
                "web.py": APP,
                "main.py": "",
                "serve.py": "import os\n\nimport uvicorn\n\n\ndef serve():\n    import web\n\n"
                "    uvicorn.run(web.app, host='0.0.0.0', port=int(os.getenv('PORT', '7860')))\n\n\n"
                "if __name__ == '__main__':\n    serve()\n",
            },
        ),
    ),
    "port of an ARG of the stage below": (
        "main:app",
        {
            "main.py": APP,
            "requirements.txt": REQUIREMENTS,
            "README.md": CARD.replace("7860", "9000"),
            "Dockerfile": "FROM python:3.13-slim AS tools\nARG LISTEN=9000\nWORKDIR /app\nCOPY . .\n"
            "RUN pip install -r requirements.txt\nFROM tools AS web\nENV ASKED=${LISTEN}\n"
            "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-$ASKED}\n",
        },
    ),
    "script with migrations": (
        "main:app",
        backend(
            {
                "start.sh": "#!/bin/sh\nset -e\nalembic upgrade head\n"
                'exec uvicorn main:app --host 0.0.0.0 --port "${PORT:-7860}"\n',
                "Dockerfile": dockerfile('CMD ["./start.sh"]\n', middle="RUN chmod +x start.sh\n"),
            }
        ),
    ),
    "gunicorn settings file": (
        "main:app",
        starting(
            "exec gunicorn main:app",
            {
                "gunicorn.conf.py": "import os\n\nbind = f\"0.0.0.0:{os.environ.get('PORT', '7860')}\"\n"
                'worker_class = "uvicorn.workers.UvicornWorker"\n',
                "requirements.txt": REQUIREMENTS + "gunicorn==23.0.0\n",
            },
        ),
    ),
    "exec fastapi run": (
        "main:app",
        starting("exec fastapi run main.py --port ${PORT:-7860}", {"requirements.txt": "fastapi[standard]==0.115.0\n"}),
    ),
    "web base with a folder of its own": (
        "main:app",
        {
            "app/main.py": APP,
            "README.md": CARD,
            "Dockerfile": "FROM tiangolo/uvicorn-gunicorn-fastapi:python3.13\nCOPY ./app /app\n"
            "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}\n",
        },
    ),
    "a list of what Docker is not to see that counts alone": (
        "main:app",
        backend({".dockerignore": "**\n", "Dockerfile.dockerignore": "notes\n", "notes": ""}),
    ),
    "blanks and stray marks in .dockerignore": (
        "main:app",
        backend({".dockerignore": "*\n!\n!  *.py \n! requirements.txt\nnotes\\\n\\\n"}),
    ),
    "what .gitignore matches and git keeps": (
        "main:app",
        backend({".gitignore": "# data\n\n*.csv\n!\n\\\n", "tasks.csv": "1", ".idea/notes.csv": ""}),
    ),
    "names and modules of one's own that are there in other ways": (
        "main:app",
        backend(
            {
                "main.py": "from desk import one, two, three, four, five, six\nfrom desk.plain.deep import x\n"
                "from lazy import anything\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
                "    from desk.types import Gone\ntry:\n    from desk import fast\nexcept ImportError:\n    fast = 0\n"
                + APP,
                "desk/__init__.py": "for one in range(3): ...\ntry:\n    two = 1\nexcept ValueError as three: ...\n"
                "(four := 4)\n\n\ndef set_five():\n    global five\n    five = 5\n",
                "desk/six.py": "",
                "desk/plain/deep.py": "x: int = 1\n",
                "lazy.py": "def __getattr__(name):\n    return name\n",
            }
        ),
    ),
    "what fastapi[standard] brings": (
        "main:app",
        backend(
            {
                "main.py": "from fastapi import UploadFile\nfrom pydantic import EmailStr\n"
                + APP
                + "print(UploadFile, EmailStr)\n",
                "requirements.txt": "fastapi[standard]\n",
            }
        ),
    ),
    "nginx in front": (
        "main:app",
        backend(
            {
                "start.sh": "nginx -c /app/nginx.conf &\nexec uvicorn main:app --port 8000\n",
                "Dockerfile": dockerfile('CMD ["bash", "start.sh"]\n'),
            }
        ),
    ),
    "two stages and a virtual environment": (
        "main:app",
        backend(
            {
                "Dockerfile": "FROM python:3.13-slim AS build\nWORKDIR /app\nCOPY requirements.txt .\n"
                "RUN python -m venv /venv && /venv/bin/pip install -r requirements.txt\nCOPY . .\n\n"
                "FROM python:3.13-slim\nCOPY --from=build /venv /venv\nCOPY --from=build /app /app\nWORKDIR /app\n"
                "ENV PATH=/venv/bin:$PATH\n" + START
            }
        ),
    ),
}
"""Name -> (entry, files): what `check` must have nothing to say about."""


@dataclass(frozen=True)
class Fault:
    """A backend with one fault, and what must be said of it; `place` as `check` writes it."""

    files: Mapping[str, str | bytes]
    task: str
    code: str
    place: str
    level: str = "error"
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def expected(self) -> list[tuple[str, str, str, str]]:
        return [(self.task, self.code, self.place, self.level)]


CMD_LINE = "backend/Dockerfile:9"
"""Where `dockerfile()` has its CMD, or the first line of its `middle`."""


def locked(code: str = APP, changes: Files | None = None) -> dict[str, str]:
    """One with this main.py and a lock: what is not in that is not in the image."""
    return backend({"main.py": code, "requirements.txt": LOCK, **(changes or {})})


def without(path: str) -> dict[str, str]:
    files = backend()
    del files[path]
    return files


def main(code: str) -> dict[str, str]:
    return backend({"main.py": code})


def made_up(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """A text that looks like a secret: the same in every run, and written down nowhere."""
    dice = random.Random(length)
    return "".join(dice.choice(alphabet) for _ in range(length))
