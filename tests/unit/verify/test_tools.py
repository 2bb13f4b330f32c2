"""A driver is a script in a process of its own: what it reads, what it is trusted with, and how it fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import CommandFailed
from deploy.proof import NotRun
from deploy.secret import Secret
from deploy.verify import tools
from deploy.verify.admission import Admission
from deploy.verify.browser import BROWSER, RESPONSIVE, WIDTHS
from deploy.verify.suite import run_suite
from deploy.verify.tools import Tools
from tests.unit.verify.builders import URL
from tests.unit.verify.subjects import People, subject

HERE = Tools(python=Path(sys.executable), chromium=Path("/usr/bin/browser"), environment={"LANG": "C"})
MIRROR = """\
import json, os, sys
read = json.load(sys.stdin)
print("hello")
print(json.dumps({"read": list(read), "environ": list(os.environ), "argv": sys.argv}))
"""
JOURNEY = '[scenario]\njourney = [{ fill = "Name", with = "{username}" }, { see = "Hello" }]'


@pytest.fixture
def drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "drivers"
    folder.mkdir()
    monkeypatch.setattr(tools, "DRIVERS", folder)
    return folder


def test_a_driver_gets_its_document_on_stdin_alone(drivers: Path) -> None:
    (drivers / "mirror.py").write_text(MIRROR)
    found = HERE.drive("mirror", {"password": "hunter2hunter2"}, timeout=60)
    assert found["read"] == ["password"]
    assert set(found["environ"]) <= {"LANG", "LC_CTYPE"}
    assert found["argv"] == [str(drivers / "mirror.py")]


@pytest.mark.parametrize("script", ["", "print('done')\n", "print('{')\n"])
def test_a_driver_that_says_nothing_to_be_read_fails(script: str, drivers: Path) -> None:
    (drivers / "mute.py").write_text(script)
    with pytest.raises(CommandFailed, match="mute told nothing"):
        HERE.drive("mute", {}, timeout=60)


def test_a_driver_that_breaks_fails_with_its_last_words(drivers: Path) -> None:
    (drivers / "broken.py").write_text("raise SystemExit('no browser came up')\n")
    with pytest.raises(CommandFailed) as caught:
        HERE.drive("broken", {}, timeout=60)
    assert caught.value.details == ("no browser came up",)


def test_without_tools_nothing_is_driven() -> None:
    with pytest.raises(NotRun, match="locust is not installed"):
        replace(HERE, python=None, missing="locust is not installed").drive("browse", {}, timeout=1)


# The browser -----------------------------------------------------------------------------------------------


class Driven(Tools):
    """Tools that keep what they are asked and find what a test says."""

    asked: Mapping[str, Any]
    found: Mapping[str, Any]

    def drive(self, driver: str, document: Mapping[str, Any], *, timeout: float) -> Mapping[str, Any]:
        object.__setattr__(self, "asked", json.loads(json.dumps({**document, "driver": driver})))
        return self.found


def driven(**found: Any) -> Driven:
    made = Driven(python=None, chromium=Path("/usr/bin/browser"))
    object.__setattr__(made, "found", {"done": 2, "complaints": [], "files": ["a.png"], **found})
    return made


def test_the_browser_is_told_who_goes_where_and_what_to_do(tmp_path: Path) -> None:
    at_hand = driven()
    with subject(tmp_path, People(), toml=JOURNEY, tools=at_hand, origins=("https://app.example",)) as looked_at:
        (proof,) = run_suite([BROWSER], looked_at)
    assert proof.verdict == "passed"
    asked = at_hand.asked
    assert (asked["driver"], asked["what"], asked["chromium"]) == ("browse", "talk", "/usr/bin/browser")
    assert asked["url"].endswith(".example/")
    assert asked["journey"] == [{"fill": "Name", "with": "{username}"}, {"see": "Hello"}]
    assert set(asked["words"]) == {"username", "email", "password"}
    assert asked["origins"] == ["https://app.example"]


def test_in_a_private_space_the_browser_begins_with_the_pass_and_that_is_said(tmp_path: Path) -> None:
    at_hand = driven()
    with subject(tmp_path, People(), toml=JOURNEY, tools=at_hand) as looked_at:
        looked_at.site.admission = Admission(fields={"Cookie": Secret("c=a.b")}, signature=Secret("a.b"))
        (proof,) = run_suite([BROWSER], looked_at)
    assert (at_hand.asked["url"], at_hand.asked["probe"]) == (f"{URL}/?__sign=a.b", f"{URL}/openapi.json?__sign=a.b")
    assert proof.verdict == "passed"
    assert "the Space is private" in proof.details[0]


def test_every_width_is_looked_at_and_pictures_are_evidence(tmp_path: Path) -> None:
    at_hand = driven()
    with subject(tmp_path, People(), toml=JOURNEY, tools=at_hand) as looked_at:
        (proof,) = run_suite([RESPONSIVE], looked_at)
        assert looked_at.folder.is_dir()
    assert (proof.verdict, proof.files) == ("passed", ("a.png",))
    assert at_hand.asked["widths"] == list(WIDTHS)


@pytest.mark.parametrize("check", [BROWSER, RESPONSIVE], ids=lambda check: check.name)
def test_each_complaint_is_a_violation(check: Any, tmp_path: Path) -> None:
    at_hand = driven(complaints=["its own page: ReferenceError"])
    with subject(tmp_path, People(), toml=JOURNEY, tools=at_hand) as looked_at:
        (proof,) = run_suite([check], looked_at)
    assert (proof.verdict, proof.details) == ("failed", ("its own page: ReferenceError",))


@pytest.mark.parametrize(
    ("toml", "at_hand", "reason"),
    [
        ("", driven(), "no journey"),
        ('[scenario]\npage = ""\njourney = [{ see = "x" }]', driven(), "no journey"),
        (JOURNEY, Tools(python=None, chromium=None), "no Chromium"),
    ],
)
def test_without_browser_or_journey_it_is_not_run(toml: str, at_hand: Tools, reason: str, tmp_path: Path) -> None:
    with subject(tmp_path, People(), toml=toml, tools=at_hand) as looked_at:
        (proof,) = run_suite([BROWSER], looked_at)
    assert proof.verdict == "not run"
    assert reason in proof.seen
