"""Each known failure is recognised in a log as it really looks, and a healthy log shows none."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from deploy.known_failures import A_RUN, Circumstances, diagnose, last_error


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
        cause="uvicorn is not installed in the image",
        cure="requirements.in",
        evidence="docker: Error response",
    ),
    "no server, by the shell": Case(
        "/bin/sh: 1: gunicorn: not found\n",
        cause="gunicorn is not installed in the image",
        cure="requirements.in",
        evidence="/bin/sh: 1",
    ),
    "environment variable, by os.environ": Case(
        'Traceback (most recent call last):\n  File "/app/main.py", line 4, in <module>\n'
        "  File \"<frozen os>\", line 717, in __getitem__\nKeyError: 'DATABASE_URL'\n",
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
        cause="the environment variable JWT_KEY_A is not set",
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
        evidence="ERROR: No matching",
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


def test_the_last_error_is_the_cause_whatever_stands_above_it() -> None:
    log = "ImportError: No module named 'jwt'\nRuntimeError: no model\nERROR: Application startup failed. Exiting.\n"
    found = diagnose(log.splitlines())
    assert found is not None
    assert found.cause == "RuntimeError: no model"


def test_the_evidence_is_kept_short() -> None:
    found = diagnose(["RuntimeError: FIRST_KEY is not set", "RuntimeError: LAST_KEY is not set " + "x" * 500])
    assert found is not None
    assert "LAST_KEY" in found.cause
    assert len(found.evidence) <= 300


JSON_LOG = [
    '{"level": "info", "message": "Waiting for application startup."}',
    '{"level": "error", "message": "it failed", "exception": "Traceback\\napp.db.PoolError: no more"}',
    '{"level": "error", "message": "Application startup failed. Exiting."}',
]


def test_what_is_logged_as_json_is_read_line_by_line() -> None:
    found = diagnose(JSON_LOG)
    assert found is not None
    assert found.cause == "app.db.PoolError: no more"


@pytest.mark.parametrize("line", ["{", "{}", "[1]", '{"message": 1}', "{ERROR: no room"])
def test_what_only_looks_like_json_is_a_line(line: str) -> None:
    assert (diagnose([line]) is not None) == ("ERROR" in line)


TRACEBACK = """\
Traceback (most recent call last):
  File "/usr/local/bin/uvicorn", line 8, in <module>
    sys.exit(main())
  File "/app/shop/prices.py", line 31, in <module>
    TABLE = load()[{key}]
{frame}  File "/usr/local/lib/python3.13/site-packages/thing/core.py", line 9, in wrapper
{error}

INFO:     Waiting for application shutdown.
"""
IN_ENVIRON = '  File "<frozen os>", line 717, in __getitem__\n'


def traceback(error: str, *, key: str = "name", frame: str = "") -> list[str]:
    return TRACEBACK.format(error=error, key=key, frame=frame).splitlines()


def cause(log: list[str], here: Circumstances = A_RUN) -> str:
    found = diagnose(log, here)
    assert found is not None
    return found.cause


def cure(log: list[str], here: Circumstances = A_RUN) -> str:
    found = diagnose(log, here)
    assert found is not None
    return found.cure


def test_an_unknown_error_is_told_with_its_own_line_in_the_source() -> None:
    error = last_error(traceback("shop.errors.Stale: rebuilt in March"))
    assert error is not None
    assert error.told == "shop.errors.Stale: rebuilt in March (/app/shop/prices.py:31)"
    assert last_error(["INFO: Started", "an Error in a sentence"]) is None


@pytest.mark.parametrize("name", ["DATABASE_URL", "EUR"])
def test_a_key_error_is_a_variable_only_where_the_environment_was_asked(name: str) -> None:
    assert cause(traceback(f"KeyError: '{name}'")).startswith(f"KeyError: '{name}'")
    assert f"variable {name} is not set" in cause(traceback(f"KeyError: '{name}'", frame=IN_ENVIRON))


@pytest.mark.parametrize(
    "warning",
    [
        "WARNING:root:S3_TOKEN is not set, going on without",
        "2026-11-30 09:12:44,101 [WARNING] speed: No module named 'orjson'",
        "/app/x.py:3: UserWarning: Permission denied: '/app/cache'",
        "2026-11-30 09:12:44.101 shop.db INFO error: rate is 0.1, not found: 3",
    ],
)
def test_a_warning_is_never_the_cause(warning: str) -> None:
    assert diagnose([warning]) is None
    assert "no index" in cause([warning, *traceback("LookupError: no index"), warning])


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("[2026-11-30 09:00:00 +0000] [9] [ERROR] Worker (pid:10) exited with code 3.", "no index"),
        ("ERROR:    Child process [25] failed to start, stopping the parent process.", "no index"),
        (
            "Exception ignored in: <function A.__del__>\nTraceback (most recent call last):\n  File 'x'\nOSError: gone",
            "no",
        ),
        ("Traceback (most recent call last):\n  File 'x'\ngunicorn.errors.HaltServer: <HaltServer 3>", "no index"),
    ],
    ids=["gunicorn", "uvicorn with workers", "at exit", "gunicorn before 23"],
)
def test_what_follows_an_error_is_not_the_cause(log: str, told: str) -> None:
    assert told in cause([*traceback("LookupError: no index"), *log.splitlines()])


def test_a_task_that_nobody_waited_for_is_not_the_cause() -> None:
    told = ["Task exception was never retrieved", "future: <Task finished exception=OSError()>"]
    assert "no index" in cause([*traceback("LookupError: no index"), *told, *traceback("OSError: gone")])


def test_a_level_behind_names_is_read_too() -> None:
    log = [*traceback("OSError: metrics are off"), "2026-11-30 09:12:44,101 shop.db CRITICAL licence has expired"]
    assert "licence has expired" in cause(log)


def test_what_stands_in_a_box_is_read() -> None:
    box = ["╭─ Error ─────────╮", "│ Missing option '--zone'.  │", "╰───────────╯"]
    assert "Missing option '--zone'." in cause(box)


def test_a_line_that_others_follow_is_told_with_how_it_went_on() -> None:
    assert cause(["ERROR: of an old file", "3 rows", "the index is torn"]) == (
        "ERROR: of an old file; the last it wrote: the index is torn"
    )


def test_a_traceback_that_is_cut_off_says_nothing() -> None:
    assert diagnose(["Traceback (most recent call last):", *['  File "/app/a.py", line 1, in a'] * 20_000]) is None


GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/app/main.py", line 4, in m
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/voices.py", line 12, in load
    | LookupError: no such voice
    +------------------------------------
"""


