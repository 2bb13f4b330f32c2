"""Making a lock anew and putting it in place, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploy.atomic import write_whole
from deploy.command import run
from deploy.lock.compiling import Job, Runner, compile_lock
from deploy.lock.files import LockFile
from deploy.lock.inputs import read_inputs, with_header
from deploy.lock.table import Move, moves
from deploy.requirements.pins import read_pins


@dataclass(frozen=True, kw_only=True)
class Update:
    """What became of a lock: whether its file was written, and which pins moved."""

    lock_file: LockFile
    written: bool
    moved: tuple[Move, ...]

    @property
    def summary(self) -> str:
        if not self.written:
            return "as it was"
        return f"written, {len(self.moved)} of its pins moved" if self.moved else "written, no pin moved"

    def as_document(self) -> dict[str, object]:
        moved = [{"name": move.name, "old": move.old, "new": move.new} for move in self.moved]
        return {"lock": self.lock_file.name, "written": self.written, "moved": moved}


def update(
    lock_file: LockFile, *, upgrade: bool = False, run: Runner = run, on_line: Callable[[str], None] | None = None
) -> Update:
    """Compile a lock and write it where something changed; pins stay as they are unless `upgrade`.

    Raises LockError; the file is then as it was.
    """
    inputs = read_inputs(lock_file.input, lock_file.root)
    known = lock_file.text
    old = read_pins(known or "")
    untouched = old.digests.get("pins") in {None, old.digest}
    job = Job(lock_file=lock_file, inputs=inputs, known=known, trust_hashes=untouched, upgrade=upgrade)
    text = with_header(lock_file, inputs, compile_lock(job, run=run, on_line=on_line))
    new = read_pins(text)
    # Another Python names other parents in the comments; that alone is no reason to write.
    written = known is None or (old.digest, old.digests) != (new.digest, new.digests) or bool(old.strange)
    if written:
        write_whole(lock_file.output, text, private=False)
    return Update(lock_file=lock_file, written=written, moved=moves(old, new))
