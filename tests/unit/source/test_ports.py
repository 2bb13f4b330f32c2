"""T008 and T013: the app listens where the platform looks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.source.backends import APP, CARD, CMD_LINE, REQUIREMENTS, Fault, backend, dockerfile, starting
from tests.unit.source.conftest import Make, said


def running(arguments: str) -> dict[str, str]:
    """An image that runs main.py, which starts uvicorn with these arguments."""
    code = f"import os\n\nimport uvicorn\n{APP}\n\nif __name__ == '__main__':\n    uvicorn.run({arguments})\n"
    return starting("exec python main.py", {"main.py": code})


def gunicorn(command: str, settings: str = "") -> dict[str, str]:
    changes = {"requirements.txt": REQUIREMENTS + "gunicorn\n"}
    return starting(
        f"exec gunicorn -k uvicorn.workers.UvicornWorker {command}",
        {**changes, **({"gunicorn.conf.py": settings} if settings else {})},
    )


FAULTS: Mapping[str, Fault] = {
    "another port": Fault(
        starting("exec uvicorn main:app --host 0.0.0.0 --port 8000"), "T008", "port-contradicts", CMD_LINE
    ),
    "another port, with an equals sign": Fault(
        starting("exec uvicorn main:app --host=0.0.0.0 --port=8000"), "T008", "port-contradicts", CMD_LINE
    ),
    "port in the old form of ENV": Fault(
        backend({"Dockerfile": dockerfile(middle="ENV PORT = 7860\n")}),
        "T013",
        "port-invalid",
        CMD_LINE.replace("9", "10"),
    ),
    "port of a variable that is not set": Fault(
        starting("exec uvicorn main:app --host 0.0.0.0 --port=${WEB_PORT}"), "T013", "port-invalid", CMD_LINE
    ),
    "no port": Fault(starting("exec uvicorn main:app --host 0.0.0.0"), "T008", "port-contradicts", CMD_LINE),
    "another port in the card": Fault(
        backend({"README.md": CARD.replace("7860", "8080")}), "T008", "port-contradicts", CMD_LINE
    ),
    "another default for $PORT": Fault(
        starting("exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}"), "T008", "port-contradicts", CMD_LINE
    ),
    "another $PORT in the image": Fault(
        backend({"Dockerfile": dockerfile(middle="ENV PORT=5000\n")}),
        "T008",
        "port-contradicts",
        "backend/Dockerfile:10",
    ),
    "another port in a script": Fault(
        starting("exec sh start.sh", {"start.sh": "set -e\n\nexec uvicorn main:app --host 0.0.0.0 --port 80\n"}),
        "T008",
        "port-contradicts",
        "backend/start.sh:3",
    ),
    "another port in the code that runs": Fault(
        running("app, host='0.0.0.0', port=5000"), "T008", "port-contradicts", "backend/main.py:10"
    ),
    "another default in the code that runs": Fault(
        running("'main:app', host='0.0.0.0', port=int(os.environ.get('PORT', '8000'))"),
        "T008",
        "port-contradicts",
        "backend/main.py:10",
    ),
    "another port in gunicorn's settings": Fault(
        gunicorn("main:app", 'bind = ["0.0.0.0:5000"]\n'), "T008", "port-contradicts", CMD_LINE
    ),
    "loopback": Fault(
        starting("exec uvicorn main:app --host 127.0.0.1 --port ${PORT:-7860}"), "T013", "loopback", CMD_LINE
    ),
    "loopback by default": Fault(starting("exec uvicorn main:app --port ${PORT:-7860}"), "T013", "loopback", CMD_LINE),
    "loopback by default, in code": Fault(
        running("app, port=int(os.getenv('PORT', 7860))"), "T013", "loopback", "backend/main.py:10"
    ),
    "loopback of gunicorn": Fault(gunicorn("-b 127.0.0.1:${PORT:-7860} main:app"), "T013", "loopback", CMD_LINE),
    "development server": Fault(
        starting("exec fastapi dev main.py --port ${PORT:-7860}", {"requirements.txt": "fastapi[standard]\n"}),
        "T013",
        "loopback",
        CMD_LINE,
    ),
    "fixed port": Fault(
        starting('["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "7860"]'),
        "T013",
        "port-ignored",
        CMD_LINE,
        "warning",
    ),
    "fixed port in code": Fault(
        running("app, host='0.0.0.0', port=7860"), "T013", "port-ignored", "backend/main.py:10", "warning"
    ),
    "variable in the JSON form": Fault(
        starting('["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "$PORT"]'), "T013", "port-unexpanded", CMD_LINE
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_is(name: str, project: Make) -> None:
    fault = FAULTS[name]
    assert said(project(fault.files).check()) == fault.expected


@pytest.mark.parametrize(
    "command",
    [
        "UVICORN_PORT=$PORT exec uvicorn main:app --host 0.0.0.0",
        "exec uvicorn main:app --host 0.0.0.0 --port $PORT",
        "PORT=${PORT:-7860} && exec uvicorn main:app --host 0.0.0.0 --port $PORT",
        ": ${PORT:=7860}; exec uvicorn main:app --host 0.0.0.0 --port ${PORT}",
    ],
)
def test_ways_to_follow_the_platform(command: str, project: Make) -> None:
    files = starting(command)
    files["Dockerfile"] = files["Dockerfile"].replace("USER user", "USER user\nENV PORT=7860")
    assert project(files).check() == ()


def test_gunicorn_follows_port_by_itself(project: Make) -> None:
    files = gunicorn("main:app")
    files["Dockerfile"] = files["Dockerfile"].replace("USER user", "USER user\nENV PORT=7860")
    assert project(files).check() == ()


def test_a_project_may_declare_its_port_fixed(project: Make) -> None:
    files = starting("exec uvicorn main:app --host 0.0.0.0 --port 7860")
    assert project(files, fixed_port=True).check() == ()
    files["README.md"] = CARD.replace("7860", "8000")
    assert said(project(files, fixed_port=True).check()) == [("T008", "port-contradicts", CMD_LINE, "error")]


def test_a_card_without_a_port_means_7860(project: Make) -> None:
    assert project(backend({"README.md": "---\nsdk: docker\n---\n"})).check() == ()


@pytest.mark.parametrize("port", ["port", "choose_port()", "args.port + 1"])
def test_a_port_that_cannot_be_known_is_not_judged(port: str, project: Make) -> None:
    assert project(running(f"app, host='0.0.0.0', port={port}")).check() == ()


@pytest.mark.parametrize(
    ("start", "level"),
    [
        ("uvicorn main:app --port 9000 &\nexec front-door serve\n", "warning"),
        ("./front 7860 &\nexec uvicorn main:app --host localhost --port 9000\n", "warning"),
        ("alembic upgrade head\nexec uvicorn main:app --port 9000\n", "error"),
        ("uvicorn main:app --port 9000 &\ncurl localhost:9000\nwait -n\n", "error"),
    ],
)
def test_a_server_may_be_behind_another_that_is_not_known_here(project: Make, start: str, level: str) -> None:
    files = backend({"start.sh": start, "Dockerfile": dockerfile('CMD ["sh", "start.sh"]\n')})
    found = project(files).check()
    assert {(finding.code, finding.level) for finding in found} == {("port-contradicts", level), ("loopback", level)}