def test_of_a_group_the_exception_inside_it_is_the_cause() -> None:
    assert cause(GROUP.splitlines()) == "LookupError: no such voice (/app/voices.py:12)"


@pytest.mark.parametrize(
    ("line", "told"),
    {
        "Error: Invalid value for '--workers': 'two' is not a valid integer.": "'--workers'",
        "gunicorn: error: unrecognized arguments: --acces-log": "--acces-log",
        "Error: Option '-p' requires an argument.": "-p in the start command has no value",
        "run.sh: 3: set: Illegal option -": "carriage returns",
        "/usr/bin/env: 'python3\\r': No such file or directory": "carriage returns",
        "[FATAL tini (7)] exec ./boot.sh failed: No such file or directory": "./boot.sh is not in the image, or",
        "[FATAL tini (7)] exec hypercorn failed: No such file or directory": "hypercorn is not installed",
        "/bin/sh: 1: ./serve: Permission denied": "./serve may not be executed",
        "exec /srv/run: exec format error": "no first line such as #!/bin/sh",
        'Exception in thread "main" java.lang.IllegalStateException: no port': "no port",
        "thread 'main' panicked at src/main.rs:4:5:\nno such table": "no such table",
        'npm error Missing script: "serve"': "Missing script",
        "ImportError: libxslt.so.1: cannot open shared object file: No such file or directory": "library libxslt.so.1",
        "[2026-11-30 10:00:00 +0000] [7] [ERROR] Connection in use: ('0.0.0.0', 7860)": "the same port",
        "hypercorn.utils.NoAppError: Cannot load application from 'web:api', module not found.": "no module web",
        'RuntimeError: Form data requires "python-multipart" to be installed.': "the package python-multipart",
        "python: can't open file '/app/serve.py': [Errno 2] No such file or directory": "the file /app/serve.py",
    }.items(),
)
def test_one_line_is_enough_where_it_says_what_it_is(line: str, told: str) -> None:
    assert told in cause(["listening soon", *line.splitlines()])


@pytest.mark.parametrize(
    ("library", "package"),
    {"libGL.so.1": "libgl1", "libpango-1.0.so.0": "libpango-1.0-0", "libgobject-2.0.so.0": "libglib2.0-0"}.items(),
)
def test_a_system_library_is_installed_by_its_package(library: str, package: str) -> None:
    log = traceback(f"OSError: {library}: cannot open shared object file: No such file or directory")
    assert cure(log).endswith(f"apt-get install -y --no-install-recommends {package}")


def test_only_a_hint_is_called_one() -> None:
    log = ["INFO:     Uvicorn running on http://127.0.0.1:7860 (Press CTRL+C to quit)"]
    assert cause(log).startswith("its log has a hint: ")
    assert "hint" not in cause([*log, "OSError: gone"])


