"""What can be said of a lock without the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.lock.files import LockFile
from deploy.lock.inputs import Finding, Inputs, inputs_digest
from deploy.requirements.lines import Line
from deploy.requirements.markers import image_environment
from deploy.requirements.pins import Pins


def is_certain(lock_file: LockFile, inputs: Inputs, pins: Pins) -> bool:
    """Whether the lock was made from these very inputs and no pin or hash changed since."""
    return pins.digests == {"inputs": inputs_digest(lock_file, inputs), "pins": pins.digest}


def findings(lock_file: LockFile, inputs: Inputs, pins: Pins) -> Iterator[Finding]:
    """The lines that are wrong for certain, whatever an index would say."""
    lock = lock_file.name
    for line, text in pins.strange:
        yield Finding(file=lock, line=line, what=f"{text!r} is neither a pin nor a hash")
    for pin in pins.by_name.values():
        if not pin.hashes:
            yield Finding(file=lock, line=pin.line, what=f"{pin.name} has no hash")
    if pins.digests.get("pins") not in {None, pins.digest}:
        yield Finding(file=lock, line=1, what="a pin or a hash was changed by hand")
    environment = image_environment(lock_file.place.python if lock_file.place else None)
    for asked in inputs.requirements:
        yield from _unanswered(asked, environment, lock, pins)
    for bound in inputs.constraints:
        if bound.name in pins.by_name:
            yield from _unanswered(bound, environment, lock, pins)
    yield from _no_longer_asked(lock_file, inputs, pins)


def _unanswered(asked: Line, environment: Mapping[str, str], lock: str, pins: Pins) -> Iterator[Finding]:
    if asked.requirement is None or not asked.applies(environment):
        return
    pin = pins.by_name.get(asked.name)
    if pin is None:
        yield Finding(file=asked.file, line=asked.line, what=f"{asked.name} is not in {lock}")
    elif not asked.requirement.specifier.contains(pin.version, prereleases=True):
        wanted = f"{asked.name}{asked.requirement.specifier}"
        yield Finding(
            file=lock, line=pin.line, what=f"{pin.name} is {pin.version}, {asked.file}:{asked.line} wants {wanted}"
        )


def _no_longer_asked(lock_file: LockFile, inputs: Inputs, pins: Pins) -> Iterator[Finding]:
    names = {asked.name for asked in inputs.requirements}
    for pin in pins.by_name.values():
        if pin.direct and pin.name not in names:
            yield Finding(
                file=lock_file.name, line=pin.line, what=f"{pin.name} is no longer asked for in {lock_file.input.name}"
            )
