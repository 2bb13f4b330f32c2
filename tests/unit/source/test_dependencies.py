"""T003 and T006: what is installed, and whether it is what the code imports."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.source.backends import (
    APP,
    CARD,
    LOCK,
    REQUIREMENTS,
    START,
    Fault,
    backend,
    dockerfile,
    locked,
    main,
)
from tests.unit.source.conftest import Make, said

COMPILED = "fastapi==0.115.0\n    # via -r requirements.in\nuvicorn==0.30.0  # via fastapi\n"
BY_NAME = "import importlib\ntry:\n    importlib.import_module('uvloop')\nexcept ImportError:\n    pass\n"
BARE = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n" + START

FAULTS: Mapping[str, Fault] = {
    "no requirements": Fault(
        {"main.py": APP, "README.md": CARD, "Dockerfile": BARE}, "T003", "requirements-missing", ""
    ),
    "line pip does not read": Fault(
        backend({"requirements.txt": REQUIREMENTS + "py jwt\n"}),
        "T003",
        "requirements-syntax",
        "backend/requirements.txt:3",
    ),
    "no server": Fault(
        locked(changes={"requirements.txt": LOCK[LOCK.index("uvicorn") :].replace("uvicorn", "fastapi")}),
        "T003",
        "server-missing",
        "backend/requirements.txt",
    ),
    "no server in a list": Fault(
        backend({"requirements.txt": "fastapi==0.115.0\n"}),
        "T003",
        "server-missing",
        "backend/requirements.txt",
        "warning",
    ),
    "perhaps a server": Fault(
        backend({"requirements.txt": "gradio\nfastapi\n"}),
        "T003",
        "server-missing",
        "backend/requirements.txt",
        "warning",
    ),
    "requirements that the image does not install": Fault(
        backend({"Dockerfile": BARE}), "T003", "not-installed", "backend/Dockerfile:1"
    ),
    "import nobody installs": Fault(locked("import jwt\n" + APP), "T006", "import-uncovered", "backend/main.py:1"),
    "import a hashed lock lacks": Fault(
        locked("import pydantic\n" + APP), "T006", "import-uncovered", "backend/main.py:1"
    ),
    "import a compiled lock lacks": Fault(
        locked("import jwt\n" + APP, {"requirements.txt": COMPILED}), "T006", "import-uncovered", "backend/main.py:1"
    ),
    "import after a line that was added to a compiled lock": Fault(
        locked("import jwt\n" + APP, {"requirements.txt": COMPILED + "gradio==5.0\n"}),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
        "warning",
    ),
    "import of what the lock names for another machine": Fault(
        locked(
            "import httpx\n" + APP,
            {
                "requirements.txt": LOCK
                + LOCK[: LOCK.index("uvicorn")].replace("fastapi==0.115.0", "httpx==0.28.1 ; sys_platform == 'win32'")
            },
        ),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
    ),
    "import beside a newer pip": Fault(
        locked("import jwt\n" + APP, {"Dockerfile": dockerfile().replace("RUN pip", "RUN pip install -U pip && pip")}),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
    ),
    "import that a variable may install": Fault(
        locked("import jwt\n" + APP, {"Dockerfile": dockerfile(middle='RUN pip install "$MORE"\n')}),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
        "warning",
    ),
    "import of a lock and of what comes after it": Fault(
        locked("import jwt\n" + APP, {"Dockerfile": dockerfile(middle="RUN pip install gradio\n")}),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
        "warning",
    ),
    "import that a list of names may bring": Fault(
        main("from opentelemetry import trace\n" + APP), "T006", "import-uncovered", "backend/main.py:1", "warning"
    ),
    "import of an extra that is not installed": Fault(
        {
            "main.py": "import httpx\n" + APP,
            "README.md": CARD,
            "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n'
            '[project.optional-dependencies]\nweb = ["httpx"]\n',
            "Dockerfile": BARE.replace("CMD", "RUN pip install .\nCMD"),
        },
        "T006",
        "import-uncovered",
        "backend/main.py:1",
        "warning",
    ),
    "import in a function": Fault(
        locked(APP + "\n\ndef later():\n    import boto3\n"), "T006", "import-uncovered", "backend/main.py:7"
    ),
    "import of the branch that runs": Fault(
        locked("import sys\nif sys.version_info >= (3, 11):\n    import boto3\n" + APP),
        "T006",
        "import-uncovered",
        "backend/main.py:3",
    ),
    "import after a failed one": Fault(
        locked("try:\n    import orjson\nexcept ImportError:\n    import ujson\n" + APP),
        "T006",
        "import-uncovered",
        "backend/main.py:4",
    ),
    "import whose failure is raised again": Fault(
        locked("try:\n    import orjson\nexcept ImportError as error:\n    raise SystemExit from error\n" + APP),
        "T006",
        "import-uncovered",
        "backend/main.py:2",
    ),
    "import by name in a caught try": Fault(
        locked(
            "import importlib\ntry:\n    importlib.import_module('uvloop')\nexcept ImportError:\n    pass\n" + APP,
            {"a.py": "import jwt"},
        ),
        "T006",
        "import-uncovered",
        "backend/a.py:1",
        "warning",
    ),
    "import nobody needs to serve": Fault(
        backend({"train.py": "import torch\n"}), "T006", "import-uncovered", "backend/train.py:1", "warning"
    ),
    "import that an unknown package may bring": Fault(
        backend({"main.py": "import torch\n" + APP, "requirements.txt": REQUIREMENTS + "sentence-transformers\n"}),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
        "warning",
    ),
    **{
        f"import beside {distribution} of a lock": Fault(
            locked(
                f"import {module}\n" + APP,
                {"requirements.txt": LOCK + f"{distribution}==1.0 \\\n    --hash=sha256:{'0' * 64}\n"},
            ),
            "T006",
            "import-uncovered",
            "backend/main.py:1",
            level,
        )
        for module, distribution, level in (
            ("zxingcpp", "zxing-cpp-bindings", "warning"),
            ("slack", "slackclient", "warning"),
            ("pyrebase", "some-fork", "error"),
        )
    },
    "form without what reads it": Fault(
        locked(APP + "from fastapi import Form\n\n\n@app.post('/')\ndef add(title: str = Form()): ...\n"),
        "T006",
        "needed-unimported",
        "backend/main.py:4",
    ),
    "mail addresses without what checks them": Fault(
        main("from pydantic import BaseModel, EmailStr as Mail\n\nMail = EmailStr\n" + APP),
        "T006",
        "needed-unimported",
        "backend/main.py:1",
        "warning",
    ),
    "module of one's own that git never had": Fault(
        backend({"main.py": "from desk.models import Task\n" + APP, "desk/__init__.py": "", "desk/views.py": ""}),
        "T006",
        "own-module",
        "backend/main.py:1",
    ),
    "sibling that is not there": Fault(
        backend(
            {"main.py": "import desk\n" + APP, "desk/__init__.py": "from .parts.a import b\n", "desk/parts/c.py": ""}
        ),
        "T006",
        "own-module",
        "backend/desk/__init__.py:1",
    ),
    "name that a module of one's own has not": Fault(
        backend({"main.py": "from desk import find\n" + APP, "desk.py": "def search():\n    found = 1\n"}),
        "T006",
        "own-module",
        "backend/main.py:1",
    ),
    "module of one's own that the build may make": Fault(
        backend(
            {
                "main.py": "from desk import tasks_pb2\n" + APP,
                "desk/__init__.py": "",
                "Dockerfile": dockerfile(middle="RUN protoc --python_out=desk desk/tasks.proto\n"),
            }
        ),
        "T006",
        "own-module",
        "backend/main.py:1",
        "warning",
    ),
    "import that the base may bring": Fault(
        backend({"main.py": "import torch\n" + APP, "Dockerfile": dockerfile(base="pytorch/pytorch:2.4")}),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
        "warning",
    ),
    "import from outside sys.path": Fault(
        backend({"main.py": "import models\n" + APP, "src/models.py": ""}),
        "T006",
        "import-elsewhere",
        "backend/main.py:1",
    ),
    "import of a neighbour that is not copied": Fault(
        {path: text for path, text in backend().items() if path != "main.py"}
        | {
            "Dockerfile": dockerfile().replace("COPY --chown=user . /app", "COPY --chown=user src/main.py /app/"),
            "src/main.py": "import models\n" + APP,
            "src/models.py": "",
        },
        "T006",
        "import-elsewhere",
        "backend/src/main.py:1",
    ),
    "import from outside sys.path and the image": Fault(
        backend({"main.py": "import models\n" + APP, "src/models.py": "", ".dockerignore": "src\n"}),
        "T006",
        "import-elsewhere",
        "backend/main.py:1",
    ),
    "lock without a requirement": Fault(
        backend({"requirements.in": "fastapi\nuvicorn\nhttpx>=0.27\n"}),
        "T006",
        "lock-misses",
        "backend/requirements.in:3",
    ),
    "lock with another version": Fault(
        backend({"requirements.in": "fastapi>=0.116\nuvicorn\n"}), "T006", "lock-differs", "backend/requirements.in:1"
    ),
    "image with another Python": Fault(
        backend({"Dockerfile": dockerfile(base="python:3.11-slim")}),
        "T006",
        "python-differs",
        "backend/Dockerfile:1",
        "warning",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_is(name: str, project: Make) -> None:
    fault = FAULTS[name]
    assert said(project(fault.files).check()) == fault.expected


def test_the_distribution_to_add_is_named(project: Make) -> None:
    found = project(main("import jwt\nimport yaml\nfrom PIL import Image\n" + APP)).check()
    assert [found[0].cure.split()[1], found[1].cure.split()[1], found[2].cure.split()[1]] == [
        "pyjwt",
        "pyyaml",
        "pillow",
    ]


def test_a_module_missing_in_many_places_is_one_finding(project: Make) -> None:
    [finding] = project(backend({"main.py": "import a\nimport jwt\n" + APP, "a.py": "import jwt\n"})).check()
    assert "1 more place" in finding.what


def test_a_warning_says_why_it_is_none_that_is_certain(project: Make) -> None:
    [listed] = project(main("from opentelemetry import trace\n" + APP)).check()
    assert listed.what.startswith("opentelemetry is imported, and nothing in requirements.txt names it; ")
    assert "not all that the image installs is locked" in listed.what
    assert "cannot be known" in listed.what
    [foreign] = project(locked("import torch\n" + APP, {"Dockerfile": dockerfile(base="pytorch/pytorch:2.4")})).check()
    assert "base image" in foreign.what


def test_what_is_installed_on_this_machine_makes_no_difference(project: Make) -> None:
    """invoke and pytest are here, and not in the lock."""
    found = project(locked("import invoke\nimport pytest\nimport json\n" + APP)).check()
    assert [(finding.code, finding.place) for finding in found] == [
        ("import-uncovered", "backend/main.py:1"),
        ("import-uncovered", "backend/main.py:2"),
    ]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [("# deptry: ignore", 0), ("# noqa  # deptry: ignore[DEP003,DEP001]", 0), ("# deptry: ignore[DEP002]", 1)],
)
def test_a_line_that_deptry_is_told_to_ignore_is_excused(comment: str, expected: int, project: Make) -> None:
    assert len(project(locked(f"import jwt  {comment}\n" + APP)).check()) == expected


@pytest.mark.parametrize(
    ("text", "place", "level"),
    [
        ("-r gone.txt\n", "backend/requirements.txt:3", "warning"),
        ("--bogus\n", "backend/requirements.txt:3", "warning"),
        ("-r requirements.txt\n", "backend/requirements.txt:3", "error"),
        ("# caf\xe9\n", "backend/requirements.txt:1", "error"),
    ],
)
def test_what_stops_pip_is_told_once_and_where(text: str, place: str, level: str, project: Make) -> None:
    content = (REQUIREMENTS + text).encode("latin-1")
    found = project({**backend(), "requirements.txt": content}).check_task("T003")
    syntax = [finding for finding in found if finding.code == "requirements-syntax"]
    assert [(f"backend/{finding.file}:{finding.line}", finding.level) for finding in syntax] == [(place, level)]


def test_a_changed_path_is_not_judged(project: Make) -> None:
    files = backend({"main.py": "import sys\nsys.path.insert(0, 'src')\nimport models\n" + APP, "src/models.py": ""})
    assert project(files).check() == ()


def test_the_project_may_declare_its_modules(project: Make) -> None:
    files = backend(
        {
            "main.py": "import odd\n" + APP,
            "requirements.txt": REQUIREMENTS + "strange-name==1\n",
            "pyproject.toml": '[tool.deptry.package_module_name_map]\nstrange-name = "odd"\n',
        }
    )
    assert project(files).check() == ()


@pytest.mark.parametrize(
    ("tool", "lock", "content"),
    [
        ("uv sync --frozen", "uv.lock", '[[package]]\nname = "fastapi"\n[[package]]\nname = "uvicorn"\n'),
        ("poetry install --only main", "poetry.lock", '[[package]]\nname = "fastapi"\n[[package]]\nname = "uvicorn"\n'),
        ("pipenv install --deploy", "Pipfile.lock", '{"default": {"fastapi": {}, "uvicorn": {}}}'),
    ],
)
def test_other_locks_count(tool: str, lock: str, content: str, project: Make) -> None:
    start = "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}\n"
    files = {
        "main.py": "import jwt\n" + APP,
        "README.md": CARD,
        lock: content,
        "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = []\n',
        "Dockerfile": f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN {tool}\n{start}",
    }
    [finding] = project(files).check()
    assert (finding.code, finding.level) == ("import-uncovered", "error")
    assert lock in finding.what


SERVED = "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}\n"
PINNED = "".join(f'[[package]]\nname = "{name}"\nversion = "1"\n' for name in ("fastapi", "uvicorn", "httpx"))


@pytest.mark.parametrize(
    ("copied", "run", "lock"),
    [
        ("COPY service/pyproject.toml service/poetry.lock ./", "poetry install --only main --no-root", "poetry.lock"),
        ("COPY service/ /srv/", "uv --directory /srv sync --frozen", "uv.lock"),
    ],
)
@pytest.mark.parametrize("module", ["httpx", "jwt"])
def test_a_project_that_is_copied_from_a_folder_has_its_lock_beside_it(
    copied: str, run: str, lock: str, module: str, project: Make
) -> None:
    files = {
        "service/main.py": f"import {module}\n{APP}",
        "README.md": CARD,
        f"service/{lock}": PINNED,
        "service/pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = []\n',
        "Dockerfile": f"FROM python:3.13-slim\nWORKDIR /app\n{copied}\nRUN {run}\nCOPY service .\n{SERVED}",
    }
    found = project(files).check()
    assert said(found) == (
        [] if module == "httpx" else [("T006", "import-uncovered", "backend/service/main.py:1", "error")]
    )


@pytest.mark.parametrize(
    ("run", "level", "ignored", "lock"),
    [
        ("RUN uv sync --locked --no-dev", "error", "**/*.lock\n", "uv.lock"),
        ("RUN --mount=type=bind,source=uv.lock,target=uv.lock uv sync --frozen", "error", "uv.*\n", "uv.lock"),
        ("RUN poetry install", "warning", "*.lock\n", "poetry.lock"),
        ("RUN uv sync --frozen", "warning", "", ""),
        ("RUN uv lock && uv sync --frozen", None, "*.lock\n", "uv.lock"),
        ("RUN poetry install", None, "", ""),
    ],
)
def test_a_lock_that_is_installed_gets_into_the_build(
    run: str, level: str | None, ignored: str, lock: str, project: Make
) -> None:
    files = {
        "main.py": APP,
        "README.md": CARD,
        "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n',
        ".dockerignore": ignored,
        **({lock: PINNED} if lock else {}),
        "Dockerfile": f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n{run}\n{SERVED}",
    }
    found = said(project(files).check())
    assert found == ([("T002", "lock-kept-out", "backend/Dockerfile:4", level)] if level else [])


def test_stages_of_its_own_are_not_another_image(project: Make) -> None:
    below = "FROM python:3.13-slim AS one\nCOPY . /app\n"
    text = f"{below}FROM python:3.13-slim\nWORKDIR /app\nCOPY --from=one /app .\n{START}"
    assert said(project(backend({"Dockerfile": text})).check()) == [
        ("T003", "not-installed", "backend/Dockerfile:3", "error")
    ]


@pytest.mark.parametrize(
    "run",
    [
        "pip --python /venv/bin/python install -r requirements.txt",
        "pip install --no-cache-dir --upgrade -r ./requirements.txt",
        "--mount=type=cache,target=/var/cache/pip python -m pip install --requirement=requirements.txt",
        "uv pip install --system -rrequirements.txt",
        "uv venv && uv pip sync requirements.txt",
        "apt-get update && \\\n    /venv/bin/pip3 install -r /app/requirements.txt",
        "<<EOF\npip install -r requirements.txt\nEOF",
        '["pip", "install", "-r", "requirements.txt"]',
        "pip wheel -w /wheels -r requirements.txt",
        "bash -c 'if [ $DEV = true ]; then pip install -r requirements.txt; else pip install -r requirements.txt; fi'",
    ],
)
def test_ways_to_install_the_requirements(run: str, project: Make) -> None:
    made = project(backend({"Dockerfile": BARE.replace("CMD", f"RUN {run}\nCMD")}))
    assert {item.name for item in made.material().installed.wanted} == {"fastapi", "uvicorn"}
    assert made.check() == ()


def test_names_on_the_pip_line_count(project: Make) -> None:
    run = "RUN pip install fastapi 'uvicorn[standard]>=0.30' && pip install --no-cache-dir PyJWT==2.9.0\n"
    files = {"main.py": "import jwt\n" + APP, "README.md": CARD, "Dockerfile": BARE.replace("CMD", run + "CMD")}
    assert project(files).check() == ()


@pytest.mark.parametrize(
    ("imported", "advice"),
    [("stoer", "did you mean store?"), ("strangers", "add the package that brings strangers"), ("yaml", "add pyyaml ")],
)
def test_no_package_is_advised_by_the_name_of_a_module_alone(project: Make, imported: str, advice: str) -> None:
    code = f"import store\nfrom {imported} import x\n" + APP
    [finding] = project(locked(code, {"store/__init__.py": ""})).check()
    assert (finding.code, finding.level) == ("import-uncovered", "error")
    assert finding.cure.startswith(advice)


@pytest.mark.parametrize("run", ["./install.sh", "make dependencies", "bash scripts/setup.sh"])
def test_what_a_script_of_the_build_may_install_is_not_missing_for_certain(run: str, project: Make) -> None:
    found = project(backend({"Dockerfile": BARE.replace("CMD", f"RUN {run}\nCMD")})).check()
    assert "error" not in {finding.level for finding in found}
