"""The real pip-audit against an advisory source on loopback: what is known, mended, ignored; a source in trouble."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.config import AuditConfig
from deploy.lock.advisories import Audit
from deploy.lock.audit import Auditor
from deploy.proof import NotRun
from tests.real.advisories import Source, advisory_source
from tests.real.processes import free_port

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "backend/requirements.txt").read_text(encoding="utf-8")
SMALL = "iniconfig==2.3.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def source() -> Iterator[Source]:
    with advisory_source() as started:
        yield started


def auditor(source: Source, *ignore: str) -> Auditor:
    config = AuditConfig(source=source.url, ignore=ignore)
    return Auditor(config=config, python=Path(sys.executable), environ=os.environ)


def audited(source: Source, *ignore: str, lock: str = SMALL) -> Audit:
    asking = auditor(source, *ignore)
    asking.require_source()
    return asking.audit("requirements.txt", lock)


def why_not(asking: Auditor, lock: str = SMALL) -> str:
    def ask() -> None:
        asking.require_source()
        asking.audit("requirements.txt", lock)

    with pytest.raises(NotRun) as caught:
        ask()
    return str(caught.value)


def test_every_pin_of_the_real_lock_is_asked_for(source: Source) -> None:
    audit = audited(source, lock=LOCK)
    assert audit.summary == f"{len(source.asked)} packages, none with a known vulnerability"
    assert {"fastapi", "starlette", "psycopg-binary", "uvloop"} <= {package for package, _ in source.asked}
    assert all(f"{package}=={version} " in LOCK for package, version in source.asked)


def test_what_a_newer_version_mends_is_to_be_mended(source: Source) -> None:
    source.knows("iniconfig", "PYSEC-2026-7", "1.1.1", "2.3.1", aliases=("GHSA-aaaa-bbbb-cccc",))
    audit = audited(source)
    [advisory] = audit.open_
    assert (advisory.package, advisory.version, advisory.mended) == ("iniconfig", "2.3.0", ("2.3.1",))
    assert advisory.names >= {"PYSEC-2026-7", "GHSA-aaaa-bbbb-cccc"}
    assert "mended in 2.3.1: Trouble with iniconfig" in audit.lines[0]


def test_what_nothing_mends_is_told_and_waits(source: Source) -> None:
    source.knows("iniconfig", "PYSEC-2026-7")
    source.knows("iniconfig", "PYSEC-2026-8", "1.1.1")  # on a branch that is older than ours
    audit = audited(source)
    assert (audit.open_, len(audit.unmended)) == ((), 2)
    assert all("no version mends it yet" in line for line in audit.lines)
    assert audit.summary == "1 package, 2 findings that nothing mends yet"


@pytest.mark.parametrize("name", ["PYSEC-2026-7", "GHSA-aaaa-bbbb-cccc"])
def test_what_is_ignored_is_told_by_either_name(source: Source, name: str) -> None:
    source.knows("iniconfig", "PYSEC-2026-7", "2.3.1", aliases=("GHSA-aaaa-bbbb-cccc",))
    audit = audited(source, name, "CVE-2001-1")
    assert (audit.open_, len(audit.ignored), audit.unused) == ((), 1, ("CVE-2001-1",))
    assert audit.lines[0].endswith("(ignored in deploy.toml)")
    assert audit.lines[1] == "CVE-2001-1 is ignored in deploy.toml, and nothing here has it"


def test_what_was_withdrawn_is_nothing(source: Source) -> None:
    source.knows("iniconfig", "PYSEC-2026-7", "2.3.1", withdrawn="2026-01-01T00:00:00Z")
    assert audited(source).lines == ()


def test_a_source_that_is_not_there_is_said_soon(source: Source) -> None:
    there = auditor(source)
    gone = replace(there, config=replace(there.config, source=f"http://127.0.0.1:{free_port()}/v1/query"))
    began = time.monotonic()
    assert f"the advisory source {gone.config.source} cannot be reached: " in why_not(gone)
    assert time.monotonic() - began < 30  # far above what it takes, far below a deadline of TCP


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"<html>welcome to the hotel</html>", 200), (b'{"vulns": 7}', 200), (b"[1]", 200), (b"{}", 500),
     (b'{"vulns": [{"no": "id"}]}', 200)],
    ids=["html", "number", "list", "error", "no id"],
)  # fmt: skip
def test_an_answer_that_is_none_is_no_audit_and_no_traceback(source: Source, body: bytes, status: int) -> None:
    source.body, source.status = body, status
    why = why_not(auditor(source))
    assert f"the advisory source {source.url} did not answer as OSV does: " in why
    assert "Traceback" not in why
    assert "\n" not in why


def test_a_source_that_takes_too_long_is_left(source: Source) -> None:
    source.silent = True
    why = why_not(replace(auditor(source), patience=3.0))
    assert why == f"the advisory source {source.url} did not answer for every package within 3 s"


def test_the_command_tells_all_locks_and_ends_by_what_is_known(source: Source, tmp_path: Path) -> None:
    (tmp_path / "backend").mkdir()
    for folder in (tmp_path, tmp_path / "backend"):
        (folder / "requirements.in").write_text("iniconfig\n")
        (folder / "requirements.txt").write_text(SMALL)
    good, document = command(tmp_path, source)
    assert good.returncode == 0, good.stderr
    assert [audit["lock"] for audit in document["audits"]] == ["backend/requirements.txt", "requirements.txt"]

    source.knows("iniconfig", "PYSEC-2026-7", "2.3.1")
    bad, document = command(tmp_path, source)
    assert bad.returncode == 18
    assert document["what"] == "1 locked package with a known vulnerability: iniconfig 2.3.0."
    assert "invoke lock --upgrade" in document["next"]
    assert document["audits"][0]["vulnerable"][0]["mended"] == ["2.3.1"]

    source.body = b"garbage"
    open_, document = command(tmp_path, source)
    assert (open_.returncode, document["error"]) == (19, "NotAudited")
    assert "Traceback" not in open_.stderr


def command(root: Path, source: Source) -> tuple[subprocess.CompletedProcess[str], Any]:
    (root / "deploy.toml").write_text(
        f'[audit]\nsource = "{source.url}"\n[targets.local]\nhub = "local"\nspace = "local/x"\n'
    )
    argv = [sys.executable, "-c", "from deploy.cli import main; main()", "lock.audit", "--json"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "SPACEWRIGHT_ROOT": str(root)}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    return done, json.loads(done.stdout)
