"""From CMD and ENTRYPOINT to a server: shells, wrappers, servers, and where files lie in the image."""

from __future__ import annotations

import pytest

from deploy.dockerfile import parse
from deploy.dockerfile.layout import context_of, image_files
from deploy.dockerfile.shell import commands
from deploy.dockerfile.unwrap import Invocation, unwrap
from deploy.source.start.launch import launch
from tests.unit.source.backends import APP, dockerfile
from tests.unit.source.conftest import Make

HOST = "0.0.0.0"


def words(text: str, **env: str) -> list[str]:
    return [" ".join(command.argv) for command in commands(text, env=env, cwd="/app")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b || c; d | e", ["a", "b", "c", "d", "e"]),
        ("a 'x && y' \"p; q\" r\\ s", ["a x && y p; q r s"]),
        ("a > /dev/null 2>&1 && b &> log", ["a", "b"]),
        ("# no\na # no\n\nb#yes", ["a", "b#yes"]),
        ("a \\\n  b", ["a b"]),
        ("if [ -z $X ]; then a; else b; fi", ["[ -z ]", "a", "b"]),
        ("a --n $(nproc && x) b", ["a --n $(nproc && x) b"]),
        ("(a; b)", ["a", "b"]),
        ("a ${P:-1} $P ${Q:-2} ${P:+y}", ["a 5 5 2 y"]),
        ("while true; do a; done", ["true", "a"]),
    ],
)
def test_a_line_is_split_as_a_shell_does(text: str, expected: list[str]) -> None:
    assert words(text, P="5") == expected


def test_commands_know_folder_environment_line_and_place() -> None:
    text = "export A=1\ncd src\nB=2 serve $A &\n: ${C:=3}\nwait $C"
    served, colon, wait = commands(text, env={}, cwd="/app")
    assert (served.argv, served.cwd, served.line, served.background) == (("serve", "1"), "/app/src", 3, True)
    assert dict(served.env) == {"A": "1", "B": "2"}
    assert (wait.argv, "B" in wait.env, wait.background, colon.line) == (("wait", "3"), False, False, 4)


def test_arguments_of_a_script() -> None:
    [command] = commands('exec "$@"', env={}, cwd="/", arguments=("uvicorn", "a:b c"))
    assert command.argv == ("exec", "uvicorn", "a:b c")


@pytest.mark.parametrize(
    ("line", "kind", "target", "arguments"),
    [
        ("exec tini -g -- uvicorn x", "program", "uvicorn", ("x",)),
        ("/usr/bin/env -i A=1 B=2 gunicorn x", "program", "gunicorn", ("x",)),
        ("gosu user dumb-init nohup serve", "program", "serve", ()),
        ("uv run --no-sync --with rich uvicorn x", "program", "uvicorn", ("x",)),
        ("uv run -m app.main", "python module", "app.main", ()),
        ("poetry run python -u app.py --port 1", "python file", "app.py", ("--port", "1")),
        ("/opt/venv/bin/python3.13 -X dev -m uvicorn x", "python module", "uvicorn", ("x",)),
        ("python -c 'import x'", "python text", "import x", ()),
        ("bash -euo pipefail -c 'a b' zero one", "shell text", "a b", ("zero", "one")),
        ("sh -x start.sh one", "shell file", "start.sh", ("one",)),
        ("conda run -n env --no-capture-output uvicorn x", "program", "uvicorn", ("x",)),
        ("newrelic-admin run-program opentelemetry-instrument uvicorn x", "program", "uvicorn", ("x",)),
        ("uv pip install x", "program", "uv", ("pip", "install", "x")),
    ],
)
def test_wrappers_are_taken_off(line: str, kind: str, target: str, arguments: tuple[str, ...]) -> None:
    import shlex

    assert unwrap(shlex.split(line)) == Invocation(kind, target, arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["", "exec", "sh", "python -u", "env A=1"])
def test_wrappers_around_nothing(line: str) -> None:
    assert unwrap(line.split()) is None


@pytest.mark.parametrize(
    ("line", "entry", "host", "port", "factory"),
    [
        ("uvicorn main:app", "main:app", "127.0.0.1", "8000", False),
        ("uvicorn --reload --host 0.0.0.0 --port=1 main:make --factory", "main:make", HOST, "1", True),
        ("uvicorn main:app --uds /tmp/x", "main:app", "unix", "8000", False),
        ("/venv/bin/uvicorn main:app --workers 2 --host ::", "main:app", "::", "8000", False),
        ("gunicorn -w 2 -k uvicorn.workers.UvicornWorker -b 0.0.0.0:1 main:app", "main:app", HOST, "1", False),
        ("gunicorn --bind=:1 'main:make()'", "main:make", HOST, "1", True),
        ("gunicorn -b0.0.0.0:1 --preload main:app", "main:app", HOST, "1", False),
        ("gunicorn -b unix:/tmp/x main:app", "main:app", "unix", "8000", False),
        ("gunicorn main:app", "main:app", None, None, False),
        ("hypercorn asgi:main:app --bind [::]:1", "main:app", "::", "1", False),
        ("hypercorn main:app", "main:app", "127.0.0.1", "8000", False),
        ("granian --interface asgi --host 0.0.0.0 --port 1 main:app", "main:app", HOST, "1", False),
        ("daphne -b 0.0.0.0 -p 1 main:app", "main:app", HOST, "1", False),
        ("fastapi run app/main.py --port 1", "app/main.py#app", HOST, "1", False),
        ("fastapi run -e main:api", "main:api", HOST, "8000", False),
        ("fastapi dev", "#app", "127.0.0.1", "8000", False),
    ],
)
def test_servers_are_read_from_their_options(
    line: str, entry: str, host: str | None, port: str | None, factory: bool
) -> None:
    import shlex

    found = launch(shlex.split(line), {})
    assert found is not None
    assert (found.entry, found.host, found.port, found.factory) == (entry, host, port, factory)


