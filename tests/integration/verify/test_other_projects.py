"""The suite against backends that are not ours, described by nothing but their own deploy.toml."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.config import load
from deploy.proof import Proof
from deploy.verify import features, performance, promises
from deploy.verify.accounts import Accounts
from deploy.verify.app import visiting
from deploy.verify.everything import FULL_SUITE
from deploy.verify.subject import Subject
from deploy.verify.suite import run_suite
from deploy.verify.tools import Tools
from tests.real.backend import prepared_backend

ROOT = Path(__file__).parents[3]
LOAD = """
[load]
users = 5
rate = 5
seconds = 4
p50 = 60000
p95 = 60000
p99 = 60000
throughput = 0.1
"""
TARGET = '[targets.local]\nhub = "local"\nspace = "local/theirs"\n'
NOTES = """
[app]
version = ""
[scenario]
page = ""
register = "/people"
register_with = { email = "{email}", passphrase = "{password}", full_name = "Somebody called {username}" }
login = "/sessions"
login_with = { email = "{email}", passphrase = "{password}" }
login_as = "json"
refresh = ""
logout = ""
me = "/people/me"
change_password = "/people/me/passphrase"
change_password_with = { old = "{password}", new = "{new_password}" }
change_password_by = "PUT"
delete_account = "/people/me"
delete_account_with = {}
delete_account_by = "DELETE"
items = "/notes"
item = { text = "Made by a check" }
id = "note_id"
change = { text = "Changed by a check" }
change_by = "PUT"
invalid = { text = "" }
events = ""
metrics = ""
log = ["verb", "took"]
"""
PREDICT = """
[app]
version = ""
[scenario]
page = ""
register = ""
login = ""
refresh = ""
logout = ""
me = ""
change_password = ""
delete_account = ""
items = ""
events = ""
metrics = ""
"""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What repeats itself does so less often than on a Space."""
    monkeypatch.setattr(promises, "EXAMPLES", 3)
    monkeypatch.setattr(performance, "ROUNDS", 3)
    monkeypatch.setattr(features, "PATIENCE", 5.0)


@contextmanager
def looked_at(folder: Path, app: str, toml: str) -> Iterator[Subject]:
    (folder / "deploy.toml").write_text(f"{toml}{LOAD}{TARGET}", encoding="utf-8")
    config = load(folder)
    environ = {"PYTHONPATH": str(ROOT)}

    def run_log() -> Sequence[str]:
        return backend.log.splitlines()

    with (
        prepared_backend(folder / "app", environ, app=app) as backend,
        visiting(backend.url) as site,
        Accounts(site, config.scenario) as accounts,
    ):
        backend.start()
        tools = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        yield Subject(
            site=site,
            place="space",
            app=config.app,
            scenario=config.scenario,
            load=config.load,
            tools=Tools(python=Path(sys.executable), chromium=None, environment=tools),
            folder=folder / "evidence",
            accounts=accounts,
            run_log=run_log,
        )


def proved(folder: Path, app: str, toml: str) -> Mapping[str, Proof]:
    with looked_at(folder, app, toml) as subject:
        proofs = run_suite(FULL_SUITE.once, subject)
    assert subject.accounts.left == ()
    return {proof.check: proof for proof in proofs}


def of(proofs: Mapping[str, Proof], verdict: str) -> dict[str, object]:
    return {name: proof.details or proof.seen for name, proof in proofs.items() if proof.verdict == verdict}


def test_a_backend_with_other_paths_and_fields_is_proved(tmp_path: Path) -> None:
    proofs = proved(tmp_path, "tests.strangers.notes:app", NOTES)
    assert of(proofs, "failed") == {}
    assert proofs["errors"].seen == "40 of 40 errors were answered well"
    assert any("no JWT" in line for line in proofs["tokens"].details)
    assert of(proofs, "not run") == dict.fromkeys(
        ("browser", "responsive"), "the scenario describes no journey through a page"
    )


def test_a_backend_without_accounts_is_proved_as_far_as_it_goes(tmp_path: Path) -> None:
    proofs = proved(tmp_path, "tests.strangers.predict:app", PREDICT)
    assert "not looked at, as the scenario names none: page, live changes" in proofs["features"].seen
    assert of(proofs, "failed") == {"logs": ("an error does not tell its request id",)}
    assert proofs["errors"].seen == "32 of 32 errors were answered well"  # of bodies, too: to /predict
    passed = {"endpoints", "errors", "operation errors", "features", "performance", "security"}
    assert set(of(proofs, "passed")) == passed
