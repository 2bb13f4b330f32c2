"""Each known failure is recognised in a log as it really looks, and a healthy log shows none."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from deploy.known_failures import diagnose, last_error


@dataclass(frozen=True)
class Case:
    """A log; words of the cause and of the cure; how the line begins that gives it away."""

    log: str
    cause: str
    cure: str
    evidence: str


CASES = {
    "package not in the lock": Case(
        'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n    import httpx2\n'
        "ModuleNotFoundError: No module named 'httpx2'\n",
        cause="the module httpx2 is not there",
        cure="invoke lock",
        evidence="ModuleNotFoundError",
    ),
    "python -m": Case(
        "/usr/local/bin/python: No module named gunicorn.app\n",
        cause="the module gunicorn.app is not there",
        cure="requirements.in",
        evidence="/usr/local/bin/python",
    ),
    "entry point not at the root": Case(
        'ERROR:    Error loading ASGI app. Could not import module "main".\n',
        cause="the server finds no module main",
        cure="entry",
        evidence="ERROR:    Error loading ASGI app",
    ),
    "no such variable": Case(
        'ERROR:    Error loading ASGI app. Attribute "app" not found in module "main".\n',
        cause="no variable app",
        cure="entry",
        evidence="ERROR:    Error loading ASGI app",
    ),
    "no server, by the engine": Case(
        'docker: Error response from daemon: OCI runtime create failed: exec: "uvicorn": executable file not found in '
        "$PATH: unknown.\n",
        cause="the server uvicorn is not installed",
        cure="requirements.in",
        evidence="docker: Error response",
    ),
    "no server, by the shell": Case(
        "/bin/sh: 1: gunicorn: not found\n",
        cause="the server gunicorn is not installed",
        cure="requirements.in",
        evidence="/bin/sh: 1",
    ),
    "environment variable, by os.environ": Case(
        "    raise KeyError(key) from None\nKeyError: 'DATABASE_URL'\n",
        cause="the environment variable DATABASE_URL is not set",
        cure="invoke secrets.sync",
        evidence="KeyError",
    ),
    "environment variable, in words": Case(
        "RuntimeError: JWT_KEY_A is not set\n",
        cause="the environment variable JWT_KEY_A is not set",
        cure="[secrets] or [variables]",
        evidence="RuntimeError",
    ),
    "environment variable, by pydantic-settings": Case(
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\njwt_key_a\n"
        "  Field required [type=missing, input_value={}, input_type=dict]\n",
        cause="a setting that Settings asks for",
        cure="invoke secrets.sync",
        evidence="pydantic_core",
    ),
    "two servers": Case(
        "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 7860): address already in use\n",
        cause="two servers want the same port",
        cure="remove uvicorn.run()",
        evidence="ERROR:    [Errno 98]",
    ),
    "server started at import": Case(
        '  File "/app/main.py", line 9, in <module>\n    uvicorn.run(app)\n'
        "RuntimeError: asyncio.run() cannot be called from a running event loop\n",
        cause="starts a server while it is imported",
        cure="remove uvicorn.run()",
        evidence="RuntimeError",
    ),
    "loopback only": Case(
        "INFO:     Application startup complete.\n"
        "INFO:     Uvicorn running on http://127.0.0.1:7860 (Press CTRL+C to quit)\n",
        cause="listens on loopback",
        cure="--host 0.0.0.0",
        evidence="INFO:     Uvicorn running",
    ),
    "not root": Case(
        "PermissionError: [Errno 13] Permission denied: '/app/data'\n",
        cause="uid 1000",
        cure="/tmp",
        evidence="PermissionError",
    ),
    "what is mounted": Case(
        "OSError: [Errno 30] Read-only file system: '/models/cache'\n",
        cause="mounted read-only",
        cure="/tmp",
        evidence="OSError",
    ),
    "a folder in /data": Case(
        "  File \"<frozen os>\", line 225, in makedirs\nPermissionError: [Errno 13] Permission denied: '/data'\n",
        cause="only with a mounted bucket",
        cure="mount a bucket at /data",
        evidence="PermissionError",
    ),
    "a file in /data": Case(
        "FileNotFoundError: [Errno 2] No such file or directory: '/data/uploads.json'\n",
        cause="only with a mounted bucket",
        cure="RUN install -d -o 1000 /data",
        evidence="FileNotFoundError",
    ),
    "/data, by the shell": Case(
        "/bin/sh: 1: cannot create /data/seen: Directory nonexistent\n",
        cause="only with a mounted bucket",
        cure="write elsewhere",
        evidence="/bin/sh",
    ),
    "another folder of that name": Case(
        "PermissionError: [Errno 13] Permission denied: '/srv/data/seen'\n",
        cause="uid 1000",
        cure="COPY --chown",
        evidence="PermissionError",
    ),
    "SQLite where nothing may be written": Case(
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) unable to open database file\n",
        cause="the folder of SQLite's file is not there",
        cure="/tmp",
        evidence="sqlalchemy",
    ),
    "hashes": Case(
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package\n",
        cause="differs from the one that was locked",
        cure="invoke lock",
        evidence="ERROR: THESE PACKAGES",
    ),
    "no such version": Case(
        "#9 1.1 ERROR: Could not find a version that satisfies the requirement fastapi==9.9 (from versions: 0.1, 0.2)\n"
        "#9 1.1 ERROR: No matching distribution found for fastapi==9.9\n",
        cause="the index has no fastapi==9.9",
        cure="requirements.in",
        evidence="#9 1.1 ERROR: No matching",
    ),
    "Dockerfile": Case(
        "ERROR: failed to solve: dockerfile parse error on line 3: unknown instruction: RUNN\n",
        cause="the Dockerfile does not parse",
        cure="mend the line",
        evidence="ERROR: failed to solve",
    ),
    "copied file not shipped": Case(
        "ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref 3a::9b: "
        '"/requirements.txt": not found\n',
        cause="copies /requirements.txt, which is not shipped",
        cure=".gitignore",
        evidence="ERROR: failed to solve",
    ),
    "copied file not shipped, by an old builder": Case(
        "COPY failed: file not found in build context or excluded by .dockerignore: stat alembic.ini: "
        "file does not exist\n",
        cause="copies alembic.ini, which is not shipped",
        cure=".dockerignore",
        evidence="COPY failed",
    ),
    "disk": Case(
        "#7 ERROR: write /var/lib/x: no space left on device\n",
        cause="the disk is full",
        cure="free space",
        evidence="#7",
    ),
    "memory": Case("MemoryError\n", cause="more memory", cure="hardware", evidence="MemoryError"),
    "syntax": Case(
        '  File "/app/main.py", line 4\n    def app(:\n            ^\nSyntaxError: invalid syntax\n',
        cause="a Python file does not parse (SyntaxError)",
        cure="invoke check",
        evidence="SyntaxError",
    ),
    "database out of reach": Case(
        'psycopg.OperationalError: connection failed: connection to server at "10.0.0.5", port 5432 failed: timeout\n',
        cause="cannot reach its database",
        cure="DATABASE_URL",
        evidence="psycopg",
    ),
    "name out of reach": Case(
        'could not translate host name "db" to address: Name or service not known\n',
        cause="cannot reach its database",
        cure="80, 443 and 8080",
        evidence="could not translate",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_known_failure_is_told_with_its_cause_evidence_and_cure(case: Case) -> None:
    found = diagnose([*HEALTHY_RUN.splitlines(), *case.log.splitlines(), "", "Process exited"])
    assert found is not None
    assert case.cause in found.cause
    assert case.cure in found.cure
    assert found.evidence.startswith(case.evidence)
    assert found.lines == (f"cause:    {found.cause}", f"evidence: {found.evidence}", f"cure:     {found.cure}")


HEALTHY_RUN = """\
===== Application Startup at 2026-11-22 20:01:17 =====

