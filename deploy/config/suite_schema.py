"""How [verify], [scenario], [load] and [audit] become values; whatever is wrong goes to the problems."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deploy.config.reader import Section
from deploy.config.suite import Address, AuditConfig, LoadConfig, ScenarioConfig, Suite
from deploy.config.validators import address, advisory_source, matches, optional_path
from deploy.network import LOOPBACK

ADVISORIES = "https://api.osv.dev/v1/query"
"""Of the Open Source Vulnerabilities database (OSV API, POST /v1/query)."""
_MEETING_PLACE = f"{LOOPBACK}:5557"
"""Locust's own port (its documentation, `--master-bind-port`), on loopback."""
_ADVISORY = re.compile(r"[A-Z][A-Za-z0-9]*(-[A-Za-z0-9]+)+")
"""Ids of advisories (OSV schema, "id"): GHSA-…, PYSEC-…, CVE-…."""
_ACCOUNT_PATHS = {
    "register": "/api/v1/auth/register",
    "login": "/api/v1/auth/login",
    "refresh": "/api/v1/auth/refresh",
    "logout": "/api/v1/auth/logout",
    "me": "/api/v1/auth/me",
    "change_password": "/api/v1/auth/me/password",
    "delete_account": "/api/v1/auth/me/delete",
}

_NAME_AND_PASSWORD = {"username": "{username}", "password": "{password}"}
_LOGGED = ("status", "method", "route", "duration_ms")


def read_suite(table: Section) -> Suite:
    full = table.one_of("suite", "serving", ("serving", "full")) == "full"
    table.finish()
    return "full" if full else "serving"


def read_scenario(table: Section) -> ScenarioConfig:
    accounts = {name: table.text(name, default, check=optional_path) for name, default in _ACCOUNT_PATHS.items()}
    scenario = ScenarioConfig(
        page=table.text("page", "/", check=optional_path),
        register_with=table.table("register_with", _NAME_AND_PASSWORD),
        login_with=table.table("login_with", _NAME_AND_PASSWORD),
        login_as="json" if table.one_of("login_as", "form", ("form", "json")) == "json" else "form",
        change_password_with=table.table(
            "change_password_with", {"current_password": "{password}", "new_password": "{new_password}"}
        ),
        change_password_by=table.one_of("change_password_by", "POST", ("POST", "PUT", "PATCH")),
        delete_account_with=table.table("delete_account_with", {"password": "{password}"}),
        delete_account_by=table.one_of("delete_account_by", "POST", ("POST", "DELETE")),
        items=table.text("items", "/api/v1/tasks", check=optional_path),
        item=table.table("item", {"title": "Made by a check"}),
        id=table.text("id", "id"),
        change=table.table("change", {"title": "Changed by a check"}),
        change_by=table.one_of("change_by", "PATCH", ("PATCH", "PUT")),
        invalid=table.table("invalid", {"title": ""}),
        events=table.text("events", "/api/v1/events", check=optional_path),
        metrics=table.text("metrics", "/metrics", check=optional_path),
        log=table.texts("log", default=_LOGGED),
        signing_key=table.text("signing_key", "JWT_KEY_A"),
        origins=table.text("origins", "CORS_ORIGINS"),
        journey=tuple(_step(row) for row in table.rows("journey")),
        **accounts,
    )
    table.finish()
    return scenario


def _step(row: Section) -> Mapping[str, str]:
    step = {kind: row.text(kind) for kind in ("fill", "with", "click", "see")}
    row.finish()
    done = [kind for kind in ("fill", "click", "see") if step[kind]]
    if len(done) != 1:
        row.problem("fill", 'a step is one of fill = "a label", click = "a button" and see = "a text"')
    return {kind: text for kind, text in step.items() if text}


def read_load(table: Section) -> LoadConfig:
    listen = table.text("listen", _MEETING_PLACE, check=address)
    load = LoadConfig(
        users=table.whole("users", 20, least=1, most=10_000),
        rate=table.whole("rate", 40, least=1, most=100_000),
        seconds=table.seconds("seconds", 5.0, most=3600.0),
        processes=table.whole("processes", 1, least=1, most=64),
        machines=table.whole("machines", 0, least=0, most=64),
        listen=Address.parse(listen if address(listen) is None else _MEETING_PLACE),
        p50=table.number("p50", 250.0, least=1.0, most=60_000.0),
        p95=table.number("p95", 1_000.0, least=1.0, most=60_000.0),
        p99=table.number("p99", 2_000.0, least=1.0, most=60_000.0),
        errors=table.number("errors", 0.0, least=0.0, most=1.0),
        throughput=table.number("throughput", 20.0, least=0.0, most=1e6),
    )
    table.finish()
    return load


def read_audit(table: Section) -> AuditConfig:
    audit = AuditConfig(
        source=table.text("source", ADVISORIES, check=advisory_source),
        ignore=table.texts(
            "ignore", check=matches(_ADVISORY, "the id of an advisory, such as GHSA-…, PYSEC-… or CVE-…")
        ),
    )
    table.finish()
    return audit
