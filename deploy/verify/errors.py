"""What goes wrong is answered in a form that a program reads, and tells nothing of the inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from deploy.http import Answer
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.openapi import read_operations
from deploy.verify.subject import Subject
from deploy.verify.visitor import anyone

TOO_LONG = 12_000_000
"""Bytes of a body that no form and no JSON document of such an app needs."""
INSIDE = re.compile(r"Traceback \(most|File \"/|site-packages|sqlalchemy\.|psycopg\.|sqlite3\.|\bat 0x[0-9a-f]{6}")
"""What only a stack trace or a library's own error says."""

_BROKEN = (400, 422)


def _run(subject: Subject) -> Seen:
    assertions = Assertions()
    for what, answer, wanted in _provoke(subject):
        if assertions.status(what, answer, wanted):
            well_told(what, answer, assertions)
    return assertions.seen("errors were answered well")


def well_told(what: str, answer: Answer, assertions: Assertions) -> None:
    """An error is JSON with words, and shows nothing of the inside."""
    kind = answer.headers.get("content-type", "")
    assertions.expect("json" in kind, f"{what}: {answer.status} comes as {kind or 'nothing'} instead of JSON")
    assertions.expect(bool(answer.document.get("detail") or answer.document.get("title")), f"{what}: no words")
    leak = INSIDE.search(answer.body)
    assertions.expect(leak is None, f"{what}: the answer shows the inside ({leak.group() if leak else ''})")


def _too_long(send: Callable[[bytes], Answer]) -> Answer:
    """A server may refuse and hang up before all is sent, and then the answer can be lost on its way: asked thrice."""
    for _ in range(3):
        answer = send(b" " * TOO_LONG)
        if answer.status:
            break
    return answer


Provoked = Iterator[tuple[str, Answer, tuple[int, ...]]]
"""What was sent, in words, what came back, and what may."""


def _provoke(subject: Subject) -> Provoked:
    yield "a path that does not exist", subject.site.ask("/there/is/no/such/path"), (404,)
    yield "a method that is not offered", subject.site.ask(subject.app.health, "DELETE"), (405,)
    visitor = anyone(subject)
    if where := _taker(subject):
        yield from _bodies(subject, where, visitor.bearer)
    if items := subject.scenario.items:
        yield "an id that is none", visitor.ask(f"{items}/not-an-id"), (404, 422)
        yield "a body that is not valid", visitor.ask(items, "POST", json=dict(subject.scenario.invalid)), _BROKEN


def _taker(subject: Subject) -> str:
    """Where a body can be sent: to register, to the collection, or to the first operation that takes one."""
    if named := subject.scenario.register or subject.scenario.items:
        return named
    takers = (one for one in read_operations(subject.site) if one.takes_json and one.method == "POST")
    return next((one.path for one in takers if not one.parameters), "")


def _bodies(subject: Subject, where: str, bearer: Mapping[str, str]) -> Provoked:
    def send(content: bytes, kind: str = "application/json") -> Answer:
        return subject.site.ask(where, "POST", content=content, headers={**bearer, "Content-Type": kind})

    yield "JSON that is cut short", send(b'{"a": '), _BROKEN
    yield "JSON nested too deep", send(b"[" * 100_000), (*_BROKEN, 413)
    yield "a body that is no text", send(b"\xff\xfe\x00"), _BROKEN
    yield "a lone surrogate", send(rb'{"username": "\ud800"}'), _BROKEN
    yield "a body of another type", send(b"a=b", "text/xml"), (*_BROKEN, 415)
    yield "a body that is too long", _too_long(send), (413,)


ERRORS = Check(name="errors", asked="whatever is sent, the answer is an error a program can read", run=_run)
