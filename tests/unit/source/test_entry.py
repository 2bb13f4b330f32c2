"""T004, T005 and T011: the entry point, the application, and no server beside it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.source.backends import (
    APP,
    CMD_LINE,
    FACTORY,
    REQUIREMENTS,
    Fault,
    backend,
    dockerfile,
    main,
    moved,
    starting,
    without,
)
from tests.unit.source.conftest import Make, said

FAULTS: Mapping[str, Fault] = {
    "no main.py": Fault(without("main.py"), "T004", "entry-missing", ""),
    "main.py that the image lacks": Fault(
        backend({"Dockerfile": dockerfile().replace("COPY --chown=user . /app", "COPY --chown=user app /app/app")})
        | {"app/x.py": ""},
        "T004",
        "entry-misplaced",
        "backend/main.py:1",
    ),
    "main.py that .dockerignore hides": Fault(
        backend({".dockerignore": "main.py\n"}), "T004", "entry-misplaced", "backend/main.py:1"
    ),
    "main.py in another folder than the start": Fault(
        {path: text for path, text in backend({"src/main.py": APP}).items() if path != "main.py"},
        "T004",
        "entry-misplaced",
        "backend/src/main.py:1",
    ),
    "another entry than declared": Fault(
        backend(
            {"Dockerfile": dockerfile("CMD exec uvicorn app:app --host 0.0.0.0 --port ${PORT:-7860}\n"), "app.py": APP}
        ),
        "T004",
        "entry-differs",
        CMD_LINE,
    ),
    "app that a call wraps where the script starts it": Fault(
        starting(
            "exec python serve.py",
            {
                "serve.py": "import uvicorn\nfrom main import app\nfrom starlette.middleware import gzip\n"
                "if __name__ == '__main__':\n    uvicorn.run(gzip.GZipMiddleware(app), host='0.0.0.0', port=found())\n"
            },
        ),
        "T004",
        "start-unread",
        CMD_LINE,
        "warning",
    ),
    "main.py that the Dockerfile's own list hides": Fault(
        backend({"Dockerfile.dockerignore": "*.py\n", ".dockerignore": "*.md\n"}),
        "T004",
        "entry-misplaced",
        "backend/main.py:1",
    ),
    "start in a script that holds an archive": Fault(
        starting("sh start.sh", {"start.sh": ": <<END\n" + "QUJD " * 50_000 + "\nEND\nexec uvicorn main:app\n"}),
        "T004",
        "start-unread",
        CMD_LINE,
        "warning",
    ),
    "start that says nothing": Fault(starting("supervise --all"), "T004", "start-unread", CMD_LINE, "warning"),
    "no app": Fault(
        main("from fastapi import FastAPI\n\napi = FastAPI()\n"), "T005", "app-missing", "backend/main.py:1"
    ),
    "app of another framework": Fault(
        backend({"main.py": "from flask import Flask\n\napp = Flask('x')\n", "requirements.txt": "flask\nuvicorn\n"}),
        "T005",
        "app-other",
        "backend/main.py:3",
    ),
    "app that speaks ASGI and workers that do not": Fault(
        starting(
            "exec gunicorn main:app --threads 4 -b 0.0.0.0:${PORT:-7860}",
            {"requirements.txt": REQUIREMENTS + "gunicorn\n", "gunicorn.conf.py": "workers = 2\n"},
        ),
        "T005",
        "app-worker",
        "backend/main.py:3",
    ),
    "worker of gunicorn's settings that does not": Fault(
        starting(
            "exec gunicorn main:app -b 0.0.0.0:${PORT:-7860}",
            {"requirements.txt": REQUIREMENTS + "gunicorn\n", "gunicorn.conf.py": 'worker_class = "gthread"\n'},
        ),
        "T005",
        "app-worker",
        "backend/main.py:3",
    ),
    "router instead of the app": Fault(
        main("from fastapi import APIRouter\n\napp = APIRouter()\n"), "T005", "app-other", "backend/main.py:3"
    ),
    "nothing instead of the app": Fault(
        main(APP.replace("FastAPI()", "None")), "T005", "app-other", "backend/main.py:3"
    ),
    "module instead of the app": Fault(
        backend({"main.py": "from api import app\n", "api/app.py": APP}), "T005", "app-other", "backend/main.py:1"
    ),
    "factory served as the app": Fault(
        moved("main:create_app", {"main.py": FACTORY}),
        "T005",
        "app-factory",
        "backend/main.py:4",
        settings={"entry": "main:create_app"},
    ),
    "re-export of nothing": Fault(
        backend({"main.py": "from api import app\n", "api.py": "server = 1\n"}),
        "T005",
        "app-missing",
        "backend/main.py:1",
    ),
    "server at import": Fault(
        main("import uvicorn\n" + APP + "uvicorn.run(app, port=7860)\n"), "T011", "start-at-import", "backend/main.py:5"
    ),
    "server at import, made by hand": Fault(
        main("import uvicorn\n" + APP + "server = uvicorn.Server(uvicorn.Config(app))\nserver.run()\n"),
        "T011",
        "start-at-import",
        "backend/main.py:6",
    ),
    "server at import of a module": Fault(
        backend(
            {
                "main.py": "import worker\n" + APP,
                "worker.py": "import uvicorn\n\n\ndef go():\n    uvicorn.run('x:y')\n\n\ngo()\n",
            }
        ),
        "T011",
        "start-at-import",
        "backend/worker.py:5",
    ),
    "another framework's server at import": Fault(
        backend(
            {
                "main.py": "import gradio as gr\n\nwith gr.Blocks() as demo:\n    pass\ndemo.launch()\n" + APP,
                "requirements.txt": REQUIREMENTS + "gradio\n",
            }
        ),
        "T011",
        "start-at-import",
        "backend/main.py:5",
    ),
    "script without a guard": Fault(
        starting(
            "exec python main.py",
            {
                "main.py": "import os\n\nimport uvicorn\n" + APP + "\n"
                "uvicorn.run(app, host='0.0.0.0', port=int(os.getenv('PORT', 7860)))\n"
            },
        ),
        "T011",
        "start-unguarded",
        "backend/main.py:8",
        "warning",
    ),
    "script that imports itself": Fault(
        starting(
            "exec python main.py",
            {
                "main.py": "import os\n\nimport uvicorn\n" + APP + "\n"
                "uvicorn.run('main:app', host='0.0.0.0', port=int(os.getenv('PORT', 7860)))\n"
            },
        ),
        "T011",
        "start-at-import",
        "backend/main.py:8",
    ),
}


def test_a_main_that_the_build_does_not_get_is_let_in(project: Make) -> None:
    source = project(backend({".dockerignore": "main.py\n"}))
    (found,) = source.check()
    assert found.what == "main.py is shipped, and .dockerignore keeps it out of the image"
    assert found.cure == "add the line !main.py to .dockerignore"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_is(name: str, project: Make) -> None:
    fault = FAULTS[name]
    assert said(project(fault.files, **fault.settings).check()) == fault.expected


def test_an_entry_that_is_elsewhere_is_suggested(project: Make) -> None:
    files = moved("src.api:app", {"src/api.py": APP})
    [finding, *_] = project(files).check()
    assert (finding.code, "'src.api:app'" in finding.cure) == ("entry-missing", True)


def test_a_variable_of_nearly_the_name_is_suggested(project: Make) -> None:
    [finding] = project(main("from fastapi import FastAPI\n\nappp = FastAPI()\n")).check()
    assert finding.cure == "did you mean appp?"


def test_a_main_that_the_app_imports_is_no_second_one(project: Make) -> None:
    files = backend({"main.py": "from app.main import app\n", "app/main.py": APP})
    assert project(files).check() == ()


@pytest.mark.parametrize("entry", ["main:app", "app.main:app"])
def test_a_re_export_is_the_same_application(entry: str, project: Make) -> None:
    files = backend({"main.py": "from app.main import app\n", "app/main.py": APP})
    assert project(files, entry=entry).check() == ()


def test_an_app_of_code_that_is_not_here_is_believed(project: Make) -> None:
    files = backend({"main.py": "from company_web import make\n\napp = make()\n"})
    files["requirements.txt"] += "company-web==1\n"
    assert project(files).check() == ()


def test_a_circle_of_imports_ends(project: Make) -> None:
    files = backend({"main.py": "from a import app\n", "a.py": "from b import app\n", "b.py": "from a import app\n"})
    assert project(files).check() == ()


UNREAD = 'CMD ["/run.sh"]\n'


@pytest.mark.parametrize(
    ("middle", "codes"),
    [
        ("ENV PYTHONPATH=/lib:code\n", ["start-unread"]),
        ("ENV PYTHONPATH=/app/code:$PYTHONPATH\n", ["start-unread"]),
        ("", ["start-unread", "entry-misplaced"]),
    ],
)
def test_where_an_unread_start_looks_is_at_most_doubtful(project: Make, middle: str, codes: list[str]) -> None:
    files = {path: text for path, text in backend().items() if path != "main.py"}
    files |= {"code/desk/main.py": APP, "Dockerfile": dockerfile(UNREAD, middle=middle)}
    found = project(files, entry="desk.main:app").check()
    assert {(finding.code, finding.level) for finding in found} == {(code, "warning") for code in codes}


def test_a_dockerfile_elsewhere_is_told_once(project: Make) -> None:
    files = {"README.md": backend()["README.md"], "web/Dockerfile": dockerfile(), "web/main.py": APP}
    [finding] = project(files).check()
    assert finding.code == "dockerfile-missing"
    assert "ship web alone" in finding.cure
