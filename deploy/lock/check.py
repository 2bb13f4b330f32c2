"""Whether a lock is what its inputs ask for: answered offline when that is certain, else by compiling again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deploy.command import run
from deploy.lock.compiling import Job, Runner, compile_lock
from deploy.lock.files import LockFile
from deploy.lock.inputs import Finding, read_inputs
from deploy.lock.offline import findings, is_certain
from deploy.requirements.pins import Pins, read_pins


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`stale` names each line that is out of date; none means the lock is right. `offline` tells how it was known."""

    lock_file: LockFile
    stale: tuple[Finding, ...]
    offline: bool

    @property
    def is_fresh(self) -> bool:
        return not self.stale

    def as_document(self) -> dict[str, object]:
        stale = [{"file": finding.file, "line": finding.line, "what": finding.what} for finding in self.stale]
        return {"lock": self.lock_file.name, "fresh": self.is_fresh, "offline": self.offline, "stale": stale}


def check(lock_file: LockFile, *, run: Runner = run, on_line: Callable[[str], None] | None = None) -> Verdict:
    """Judge one lock. Raises LockError when that takes compiling and it cannot be compiled here."""
    text = lock_file.text
    if text is None:
        missing = Finding(file=lock_file.name, line=1, what=f"is not there; {lock_file.input.name} was never locked")
        return Verdict(lock_file=lock_file, stale=(missing,), offline=True)
    inputs = read_inputs(lock_file.input, lock_file.root)
    pins = read_pins(text)
    wrong = tuple(findings(lock_file, inputs, pins))
    if wrong or is_certain(lock_file, inputs, pins):
        return Verdict(lock_file=lock_file, stale=wrong, offline=True)
    again = compile_lock(Job(lock_file=lock_file, inputs=inputs, known=text), run=run, on_line=on_line)
    return Verdict(lock_file=lock_file, stale=tuple(differences(lock_file, pins, read_pins(again))), offline=False)


def differences(lock_file: LockFile, old: Pins, new: Pins) -> Iterator[Finding]:
    """The lines of a lock that compiling it again would write otherwise."""
    lock, source = lock_file.name, lock_file.input.name
    for name, pin in old.by_name.items():
        other = new.by_name.get(name)
        if other is None:
            yield Finding(file=lock, line=pin.line, what=f"{name} is no longer needed by {source}")
        elif other.version != pin.version:
            yield Finding(file=lock, line=pin.line, what=f"{name} is {pin.version}, {source} now gives {other.version}")
        elif other.meaning != pin.meaning:
            yield Finding(file=lock, line=pin.line, what=f"the hashes or the marker of {name} are others now")
    for name in new.by_name.keys() - old.by_name.keys():
        yield Finding(file=lock, line=1, what=f"{name} is missing, {source} now needs it")
