"""Everything a person does with a thing of their own, and nothing with anybody else's."""

from __future__ import annotations

from deploy.http import Answer
from deploy.proof import NotRun
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.subject import Subject
from deploy.verify.visitor import Visitor, owner, stranger


def _run(subject: Subject) -> Seen:
    if not subject.scenario.items:
        raise NotRun("the scenario names no collection")
    assertions = Assertions()
    mine, theirs = owner(subject), stranger(subject)
    made = mine.ask(subject.scenario.items, "POST", json=dict(subject.scenario.item))
    if not assertions.status(f"POST {subject.scenario.items}", made, (200, 201)):
        return assertions.seen("operations worked")
    path = f"{subject.scenario.items}/{made.document.get(subject.scenario.id)}"
    _read(subject, mine, made, path, assertions)
    _change(subject, mine, path, assertions)
    _keep_to_oneself(subject, mine, theirs, path, assertions)
    assertions.status(f"DELETE {path}", mine.ask(path, "DELETE"), (200, 204))
    assertions.status(f"GET {path} after its deletion", mine.ask(path), (404,))
    assertions.status(f"DELETE {path} again", mine.ask(path, "DELETE"), (404,))
    return assertions.seen("operations worked")


def _read(subject: Subject, mine: Visitor, made: Answer, path: str, assertions: Assertions) -> None:
    for name, value in subject.scenario.item.items():
        kept = made.document.get(name)
        assertions.expect(kept == value, f"POST {subject.scenario.items}: {name} is {kept!r} instead of {value!r}")
    one = mine.ask(path)
    assertions.status(f"GET {path}", one, (200,))
    assertions.expect(one.document == made.document, f"GET {path} differs from what POST answered")
    listed = mine.ask(subject.scenario.items)
    assertions.status(f"GET {subject.scenario.items}", listed, (200,))
    assertions.expect(
        str(made.document.get(subject.scenario.id)) in listed.body, f"GET {subject.scenario.items} does not list it"
    )


def _change(subject: Subject, mine: Visitor, path: str, assertions: Assertions) -> None:
    method = subject.scenario.change_by
    changed = mine.ask(path, method, json=dict(subject.scenario.change))
    assertions.status(f"{method} {path}", changed, (200, 204))
    after = mine.ask(path).document
    for name, value in subject.scenario.change.items():
        assertions.expect(
            after.get(name) == value, f"{method} {path}: {name} is {after.get(name)!r} instead of {value!r}"
        )


def _keep_to_oneself(subject: Subject, mine: Visitor, theirs: Visitor, path: str, assertions: Assertions) -> None:
    """Another user is told that there is no such thing: a 403 would tell that there is."""
    before = mine.ask(path).document
    change = dict(subject.scenario.change)
    for method, body in (("GET", None), (subject.scenario.change_by, change), ("DELETE", None)):
        assertions.status(f"{method} {path} by another user", theirs.ask(path, method, json=body), (404,))
        assertions.status(f"{method} {path} without a token", subject.site.ask(path, method, json=body), (401,))
    listed = theirs.ask(subject.scenario.items)
    assertions.expect(path.rpartition("/")[2] not in listed.body, "another user's list shows it")
    assertions.expect(mine.ask(path).document == before, f"{path} was changed by somebody else")


CRUD = Check(name="crud", asked="a thing is made, read, listed, changed and deleted by its owner alone", run=_run)
