"""deploy.toml becomes values, or a list of all that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.config import LOCAL_HUB, AppConfig, ProbeConfig, SecretRule, SourceConfig, VariableRule, load
from deploy.errors import ConfigError
from tests.unit.ground.builders import LOCAL, configured, target

EVERYTHING = """
default = "staging"
[source]
path = "services/api"
entry = "app.main:create()"
python = "3.12"
spec = "docs/spec.md"
fixed_port = true
strict = true
[app]
health = "/healthz"
version = ""
ready_timeout = 30
read_only = true
[[checks]]
path = "/"
[[checks]]
path = "/me?full=1"
method = "HEAD"
status = 401
[variables]
LOG_LEVEL = "info"
REGION = { required = false }
[secrets]
KEY = { generate = "hex:32" }
URL = { required = false, rehearse = "sqlite://" }
[targets.staging]
hub = "https://hub.example/"
space = "owner/tasks.v2"
protected = true
hardware = "t4-small"
visibility = "private"
storage = "durable"
build_timeout = 90
poll = 2.5
retry_pause = 0
lease_wait = 60
token_variable = "STAGING_TOKEN"
[targets.staging.variables]
LOG_LEVEL = "debug"
[targets.staging.secrets]
URL = {}
"""


def problems(root: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        configured(root, text)
    return caught.value.details


# What it says --------------------------------------------------------------------------------------------


def test_every_setting_is_read(tmp_path: Path) -> None:
    config = configured(tmp_path, EVERYTHING)
    assert config.source == SourceConfig(
        path=tmp_path / "services/api",
        entry="app.main:create()",
        python="3.12",
        spec=tmp_path / "docs/spec.md",
        fixed_port=True,
        strict=True,
    )
    assert config.app == AppConfig(health="/healthz", version=None, ready_timeout=30.0, read_only=True)
    assert config.checks == (
        ProbeConfig(path="/", method="GET", status=200),
        ProbeConfig(path="/me?full=1", method="HEAD", status=401),
    )
    staging = config.target()
    assert (staging.name, staging.hub, staging.space) == ("staging", "https://hub.example", "owner/tasks.v2")
    assert (staging.protected, staging.hardware, staging.visibility) == (True, "t4-small", "private")
    assert staging.durable
    assert (staging.build_timeout, staging.poll, staging.retry_pause, staging.lease_wait) == (90.0, 2.5, 0.0, 60.0)
    assert staging.token_variable == "STAGING_TOKEN"


def test_a_target_may_say_a_setting_otherwise(tmp_path: Path) -> None:
    staging = configured(tmp_path, EVERYTHING).target()
    assert staging.variables == {
        "LOG_LEVEL": VariableRule(name="LOG_LEVEL", value="debug", required=True),
        "REGION": VariableRule(name="REGION", value=None, required=False),
    }
    assert staging.secrets == {
        "KEY": SecretRule(name="KEY", required=True, generate="hex:32", rehearse=None),
        "URL": SecretRule(name="URL", required=True, generate=None, rehearse=None),
    }


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    config = configured(tmp_path, LOCAL + '[targets.real]\nspace = "owner/tasks"\n')
    assert (config.source.path, config.source.entry, config.source.python) == (tmp_path / "backend", "main:app", "3.13")
    assert config.source.spec is None
    assert config.app == AppConfig(health="/health", version="/version", ready_timeout=120.0, read_only=False)
    assert config.checks == ()
    local, real = config.target(), config.target("real")
    assert (local.hub, local.token_variable, local.poll, local.is_local) == (LOCAL_HUB, "LOCAL_HUB_TOKEN", 0.5, True)
    assert (real.hub, real.token_variable, real.poll) == ("https://huggingface.co", "HF_TOKEN", 5.0)
    assert (real.is_local, real.protected, real.visibility, real.hardware) == (False, False, "public", "cpu-basic")
    assert not real.durable


@pytest.mark.parametrize(
    ("dockerfile", "python"),
    [
        ("FROM python:3.12-slim\nCMD run\n", "3.12"),
        ("ARG V=3.11\nFROM example.org/library/python:${V}.9 AS base\nFROM base\nCMD run\n", "3.11"),
        ("FROM example.org/uv:0.9-python3.14-alpine\n", "3.14"),
        ("FROM python:3.14rc1@sha256:0\n", "3.14"),
        ("FROM node:22 AS page\nFROM python:3.12\n", "3.12"),
        ("FROM ubuntu:24.04\n", "3.13"),
        ("FROM python:latest\n", "3.13"),
        ("COPY a b\n", "3.13"),
    ],
)
def test_python_is_that_of_the_image_where_nothing_is_said(tmp_path: Path, dockerfile: str, python: str) -> None:
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend/Dockerfile").write_text(dockerfile)
    assert configured(tmp_path, LOCAL).source.python == python
    assert configured(tmp_path, f"[source]\npython = '3.10'\n{LOCAL}").source.python == "3.10"


def test_the_projects_own_file_is_well(pytestconfig: pytest.Config) -> None:
    assert {"local", "staging", "production"} <= load(pytestconfig.rootpath).targets.keys()


def test_a_secret_with_a_generator_is_needed_also_when_it_is_not_required() -> None:
    rule = SecretRule(name="KEY", required=False, generate="hex:32", rehearse=None)
    assert rule.needed
    assert not SecretRule(name="KEY", required=False, generate=None, rehearse=None).needed


# What is wrong with it -----------------------------------------------------------------------------------

WRONG_TYPES = {
    "default = 3": "default: should be text, is a whole number",
    "source = 3": "source: should be a table, is a whole number",
    "checks = 3": "checks: should be an array of tables ([[checks]]), is a whole number",
    "checks = ['/']": "checks[1]: should be a table, is text",
    "variables = 'A'": "variables: should be a table, is text",
    "secrets = ['A']": "secrets: should be a table, is an array",
    "[source]\npath = 1": "source.path: should be text, is a whole number",
    "[source]\nentry = true": "source.entry: should be text, is true or false",
    "[source]\npython = 3.13": "source.python: should be text, is a number",
    "[source]\nspec = []": "source.spec: should be text, is an array",
    "[source]\nfixed_port = 7860": "source.fixed_port: should be true or false, is a whole number",
    "[source]\nstrict = 'yes'": "source.strict: should be true or false, is text",
    "[app]\nhealth = {}": "app.health: should be text, is a table",
    "[app]\nversion = false": "app.version: should be text, is true or false",
    "[app]\nready_timeout = '2m'": "app.ready_timeout: should be a number, is text",
    "[app]\nready_timeout = true": "app.ready_timeout: should be a number, is true or false",
    "[[checks]]\nstatus = true": "checks[1].status: should be a whole number, is true or false",
    "[[checks]]\nstatus = 200.0": "checks[1].status: should be a whole number, is a number",
    "[[checks]]\n[[checks]]\npath = 1": "checks[2].path: should be text, is a whole number",
    "[[checks]]\nmethod = 1": "checks[1].method: should be text, is a whole number",
    "[variables]\nA = 1": 'variables.A: should be text ("..."), or { required = true } to take it from the environment',
    "[variables]\nA = { required = 1 }": "variables.A.required: should be true or false, is a whole number",
    "[secrets]\nA = { required = 'no' }": "secrets.A.required: should be true or false, is text",
    "[secrets]\nA = { generate = 48 }": "secrets.A.generate: should be text, is a whole number",
    "[secrets]\nA = { rehearse = 1 }": "secrets.A.rehearse: should be text, is a whole number",
    "[app]\nready_timeout = 2020-01-01": "app.ready_timeout: should be a number, is date",
}


@pytest.mark.parametrize(("text", "problem"), WRONG_TYPES.items(), ids=WRONG_TYPES.keys())
def test_a_value_of_the_wrong_type_is_named_by_its_path(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, f"{text}\n{LOCAL}") == (problem,)


WRONG_IN_TARGET = {
    "hub = 1": "hub: should be text, is a whole number",
    "hub = 'huggingface.co'": "hub: 'huggingface.co' is not \"local\" or the address of a Hub",
    "hub = 'http://host:port'": "hub: 'http://host:port' is not \"local\" or the address of a Hub",
    "hub = 'http://[::1'": "hub: 'http://[::1' is not \"local\" or the address of a Hub",
    "protected = 'yes'": "protected: should be true or false, is text",
    "protected = 1": "protected: should be true or false, is a whole number",
    "hardware = 'CPU basic'": "hardware: 'CPU basic' is not a hardware flavour such as cpu-basic",
    "hardware = 1": "hardware: should be text, is a whole number",
    "visibility = 'hidden'": "visibility: 'hidden' is not one of public, protected, private",
    "visibility = 'privat'": "visibility: 'privat' is not one of public, protected, private; did you mean 'private'?",
    "storage = 'permanent'": "storage: 'permanent' is not one of ephemeral, durable",
    "visibility = true": "visibility: should be text, is true or false",
    "build_timeout = '30m'": "build_timeout: should be a number, is text",
    "build_timeout = 0": "build_timeout: should be from 1 to 7200, is 0",
    "build_timeout = 7201": "build_timeout: should be from 1 to 7200, is 7201",
    "poll = true": "poll: should be a number, is true or false",
    "poll = 0": "poll: should be from 0.1 to 300, is 0",
    "poll = nan": "poll: should be from 0.1 to 300, is nan",
    "poll = inf": "poll: should be from 0.1 to 300, is inf",
    "retry_pause = -1": "retry_pause: should be from 0 to 60, is -1",
    "lease_wait = '5'": "lease_wait: should be a number, is text",
    "token_variable = 5": "token_variable: should be text, is a whole number",
    "token_variable = 'hf_abc-def'": "token_variable: 'hf_abc-def' is not a name of an environment variable",
    "variables = 5": "variables: should be a table, is a whole number",
    "variables.A = 5": 'variables.A: should be text ("..."), or { required = true } to take it from the environment',
    "secrets = 5": "secrets: should be a table, is a whole number",
    "protcted = true": "protcted: is not a setting; did you mean 'protected'?",
}


@pytest.mark.parametrize(("line", "problem"), WRONG_IN_TARGET.items(), ids=WRONG_IN_TARGET.keys())
def test_a_wrong_setting_of_a_target_is_named_by_its_path(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        target(tmp_path, line)
    assert caught.value.details == (f"targets.staging.{problem}",)


WRONG_VALUES = {
    "[source]\npath = '/etc'": "source.path: '/etc' leads out of the project",
    "[source]\npath = 'a/../../b'": "source.path: 'a/../../b' leads out of the project",
    "[source]\nspec = '../spec.md'": "source.spec: '../spec.md' leads out of the project",
    "[source]\nentry = 'main.py'": "source.entry: 'main.py' is not module:variable, such as main:app",
    "[source]\npython = '3'": "source.python: '3' is not a Python version such as 3.13",
    "[check]\nallow = ['large-file']": (
        "check.allow[1]: 'large-file' does not say what is allowed and why: "
        "write '<code>:<files> because <reason>', such as 'large-file:data/* because the app reads it'"
    ),
    "[check]\nallow = ['large-file:a.bin because ']": (
        "check.allow[1]: 'large-file:a.bin because ' does not say what is allowed and why: "
        "write '<code>:<files> because <reason>', such as 'large-file:data/* because the app reads it'"
    ),
    "[check]\nalow = []": "check.alow: is not a setting; did you mean 'allow'?",
    "[app]\nhealth = 'health'": "app.health: 'health' does not start with /",
    "[app]\nversion = '/ver sion'": "app.version: '/ver sion' does not start with /",
    "[[checks]]\npath = 'x'": "checks[1].path: 'x' does not start with /",
    "[[checks]]\nmethod = 'POST'": "checks[1].method: 'POST' is not one of GET, HEAD, OPTIONS",
    "[[checks]]\nstatus = 99": "checks[1].status: should be from 100 to 599, is 99",
    "[targets.'../up']\nspace = 'a/b'": (
        "targets.../up: is not a name for a target, which names files: letters, digits, - and _"
    ),
    "[targets.other]": "targets.other.space: is missing: <owner>/<name> of the Space",
    "[targets.other]\nspace = ''": "targets.other.space: '' is not <owner>/<name>",
    "[targets.other]\nspace = 'tasks'": "targets.other.space: 'tasks' is not <owner>/<name>",
    "[targets.other]\nspace = 'a/b/c'": "targets.other.space: 'a/b/c' is not <owner>/<name>",
    "[targets.other]\nspace = 5": "targets.other.space: should be text, is a whole number",
}


@pytest.mark.parametrize(("text", "problem"), WRONG_VALUES.items(), ids=WRONG_VALUES.keys())
def test_a_value_that_cannot_be_meant_is_named_by_its_path(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, f"{text}\n{LOCAL}") == (problem,)


@pytest.mark.parametrize(
    ("text", "problem"),
    {
        "deflt = 'local'": "deflt: is not a setting; did you mean 'default'?",
        "[sauce]": "sauce: is not a setting; did you mean 'source'?",
        "[source]\nentri = 'main:app'": "source.entri: is not a setting; did you mean 'entry'?",
        "[app]\nzzz = 1": "app.zzz: is not a setting",
        "[[checks]]\nstate = 200": "checks[1].state: is not a setting; did you mean 'status'?",
        "[variables]\nA = { requird = true }": "variables.A.requird: is not a setting; did you mean 'required'?",
        "[secrets]\nA = { generator = 'hex:32' }": "secrets.A.generator: is not a setting; did you mean 'generate'?",
    }.items(),
)
def test_a_mistyped_key_is_named_with_the_right_one(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, f"{text}\n{LOCAL}") == (problem,)


@pytest.mark.parametrize("table", ["variables", "secrets"])
@pytest.mark.parametrize("name", ["MY-KEY", "1KEY", "_KEY", "KEY.A", "ÜKEY", "A B", ""])
def test_a_name_that_the_hub_would_refuse_is_refused_here(tmp_path: Path, table: str, name: str) -> None:
    value = "'x'" if table == "variables" else "{}"
    found = problems(tmp_path, f"[{table}]\n'{name}' = {value}\n{LOCAL}")
    assert found == (f"{table}.{name}: is not a name the Hub accepts: a letter, then letters, digits and _",)


@pytest.mark.parametrize("place", ["secrets", "targets.local.secrets"])
def test_a_value_of_a_secret_is_refused_and_not_repeated(tmp_path: Path, place: str) -> None:
    (found,) = problems(tmp_path, f"{LOCAL}\n[{place}]\nKEY = 'swordfish'\n")
    assert found.startswith(f"{place}.KEY: should be a table such as {{ required = true }}; a value of a secret never")
    assert "swordfish" not in found


def test_a_value_inside_a_secrets_table_is_refused_and_not_repeated(tmp_path: Path) -> None:
    assert problems(tmp_path, f"{LOCAL}\n[secrets]\nKEY = {{ value = 'swordfish' }}\n") == (
        "secrets.KEY.value: is not a setting",
    )


def test_a_weak_generator_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, f"[secrets]\nKEY = {{ generate = 'hex:4' }}\n{LOCAL}")
    assert found.startswith("secrets.KEY.generate: 'hex:4' is not a generator: use hex:<bytes> or urlsafe:<bytes>")


def test_one_name_is_not_a_secret_and_a_variable(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, f"[variables]\nKEY = 'x'\n{LOCAL}\n[targets.local.secrets]\nKEY = {{}}\n")
    assert found == "targets.local.secrets: KEY is declared as a variable too; variables are public"


def test_all_problems_are_shown_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, "[app]\nhelth = '/health'\nready_timeout = 'x'\n[secrets]\nA = 'b'\n" + LOCAL)
    assert caught.value.what == "deploy.toml has 3 problems."
    assert [line.partition(":")[0] for line in caught.value.details] == ["secrets.A", "app.ready_timeout", "app.helth"]
    assert caught.value.exit_code == 10


@pytest.mark.parametrize("targets", ["targets = 3", "targets = []", "[[targets]]"])
def test_targets_of_the_wrong_type_are_named(tmp_path: Path, targets: str) -> None:
    assert problems(tmp_path, targets)[0].startswith("targets: should be a table of tables, is ")


def test_a_default_that_is_no_target_is_named_with_the_nearest(tmp_path: Path) -> None:
    assert problems(tmp_path, "default = 'lokal'\n" + LOCAL) == (
        "default: 'lokal' is not a declared target; did you mean 'local'?",
    )


# The file itself -----------------------------------------------------------------------------------------


def test_an_unknown_target_is_refused_with_those_that_are_declared(tmp_path: Path) -> None:
    config = configured(tmp_path, EVERYTHING + LOCAL)
    with pytest.raises(ConfigError, match="There is no target 'stagging'") as caught:
        config.target("stagging")
    assert caught.value.cause == "declared are: local, staging; did you mean 'staging'?"


def test_a_file_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no deploy\.toml in") as caught:
        load(tmp_path)
    assert str(tmp_path) in caught.value.what


def test_a_file_that_is_not_toml_is_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"deploy\.toml is not TOML: .*line 2"):
        configured(tmp_path, "default = 'local'\nx =\n")


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deploy.toml").write_bytes(b"default = 'l\xf6kal'\n")
    with pytest.raises(ConfigError, match=r"deploy\.toml is not TOML: .*utf-8"):
        load(tmp_path)
