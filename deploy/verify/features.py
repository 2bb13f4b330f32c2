"""What the app offers beside its collection: pages, documents, and changes as they happen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from deploy.http import make_client
from deploy.verify.admission import TIMEOUT
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.openapi import read_operations
from deploy.verify.subject import Subject
from deploy.verify.visitor import Visitor, owner, stranger

PATIENCE = 15.0
"""Seconds until a change must have arrived in another page."""


def _run(subject: Subject) -> Seen:
    assertions = Assertions()
    _pages(subject, assertions)
    if subject.scenario.events and subject.scenario.items:
        _changes_arrive(subject, assertions)
    absent = ", ".join(_absent(subject))
    return assertions.seen(
        f"features worked; not looked at, as the scenario names none: {absent}" if absent else "features worked"
    )


def _absent(subject: Subject) -> tuple[str, ...]:
    """What the scenario says the app does not have."""
    live = subject.scenario.events and subject.scenario.items
    return tuple(name for name, there in (("page", subject.scenario.page), ("live changes", live)) if not there)


def _pages(subject: Subject, assertions: Assertions) -> None:
    if page := subject.scenario.page:
        for method in ("GET", "HEAD"):
            assertions.status(f"{method} {page}", subject.site.ask(page, method), (200,))
    assertions.status("GET /docs", subject.site.ask("/docs"), (200,))
    described = {operation.path for operation in read_operations(subject.site)}
    scenario = subject.scenario
    for path in filter(None, (scenario.register, scenario.login, scenario.refresh, scenario.items, scenario.events)):
        assertions.expect(path in described, f"{path} is not among the operations that the app describes")


def _changes_arrive(subject: Subject, assertions: Assertions) -> None:
    visitor, somebody = owner(subject), stranger(subject)
    with _listening(subject, visitor) as own, _listening(subject, somebody) as other:
        made = visitor.ask(subject.scenario.items, "POST", json=dict(subject.scenario.item))
        thing = str(made.document.get(subject.scenario.id))
        assertions.expect(own.heard(thing), f"a change did not arrive in another page within {PATIENCE:g} s")
        visitor.ask(f"{subject.scenario.items}/{thing}", "DELETE")
        assertions.expect(own.heard("deleted"), f"a deletion did not arrive in another page within {PATIENCE:g} s")
        assertions.expect(thing not in other.text, "a change arrived at another user")


class _Stream:
    """What one open page hears."""

    def __init__(self) -> None:
        self.text = ""
        self._more = threading.Condition()

    def add(self, line: str) -> None:
        with self._more:
            self.text += line + "\n"
            self._more.notify_all()

    def heard(self, what: str) -> bool:
        with self._more:
            return self._more.wait_for(lambda: what in self.text, PATIENCE)


@contextmanager
def _listening(subject: Subject, visitor: Visitor) -> Iterator[_Stream]:
    stream = _Stream()
    headers = {**visitor.bearer, "Accept": "text/event-stream"}
    timeout = httpx2.Timeout(TIMEOUT.connect, read=2 * PATIENCE)
    with (
        make_client(timeout=timeout, event_hooks={"request": [subject.site.admission.show]}) as client,
        client.stream("GET", subject.site.url + subject.scenario.events, headers=headers) as answer,
    ):
        reader = threading.Thread(target=_read, args=(answer, stream), daemon=True)
        reader.start()
        yield stream
        answer.close()


def _read(answer: httpx2.Response, stream: _Stream) -> None:
    try:
        for line in answer.iter_lines():
            stream.add(line)
    except (httpx2.HTTPError, httpx2.StreamError):
        return  # it was closed, by us or by the app: what was heard until then counts


FEATURES = Check(name="features", asked="pages, documents and live changes work as described", run=_run)
