"""[verify], [scenario], [load] and [audit] of deploy.toml: their defaults, and each mistake named by its key path."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from deploy.errors import ConfigError
from tests.unit.ground.builders import LOCAL, configured

PAGE = Path(__file__).parents[3] / "docs/verification.md"

MISTAKES = {
    '[verify]\nsuite = "ful"': "verify.suite 'ful' is not one of serving, full; did you mean 'full'?",
    "[verify]\nsuite = true": "verify.suite should be text, is ",
    "[verify]\nsuit = 'full'": "verify.suit is not a setting; did you mean 'suite'?",
    '[scenario]\nlogin = "login"': "scenario.login 'login' does not start with /",
    '[scenario]\nitems = "/my tasks"': "scenario.items '/my tasks' does not start with /",
    "[scenario]\nitem = 'a'": "scenario.item should be ",
    '[scenario]\nitmes = "/a"': "scenario.itmes is not a setting; did you mean 'items'?",
    "[scenario]\njourney = 'look'": "scenario.journey should be an array of tables",
    "[scenario]\njourney = [{ }]": "scenario.journey[1].fill a step is one of ",
    '[scenario]\njourney = [{ see = "a" }, { fill = "a", click = "b" }]': "scenario.journey[2].fill a step is one of ",
    '[scenario]\njourney = [{ with = "a" }]': "scenario.journey[1].fill a step is one of ",
    '[scenario]\njourney = [{ clik = "a" }]': "scenario.journey[1].clik is not a setting; did you mean 'click'?",
    "[scenario]\njourney = [{ see = 1 }]": "scenario.journey[1].see should be text, is ",
    '[scenario]\nlogin_as = "xml"': "scenario.login_as 'xml' is not one of form, json",
    '[scenario]\nlogin_with = "form"': "scenario.login_with should be a table, is text",
    '[scenario]\nchange_by = "POST"': "scenario.change_by 'POST' is not one of PATCH, PUT",
    '[scenario]\ndelete_account_by = "GET"': "scenario.delete_account_by 'GET' is not one of POST, DELETE",
    "[scenario]\nid = 1": "scenario.id should be text, is a whole number",
    '[scenario]\nlog = ["status", 3]': "scenario.log[2] should be text, is a whole number",
    "[load]\nusers = 0": "load.users should be from 1 to 10000, is 0",
    "[load]\nusers = 1.5": "load.users should be ",
    "[load]\nrate = 0": "load.rate should be from 1 to 100000, is 0",
    "[load]\nseconds = 0": "load.seconds should be from 1 to 3600, is 0",
    "[load]\nprocesses = 65": "load.processes should be from 1 to 64, is 65",
    "[load]\nmachines = -1": "load.machines should be from 0 to 64, is -1",
    '[load]\nlisten = "5557"': "load.listen '5557' is not a host and a port from 1024 to 65000, such as 127.0.0.1:5557",
    '[load]\nlisten = "10.0.0.5:80"': "load.listen '10.0.0.5:80' is not a host and a port",
    '[load]\nlisten = "10.0.0.5:65001"': "load.listen '10.0.0.5:65001' is not a host and a port",
    '[load]\nlisten = "-x:5557"': "load.listen '-x:5557' is not a host and a port",
    "[load]\nlisten = 5557": "load.listen should be text, is a whole number",
    "[load]\np99 = 0": "load.p99 should be from 1 to 60000, is 0",
    "[load]\np50 = true": "load.p50 should be ",
    "[load]\nerrors = 5": "load.errors should be from 0 to 1, is 5",
    "[load]\nthroughput = -1": "load.throughput should be from 0 to 1e+06, is -1",
    "[load]\np90 = 1": "load.p90 is not a setting; did you mean 'p99'?",
    '[audit]\nsource = "osv.dev"': "audit.source 'osv.dev' is not the address of an advisory source",
    '[audit]\nsource = ""': "audit.source '' is not the address of an advisory source",
    '[audit]\nsource = "https://"': "audit.source 'https://' is not the address of an advisory source",
    '[audit]\nsource = "https://me:hunter2@osv.example/v1/query"': "audit.source holds a password, which never stands",
    "[audit]\nsource = 1": "audit.source should be text, is ",
    '[audit]\nsource = "ftp://osv.example/"': "audit.source 'ftp://osv.example/' is not the address of an advisory",
    '[audit]\nignore = "GHSA-aaaa-bbbb-cccc"': "audit.ignore should be an array, is text",
    '[audit]\nignore = ["starlette"]': "audit.ignore[1] 'starlette' is not the id of an advisory",
    '[audit]\nignore = ["CVE-2026-1", ""]': "audit.ignore[2] '' is not the id of an advisory",
    "[audit]\nignore = [1]": "audit.ignore[1] should be text, is a whole number",
    '[audit]\nignored = ["CVE-2026-1"]': "audit.ignored is not a setting; did you mean 'ignore'?",
    "audit = 1": "audit should be a table, is a whole number",
}


def documented(table: str) -> str:
    """The block of the page that shows the table."""
    blocks: list[str] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [block] = [block for block in blocks if table in tomllib.loads(block)]
    return block


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named_by_its_path(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, f"{text}\n{LOCAL}")
    told = [" ".join(line.split()) for line in caught.value.details]
    assert any(line.replace(": ", " ", 1).startswith(MISTAKES[text]) for line in told), told


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, f'[scenario]\nlogin = "x"\n[load]\nusers = 0\n[verify]\nsuite = ""\n{LOCAL}')
    assert len(caught.value.details) == 3


def test_without_a_word_a_release_has_to_serve(tmp_path: Path) -> None:
    assert configured(tmp_path).suite == "serving"


@pytest.mark.parametrize("table", ["scenario", "load", "audit"])
def test_the_page_shows_every_key_with_its_default(table: str, tmp_path: Path) -> None:
    shown = documented(table)
    plain, as_shown = (configured(tmp_path, f"{text}\n{LOCAL}") for text in ("", shown))
    assert as_shown == plain
    assert set(tomllib.loads(shown)[table]) == set(vars(getattr(plain, table)))


def test_the_page_shows_how_to_ask_for_the_suite(tmp_path: Path) -> None:
    assert configured(tmp_path, f"{documented('verify')}\n{LOCAL}").suite == "full"


def test_ids_of_every_database_may_be_ignored(tmp_path: Path) -> None:
    ids = ["GHSA-xcj6-pq6g-qj4x", "PYSEC-2026-17", "CVE-2026-12345", "OSV-2026-1"]
    config = configured(tmp_path, f'[audit]\nsource = "http://127.0.0.1:8000/query"\nignore = {ids}\n{LOCAL}')
    assert (config.audit.source, config.audit.ignore) == ("http://127.0.0.1:8000/query", tuple(ids))


def test_a_journey_is_kept_step_by_step(tmp_path: Path) -> None:
    steps = '[{ fill = "Name", with = "{username}" }, { click = "Go" }, { see = "Hello" }]'
    journey = configured(tmp_path, f"[scenario]\njourney = {steps}\n{LOCAL}").scenario.journey
    assert [dict(step) for step in journey] == [
        {"fill": "Name", "with": "{username}"},
        {"click": "Go"},
        {"see": "Hello"},
    ]


def test_a_path_that_is_empty_says_that_there_is_no_such_thing(tmp_path: Path) -> None:
    scenario = configured(tmp_path, f'[scenario]\nevents = ""\nregister = ""\n{LOCAL}').scenario
    assert (scenario.events, scenario.register) == ("", "")
