"""T003 and T006: what is installed, and whether it is what the code imports."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.source.backends import APP, CARD, REQUIREMENTS, START, Fault, backend, dockerfile, main
from tests.unit.source.conftest import Make, said

HASHED = "".join(f"{name} \\\n    --hash=sha256:{'0' * 64}\n" for name in ("fastapi==0.115.0", "uvicorn==0.30.0"))
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
        backend({"requirements.txt": "fastapi==0.115.0\n"}), "T003", "server-missing", "backend/requirements.txt"
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
    "import nobody installs": Fault(main("import jwt\n" + APP), "T006", "import-uncovered", "backend/main.py:1"),
    "import a hashed lock lacks": Fault(
        backend({"main.py": "import pydantic\n" + APP, "requirements.txt": HASHED}),
        "T006",
        "import-uncovered",
        "backend/main.py:1",
    ),
    "import in a function": Fault(
        main(APP + "\n\ndef later():\n    import boto3\n"), "T006", "import-uncovered", "backend/main.py:7"
    ),
    "import of the branch that runs": Fault(
        main("import sys\nif sys.version_info >= (3, 11):\n    import boto3\n" + APP),
        "T006",
        "import-uncovered",
        "backend/main.py:3",
    ),
    "import after a failed one": Fault(
        main("try:\n    import orjson\nexcept ImportError:\n    import ujson\n" + APP),
        "T006",
        "import-uncovered",
        "backend/main.py:4",
    ),
    "import whose failure is raised again": Fault(
        main("try:\n    import orjson\nexcept ImportError as error:\n    raise SystemExit from error\n" + APP),
        "T006",
        "import-uncovered",
        "backend/main.py:2",
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
    assert ["pyjwt" in found[0].cure, "pillow" in found[1].cure] == [True, True]
    assert len(found) == 2, "uvicorn[standard] brings yaml"


def test_a_module_missing_in_many_places_is_one_finding(project: Make) -> None:
    [finding] = project(backend({"main.py": "import a\nimport jwt\n" + APP, "a.py": "import jwt\n"})).check()
    assert "1 more place" in finding.what


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
    start = "CMD uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}\n"
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