def test_servers_are_read_from_their_environment() -> None:
    env = {"UVICORN_HOST": HOST, "UVICORN_PORT": "1", "PORT": "2", "GRANIAN_PORT": "3", "GUNICORN_CMD_ARGS": "-b :4"}
    ports = [launch(line.split(), env) for line in ("uvicorn a:b", "fastapi run", "granian a:b", "gunicorn a:b")]
    assert [found.port if found else None for found in ports] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("line", ["nginx -g x", "fastapi deploy", "python main.py", "celery worker"])
def test_other_programs_are_no_servers(line: str) -> None:
    assert launch(line.split(), {}) is None


def test_files_are_followed_through_copies_and_stages() -> None:
    text = (
        "FROM a AS build\nWORKDIR /src\nCOPY . .\nCOPY assets/*.js /static/\n"
        "FROM b\nWORKDIR /srv\nCOPY --from=build /src/app ./app\nCOPY --from=0 /static /static\n"
        "COPY main.py requirements*.txt ./\nCOPY lib /opt/lib\nCOPY run.sh /usr/bin/serve\n"
        "COPY --from=other /app /srv/other\n"
    )
    context = frozenset(
        {"app/a.py", "app/b/c.py", "assets/x.js", "assets/y.css", "main.py", "requirements.txt", "lib/l.py", "run.sh"}
    )
    assert dict(image_files(parse(text), context)) == {
        "/srv/app/a.py": "app/a.py",
        "/srv/app/b/c.py": "app/b/c.py",
        "/static/x.js": "assets/x.js",
        "/srv/main.py": "main.py",
        "/srv/requirements.txt": "requirements.txt",
        "/opt/lib/l.py": "lib/l.py",
        "/usr/bin/serve": "run.sh",
    }


def test_dockerignore_counts_from_the_root() -> None:
    paths = frozenset({"a.md", "docs/a.md", ".env.example", "node_modules/x.js", "web/node_modules/y.js", "keep.md"})
    ignore = "# all\n*.md\n!keep.md\n**/node_modules\n.env*\n"
    assert context_of(paths, ignore) == {"docs/a.md", "keep.md"}
    assert context_of(paths, "*\n!docs\n") == {"docs/a.md"}
    assert context_of(paths, "") == paths


def test_a_module_is_found_in_the_folder_where_the_server_starts(project: Make) -> None:
    start = "CMD cd api && uvicorn server:app --host 0.0.0.0 --port ${PORT:-7860}\n"
    files = {"api/server.py": "import helper\n" + APP, "api/helper.py": "", "Dockerfile": dockerfile(start)}
    material = project(files, entry="server:app").material()
    assert material.entry_path == "api/server.py"
    assert material.serves == {"api/server.py", "api/helper.py"}


@pytest.mark.parametrize(
    "change", ["ENV PYTHONPATH=/app/src\n", "ENV PYTHONPATH=src:lib\n", "WORKDIR /app/src\n", "COPY src /app/\n"]
)
def test_a_module_is_found_on_the_path_of_the_image(change: str, project: Make) -> None:
    files = {"src/main.py": APP, "requirements.txt": "", "Dockerfile": dockerfile(middle=change)}
    assert project(files).material().entry_path == "src/main.py"


def test_app_dir_counts(project: Make) -> None:
    start = 'CMD ["uvicorn", "--app-dir", "src", "main:app"]\n'
    files = {"src/main.py": APP, "requirements.txt": "", "Dockerfile": dockerfile(start)}
    assert project(files).material().entry_path == "src/main.py"


def test_fastapi_run_imports_from_above_the_outermost_package(project: Make) -> None:
    files = {
        "app/__init__.py": "", "app/api/__init__.py": "", "app/api/main.py": APP, "requirements.txt": "",
        "Dockerfile": dockerfile('CMD ["fastapi", "run", "app/api/main.py"]\n'),
    }  # fmt: skip
    material = project(files).material()
    assert material.serving is not None
    assert material.serving.entry == "app.api.main:app"


def test_scripts_that_call_each_other_for_ever_end(project: Make) -> None:
    files = {"main.py": APP, "requirements.txt": "", "a.sh": "sh b.sh", "b.sh": "sh a.sh",
             "Dockerfile": dockerfile("CMD sh a.sh\n")}  # fmt: skip
    assert project(files).material().serving is None


@pytest.mark.parametrize(
    "command",
    [
        "uvicorn other:app --port 1 & uvicorn main:app --port 2",
        "uvicorn main:app --port 2; uvicorn other:app --port 1",
        "uvicorn other:app --port 1 & uvicorn main:app --port 2 & wait",
    ],
)
def test_the_server_in_the_foreground_counts(command: str, project: Make) -> None:
    files = {"main.py": APP, "requirements.txt": "", "Dockerfile": dockerfile(f"CMD {command}\n")}
    serving = project(files).material().serving
    assert serving is not None
    assert (serving.entry, serving.port) == ("main:app", 2)