def test_a_library_of_cuda_is_installed_by_nobody() -> None:
    assert cure(["ImportError: libcurl.so.4: cannot open shared object file: No such file"]).endswith(" libcurl4")
    assert "apt-get" not in cure(["ImportError: libcudart.so.12: cannot open shared object file: No such file"])


SETTINGS = """\
Traceback (most recent call last):
  File "/app/conf.py", line 9, in <module>
    Options()
  File "/usr/local/lib/python3.13/site-packages/pydantic_settings/main.py", line 292, in __init__
pydantic_core._pydantic_core.ValidationError: 2 validation errors for Options
mail_host
  Field required [type=missing, input_value={{}}, input_type=dict]
    For further information visit https://errors.pydantic.dev/2.14/v/missing
{field}
  {problem} [type=x, input_value='{value}', input_type=str]
"""


def test_fields_of_settings_are_told_by_the_names_that_the_environment_has() -> None:
    log = SETTINGS.format(field="mail_port", problem="Field required", value="").splitlines()
    assert cause(log) == "the environment variable MAIL_HOST and MAIL_PORT is not set"


def test_a_value_that_settings_do_not_take_is_told_with_the_reason() -> None:
    text = SETTINGS.format(field="mail_port", problem="Input should be a valid integer", value="x")
    log = [line for line in text.splitlines() if "mail_host" not in line and "Field required" not in line]
    assert cause(log) == "the app does not take the value of MAIL_PORT: Input should be a valid integer"


def test_a_model_that_is_no_settings_asks_for_no_variables() -> None:
    assert "layers" in cause(traceback("ValidationError: 1 validation error for NetConfig\nlayers\n  Field required"))


REHEARSED = Circumstances(stand_ins=frozenset({"BOT_ACCOUNT", "ADMIN_ID"}), absent=frozenset({"SENTRY_DSN"}))


@pytest.mark.parametrize(
    ("key", "error", "stands"),
    [
        (
            'json.loads(os.environ["BOT_ACCOUNT"])',
            "json.decoder.JSONDecodeError: Expecting value: line 1",
            "BOT_ACCOUNT",
        ),
        ("int(settings.admin_id)", "ValueError: invalid literal for int() with base 10: '[REDACTED]'", "ADMIN_ID"),
        ("load_pem(value)", "ValueError: Could not parse PEM: '[REDACTED]'", "ADMIN_ID or BOT_ACCOUNT"),
    ],
)
def test_a_stand_in_that_has_not_the_form_is_suspected_first(key: str, error: str, stands: str) -> None:
    log = traceback(error, key=key)
    assert cause(log, REHEARSED).startswith(f"the stand-in for {stands}, a random text")
    assert "rehearse = " in cure(log, REHEARSED)
    assert "stand-in" not in cause(log)


@pytest.mark.parametrize(
    "error", ["ValueError: invalid literal for int() with base 10: 'x'", "OSError: [Errno 5] ADMIN_ID"]
)
def test_a_stand_in_is_not_suspected_of_what_it_has_no_part_in(error: str) -> None:
    assert "stand-in" not in cause(traceback(error), REHEARSED)


def test_an_optional_secret_that_the_app_insists_on_is_named() -> None:
    log = traceback("KeyError: 'SENTRY_DSN'", frame=IN_ENVIRON)
    assert "optional secret SENTRY_DSN has no value in a rehearsal" in cause(log, REHEARSED)
    assert "declare it" not in cure(log, REHEARSED)


BUILD = Circumstances(building=True, secrets=frozenset({"INDEX_TOKEN"}), variables=frozenset({"REGION"}))


@pytest.mark.parametrize(
    ("name", "way", "other"),
    [
        ("INDEX_TOKEN", "RUN --mount=type=secret,id=INDEX_TOKEN", "ARG"),
        ("REGION", "ARG REGION before the RUN", "--mount"),
        ("BUILD_DATE", "a variable: ARG BUILD_DATE; a secret: RUN --mount=type=secret,id=BUILD_DATE", "deploy.toml"),
    ],
)
def test_a_build_gets_settings_by_other_ways_than_a_run(name: str, way: str, other: str) -> None:
    log = traceback(f"KeyError: '{name}'", frame=IN_ENVIRON)
    assert f"{name} is not in the environment of this RUN" in cause(log, BUILD)
    assert way in cure(log, BUILD)
    assert other not in cure(log, BUILD)


@pytest.mark.parametrize(
    "line", ["cat: /run/secrets/NPM_TOKEN: No such file or directory", "E: /run/secrets/NPM_TOKEN"]
)
def test_a_secret_that_no_step_mounts_is_named(line: str) -> None:
    assert "the secret NPM_TOKEN is not mounted in this RUN" in cause([line], BUILD)
