"""What pip-audit says becomes findings or a reason, whatever it is; and what it is told of this machine."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.command import Command, Result
from deploy.config import AuditConfig
from deploy.errors import CommandFailed
from deploy.lock.advisories import Audit, read_audit
from deploy.lock.audit import Auditor
from deploy.proof import NotRun
from tests.real.processes import free_port
from tests.real.proxy import running_proxy

PINS = (
    "# made by hand\nstarlette==1.2.0 ; python_version < '3.9' \\\n    --hash=sha256:"
    + "a" * 64
    + "\nuvicorn==0.54.0\n"
)


def row(name: str, *vulns: Mapping[str, Any], version: str = "1.2.0") -> dict[str, Any]:
    return {"name": name, "version": version, "vulns": list(vulns)}


def known(name: str, *mended: str, aliases: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"id": name, "aliases": list(aliases), "fix_versions": list(mended), "description": "It\n breaks  down"}


def read(*rows: Mapping[str, Any], ignore: tuple[str, ...] = ()) -> Audit:
    return read_audit("requirements.txt", {"dependencies": list(rows)}, ignore)


class PipAudit:
    """Stands for the program: writes `answer`, says `output`."""

    def __init__(self, answer: str | None, output: str = "", *, expires: bool = False) -> None:
        self.answer, self.output, self.expires = answer, output, expires
        self.asked = ""
        self.commands: list[Command] = []

    def __call__(self, command: Command, **_: object) -> Result:
        self.commands.append(command)
        if self.expires:
            raise CommandFailed("python did not end within 60 s and was stopped.")
        words = list(command.argv)
        self.asked = Path(words[words.index("--requirement") + 1]).read_text(encoding="utf-8")
        if self.answer is not None:
            Path(words[words.index("--output") + 1]).write_text(self.answer, encoding="utf-8")
        return Result(code=1, output=self.output, seconds=1.0)


def auditor(program: PipAudit, source: str = "https://osv.example/v1/query", **environ: str) -> Auditor:
    config = AuditConfig(source=source, ignore=())
    return Auditor(config=config, python=Path(sys.executable), environ=environ, run=program, reach=60.0)


def why_not(program: PipAudit, lock: str = PINS) -> str:
    with pytest.raises(NotRun) as caught:
        auditor(program).audit("requirements.txt", lock)
    return str(caught.value)


# What it says --------------------------------------------------------------------------------------------


def test_nothing_known_is_nothing_to_tell() -> None:
    audit = read(row("a"), row("b"))
    assert (audit.summary, audit.lines) == ("2 packages, none with a known vulnerability", ())


def test_what_can_be_mended_comes_first_and_the_rest_is_counted() -> None:
    audit = read(row("a", known("CVE-2026-1")), row("b", known("CVE-2026-2", "1.3", "2.0"), known("CVE-2026-3", "9")))
    assert audit.summary == "b 1.2.0 has CVE-2026-2, mended in 1.3, 2.0, and 1 more finding"
    assert audit.lines[0] == "b 1.2.0 has CVE-2026-2, mended in 1.3, 2.0: It breaks down"
    assert audit.lines[2] == "a 1.2.0 has CVE-2026-1, no version mends it yet: It breaks down"


@pytest.mark.parametrize("mended", [("1.1.9",), ("1.2.0",), ("not a version",), ()])
def test_only_a_version_above_ours_mends_anything(mended: tuple[str, ...]) -> None:
    audit = read(row("a", known("CVE-2026-1", *mended)))
    assert (len(audit.open_), len(audit.unmended)) == (0, 1)


def test_an_advisory_is_ignored_by_any_of_its_names() -> None:
    found = known("PYSEC-2026-1", "2.0", aliases=("CVE-2026-1", "GHSA-aaaa-bbbb-cccc"))
    for name in ("PYSEC-2026-1", "CVE-2026-1", "GHSA-aaaa-bbbb-cccc"):
        audit = read(row("a", found), ignore=(name,))
        assert (audit.open_, len(audit.ignored), audit.unused) == ((), 1, ())
        assert audit.summary == "1 package, 1 finding that deploy.toml ignores"
    assert read(row("a", found), ignore=("CVE-2026-9",)).unused == ("CVE-2026-9",)


def test_what_it_skipped_is_told_and_not_counted() -> None:
    audit = read(row("a"), {"name": "b", "skip_reason": "it is not on the index"})
    assert (audit.packages, audit.skipped) == (1, ("b was not asked for: it is not on the index",))


@pytest.mark.parametrize(
    "document",
    [{}, {"dependencies": 7}, {"dependencies": [7]}, {"dependencies": [{"name": "a", "version": "1", "vulns": [{}]}]},
     {"dependencies": [{"name": "a", "version": "no version", "vulns": [known("X-1")]}]}, []],
)  # fmt: skip
def test_a_document_of_another_shape_is_no_audit(document: Any) -> None:
    program = PipAudit(json.dumps(document), "Traceback\nKeyError: 'vulns'")
    assert why_not(program).endswith("did not answer as OSV does: KeyError: 'vulns'")


def test_the_document_for_programs_has_all_of_it() -> None:
    document = read(row("a", known("CVE-2026-1", "2.0")), ignore=("CVE-2026-9",)).as_document()
    assert json.loads(json.dumps(document)) == document
    assert document["vulnerable"] == [
        {"package": "a", "version": "1.2.0", "id": "CVE-2026-1", "aliases": [], "mended": ["2.0"],
         "summary": "It breaks down"}
    ]  # fmt: skip


# What it is asked ----------------------------------------------------------------------------------------


def test_every_pin_is_asked_for_whatever_its_marker() -> None:
    program = PipAudit(json.dumps({"dependencies": []}))
    audit = auditor(program).audit("requirements.txt", PINS + "-e .\n")
    assert program.asked == "starlette==1.2.0\nuvicorn==0.54.0\n"
    assert audit.skipped == ("'-e .' was not asked for: it is no pin",)


@pytest.mark.parametrize("lock", ["", "# nothing\n", "fastapi>=0.1\n", "\0"])
def test_what_pins_nothing_cannot_be_asked_for(lock: str) -> None:
    assert why_not(PipAudit("{}"), lock) == "requirements.txt pins nothing that could be asked for"


def test_it_sees_how_to_reach_the_network_and_nothing_of_ours() -> None:
    program = PipAudit(json.dumps({"dependencies": []}))
    environ = {"PATH": "/bin", "HTTPS_PROXY": "http://proxy:3128", "HF_TOKEN": "hf_secret", "HOME": "/home/ann"}
    auditor(program, **environ).audit("requirements.txt", PINS)
    [command] = program.commands
    assert command.env is not None
    assert {"PATH": "/bin", "HTTPS_PROXY": "http://proxy:3128"}.items() <= command.env.items()
    assert "hf_secret" not in command.env.values()
    assert command.env["HOME"] != "/home/ann"
    assert command.timeout == 60.0
    assert "https://osv.example/v1/query" in command.argv


# When it cannot be asked ---------------------------------------------------------------------------------


def test_without_an_answer_its_last_words_are_the_reason() -> None:
    why = why_not(PipAudit(None, f"Traceback (most recent call last):\n  File x\nConnectionError: {'no ' * 200}\n\n"))
    assert "did not answer as OSV does: ConnectionError: no no" in why
    assert len(why) < 320


def test_without_a_word_its_code_is() -> None:
    assert why_not(PipAudit("{", "")).endswith("did not answer as OSV does: pip-audit ended with code 1")


def test_one_that_takes_too_long_was_too_slow() -> None:
    assert "did not answer for every package within 60 s" in why_not(PipAudit(None, expires=True))


def test_a_port_where_nobody_listens_is_known_before_it_is_asked() -> None:
    program = PipAudit(None)
    source = f"http://127.0.0.1:{free_port()}/v1/query"
    with pytest.raises(NotRun, match=r"cannot be reached: .*refused"):
        auditor(program, source).require_source()
    assert program.commands == []


@pytest.mark.parametrize(
    "error",
    [httpx2.ConnectError("[Errno -2] Name or service not known"), httpx2.ReadTimeout("")],
)
def test_whatever_is_in_the_way_is_the_reason(error: Exception) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        raise error

    with pytest.raises(NotRun) as caught:
        replace(auditor(PipAudit(None)), transport=httpx2.MockTransport(answer)).require_source()
    said = str(error) or type(error).__name__
    assert str(caught.value) == f"the advisory source https://osv.example/v1/query cannot be reached: {said}"


def test_a_name_that_takes_for_ever_to_look_up_is_not_waited_for() -> None:
    over = threading.Event()

    def answer(_: httpx2.Request) -> httpx2.Response:
        over.wait()
        return httpx2.Response(200)

    with pytest.raises(NotRun, match="it says nothing"):
        replace(auditor(PipAudit(None)), reach=0.0, transport=httpx2.MockTransport(answer)).require_source()
    over.set()


@pytest.mark.parametrize("status", [405, 500])
def test_whatever_it_answers_it_is_there(status: int) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status))
    replace(auditor(PipAudit(None)), transport=transport).require_source()


def test_a_proxy_that_finds_nobody_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_proxy() as proxy:
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(NotRun) as caught:
            auditor(PipAudit(None), "http://osv.example/v1/query").require_source()
        assert str(caught.value).endswith(f"cannot be reached: 502 through the proxy {proxy.url} (http_proxy)")
        assert proxy.asked == ["HEAD http://osv.example/v1/query"]


def test_a_proxy_that_cannot_be_used_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(NotRun, match=r"cannot be reached: What https_proxy holds cannot be used\. a SOCKS proxy needs"):
        auditor(PipAudit(None)).require_source()


def test_without_the_tool_that_is_the_reason() -> None:
    config = AuditConfig(source="https://osv.example/", ignore=())
    with pytest.raises(NotRun, match="not installed here"):
        Auditor(config=config, python=None, missing="pip_audit is not installed here", environ={}).require_source()
