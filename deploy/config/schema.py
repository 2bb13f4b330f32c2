"""How the tables of deploy.toml become values; whatever is wrong goes to the problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from deploy.config.excuses import Excuse
from deploy.config.reader import Problems, Section, did_you_mean
from deploy.config.suite_schema import read_audit, read_load, read_scenario, read_suite
from deploy.config.validators import (
    excuse,
    generator,
    hub_address,
    matches,
    optional_path,
    relative_path,
    url_path,
)
from deploy.config.values import (
    LOCAL_HUB,
    AppConfig,
    Config,
    ProbeConfig,
    SecretRule,
    SourceConfig,
    Target,
    VariableRule,
)

REAL_HUB = "https://huggingface.co"
VISIBILITIES = ("public", "protected", "private")
STORAGES = ("ephemeral", "durable")
LONGEST_WAIT = 7200.0
"""Seconds; more than any documented limit of a Space (`startup_duration_timeout` is 30 minutes by default)."""

_SETTING_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""Names of secrets and variables that the Hub accepts (OpenAPI of the Hub)."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TARGET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SPACE_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_ENTRY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\(\))?")
_PYTHON = re.compile(r"3\.\d{1,2}")
_HARDWARE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read_config(root: Path, top: Section, problems: Problems) -> Config:
    variables = _variables(top, problems)
    secrets = _secrets(top, problems)
    default = top.text("default", "local")
    config = Config(
        root=root,
        default=default,
        source=_source(root, top.section("source")),
        app=_app(top.section("app")),
        checks=tuple(_probe(row) for row in top.rows("checks")),
        scenario=read_scenario(top.section("scenario")),
        load=read_load(top.section("load")),
        suite=read_suite(top.section("verify")),
        audit=read_audit(top.section("audit")),
        excuses=_excuses(top.section("check")),
        targets={name: _target(name, table, variables, secrets, problems) for name, table in top.sections("targets")},
    )
    top.finish()
    if default not in config.targets:
        top.problem("default", f"{default!r} is not a declared target{did_you_mean(default, config.targets)}")
    return config


def _source(root: Path, table: Section) -> SourceConfig:
    spec, tasks = (table.text(key, "", check=relative_path) for key in ("spec", "tasks"))
    source = SourceConfig(
        path=root / table.text("path", "backend", check=relative_path),
        entry=table.text("entry", "main:app", check=matches(_ENTRY, "module:variable, such as main:app")),
        python=table.text("python", check=matches(_PYTHON, "a Python version such as 3.13")),
        spec=root / spec if spec else None,
        fixed_port=table.flag("fixed_port", False),
        strict=table.flag("strict", False),
        tasks=root / tasks if tasks else None,
    )
    table.finish()
    return source


def _excuses(table: Section) -> tuple[Excuse, ...]:
    texts = table.texts("allow", check=excuse)
    table.finish()
    return tuple(Excuse.parse(text) for text in texts if excuse(text) is None)


def _app(table: Section) -> AppConfig:
    app = AppConfig(
        health=table.text("health", "/health", check=url_path),
        version=table.text("version", "/version", check=optional_path) or None,
        ready_timeout=table.seconds("ready_timeout", 120.0, most=LONGEST_WAIT),
        read_only=table.flag("read_only", False),
    )
    table.finish()
    return app


def _probe(row: Section) -> ProbeConfig:
    probe = ProbeConfig(
        path=row.text("path", "/", check=url_path),
        method=row.one_of("method", "GET", ("GET", "HEAD", "OPTIONS")),
        status=row.whole("status", 200, least=100, most=599),
    )
    row.finish()
    return probe


def _target(
    name: str,
    table: Section,
    variables: Mapping[str, VariableRule],
    secrets: Mapping[str, SecretRule],
    problems: Problems,
) -> Target:
    hub = table.text("hub", REAL_HUB, check=hub_address)
    space = table.text(
        "space", check=matches(_SPACE_ID, "<owner>/<name>"), missing="is missing: <owner>/<name> of the Space"
    )
    target = Target(
        name=name,
        hub=hub.rstrip("/"),
        space=space,
        protected=table.flag("protected", False),
        hardware=table.text("hardware", "cpu-basic", check=matches(_HARDWARE, "a hardware flavour such as cpu-basic")),
        visibility=table.one_of("visibility", "public", VISIBILITIES),
        durable=table.one_of("storage", "ephemeral", STORAGES) == "durable",
        build_timeout=table.seconds("build_timeout", 1800.0, most=LONGEST_WAIT),
        poll=table.seconds("poll", 0.5 if hub == LOCAL_HUB else 5.0, least=0.1, most=300.0),
        retry_pause=table.seconds("retry_pause", 1.0, least=0, most=60.0),
        lease_wait=table.seconds("lease_wait", 0.0, least=0, most=LONGEST_WAIT),
        token_variable=table.text(
            "token_variable",
            "LOCAL_HUB_TOKEN" if hub == LOCAL_HUB else "HF_TOKEN",
            check=matches(_VARIABLE, "a name of an environment variable"),
        ),
        variables={**variables, **_variables(table, problems)},
        secrets={**secrets, **_secrets(table, problems)},
    )
    if not _TARGET_NAME.fullmatch(name):
        problems.add(f"targets.{name}", "is not a name for a target, which names files: letters, digits, - and _")
    both = sorted(target.variables.keys() & target.secrets.keys())
    if both:
        table.problem("secrets", f"{', '.join(both)} is declared as a variable too; variables are public")
    table.finish()
    return target


def _variables(table: Section, problems: Problems) -> dict[str, VariableRule]:
    found: dict[str, VariableRule] = {}
    for name, path, value in table.items("variables"):
        _check_name(name, path, problems)
        if isinstance(value, str):
            found[name] = VariableRule(name=name, value=value, required=True)
        elif isinstance(value, dict):
            rule = Section(value, path, problems)
            found[name] = VariableRule(name=name, value=None, required=rule.flag("required", True))
            rule.finish()
        else:
            problems.add(path, 'should be text ("..."), or { required = true } to take it from the environment')
    return found


def _secrets(table: Section, problems: Problems) -> dict[str, SecretRule]:
    found: dict[str, SecretRule] = {}
    for name, path, value in table.items("secrets"):
        _check_name(name, path, problems)
        if not isinstance(value, dict):
            problems.add(path, "should be a table such as { required = true }; a value of a secret never stands here")
            continue
        rule = Section(value, path, problems)
        recipe = rule.text("generate", "", check=generator)
        found[name] = SecretRule(
            name=name,
            required=rule.flag("required", True),
            generate=recipe or None,
            rehearse=rule.text("rehearse", "") or None,
        )
        rule.finish()
    return found


def _check_name(name: str, path: str, problems: Problems) -> None:
    if not _SETTING_NAME.fullmatch(name):
        problems.add(path, "is not a name the Hub accepts: a letter, then letters, digits and _")