INFO:     Started server process [7]
INFO:     Waiting for application startup.
INFO:     alembic.runtime.migration Running upgrade  -> 0001, accounts and tasks
INFO:     Application startup complete.
INFO:     Uvicorn running on http://0.0.0.0:7860 (Press CTRL+C to quit)
INFO:     10.16.3.11:51044 - "GET /health HTTP/1.1" 200 OK
INFO:     10.16.3.11:51044 - "POST /api/v1/auth/login HTTP/1.1" 401 Unauthorized
WARNING:  slow request: GET /api/v1/tasks took 1.2 s
"""
HEALTHY_BUILD = """\
#1 [internal] load build definition from Dockerfile
#5 [build 2/4] COPY requirements.txt .
#5 CACHED
#6 [build 3/4] RUN pip install --require-hashes -r requirements.txt
#6 3.114 Collecting fastapi==0.165.0 (from -r requirements.txt (line 12))
#6 9.730 Installing collected packages: typing-extensions, fastapi, uvicorn
#6 11.02 Successfully installed fastapi-0.165.0 uvicorn-0.54.0
#8 exporting to image
#8 naming to docker.io/library/tasks:latest done
--> Pushing image
DONE 4.1s
"""


@pytest.mark.parametrize("log", [HEALTHY_RUN, HEALTHY_BUILD, ""], ids=["run", "build", "empty"])
def test_a_healthy_log_shows_no_failure(log: str) -> None:
    assert diagnose(log.splitlines()) is None


def test_the_more_telling_failure_wins_over_what_follows_from_it() -> None:
    log = "ModuleNotFoundError: No module named 'jwt'\nPermission denied\nConnection refused\n"
    found = diagnose(log.splitlines())
    assert found is not None
    assert "the module jwt" in found.cause


def test_the_last_of_several_lines_is_the_evidence_and_is_kept_short() -> None:
    found = diagnose(["KeyError: 'FIRST_KEY'", "  KeyError: 'LAST_KEY' " + "x" * 500])
    assert found is not None
    assert "LAST_KEY" in found.cause
    assert len(found.evidence) == 200


JSON_LOG = [
    '{"level": "info", "message": "Waiting for application startup."}',
    '{"level": "error", "message": "Traceback\\n  File \\"/app/main.py\\"\\nKeyError: \'API_KEY\'\\n"}',
    '{"level": "error", "message": "it failed", "exception": "Traceback\\napp.db.PoolError: no more"}',
    '{"level": "error", "message": "Application startup failed. Exiting."}',
]


def test_what_is_logged_as_json_is_read_line_by_line() -> None:
    found = diagnose(JSON_LOG)
    assert found is not None
    assert "API_KEY is not set" in found.cause
    assert found.evidence == "KeyError: 'API_KEY'"
    assert last_error(JSON_LOG) == "app.db.PoolError: no more"


@pytest.mark.parametrize("line", ["{", "{}", "[1]", '{"message": 1}', "{KeyError: 'API_KEY'"])
def test_what_only_looks_like_json_is_a_line(line: str) -> None:
    assert (diagnose([line]) is not None) == ("KeyError" in line)


def test_the_line_that_ends_a_traceback_is_the_error() -> None:
    log = ["Traceback (most recent call last):", '  File "main.py"', "app.db.PoolError: no more", "INFO: bye"]
    assert last_error(log) == "app.db.PoolError: no more"
    assert last_error(["INFO: Started", "an Error in a sentence"]) is None
