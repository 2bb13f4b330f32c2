"""T018: what goes wrong is answered in a form that a program reads, and tells nothing of the inside."""

from __future__ import annotations

import re

from deploy.verify.app import Answer
from deploy.verify.check import Check, Seen
from deploy.verify.findings import Findings
from deploy.verify.subject import Subject
from deploy.verify.visitor import ask_as, owner

TOO_LONG = 12_000_000
"""Bytes of a body that no form and no JSON document of such an app needs."""
INSIDE = re.compile(r"Traceback \(most|File \"/|site-packages|sqlalchemy\.|psycopg\.|sqlite3\.|\bat 0x[0-9a-f]{6}")
"""What only a stack trace or a library's own error says."""

_JSON = {"Content-Type": "application/json"}


def _run(subject: Subject) -> Seen:
    findings = Findings()
    where = subject.scenario.register or subject.scenario.items or "/"
    for what, answer, wanted in _provoke(subject, where):
        if findings.status(what, answer, wanted):
            well_told(what, answer, findings)
    return findings.seen("errors were answered well")


def well_told(what: str, answer: Answer, findings: Findings) -> None:
    """An error is JSON with words, and shows nothing of the inside."""
    kind = answer.headers.get("content-type", "")
    findings.expect("json" in kind, f"{what}: {answer.status} comes as {kind or 'nothing'} instead of JSON")
    findings.expect(bool(answer.document.get("detail") or answer.document.get("title")), f"{what}: no words")
    leak = INSIDE.search(answer.body)
    findings.expect(leak is None, f"{what}: the answer shows the inside ({leak.group() if leak else ''})")


def _too_long(subject: Subject, where: str) -> Answer:
    """A server may refuse and hang up before all is sent, and then the answer can be lost on its way: asked thrice."""
    for _ in range(3):
        answer = subject.site.ask(where, "POST", content=b" " * TOO_LONG, headers=_JSON)
        if answer.status:
            break
    return answer


def _provoke(subject: Subject, where: str) -> list[tuple[str, Answer, tuple[int, ...]]]:
    site = subject.site
    broken = (400, 422)
    found = [
        ("a path that does not exist", site.ask("/there/is/no/such/path"), (404,)),
        ("a method that is not offered", site.ask(subject.app.health, "DELETE"), (405,)),
        ("JSON that is cut short", site.ask(where, "POST", content=b'{"a": ', headers=_JSON), broken),
        ("JSON nested too deep", site.ask(where, "POST", content=b"[" * 100_000, headers=_JSON), (*broken, 413)),
        ("a body that is no text", site.ask(where, "POST", content=b"\xff\xfe\x00", headers=_JSON), broken),
        ("a lone surrogate", site.ask(where, "POST", content=rb'{"username": "\ud800"}', headers=_JSON), broken),
        ("a body of another type", site.ask(where, "POST", content=b"a=b", headers={"Content-Type": "text/xml"}),
         (*broken, 415)),
        ("a body that is too long", _too_long(subject, where), (413,)),
    ]  # fmt: skip
    if subject.scenario.items:
        visitor = owner(subject)
        token = visitor.session.access.reveal()
        missing = f"{subject.scenario.items}/not-an-id"
        found.append(("an id that is none", ask_as(site, token, missing), (404, 422)))
        body = dict(subject.scenario.invalid)
        found.append(("a body that is not valid", visitor.ask(subject.scenario.items, "POST", json=body), (400, 422)))
    return found


ERRORS = Check(name="errors", asked="whatever is sent, the answer is an error a program can read", run=_run)
