"""From instructions to stages: each instruction is a step from the stage before it to the stage after."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from deploy.dockerfile.instructions import DockerfileError, Instruction, read
from deploy.dockerfile.stages import Copy, Dockerfile, Stage, Start
from deploy.dockerfile.words import plain, split

_PORT = re.compile(r"(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?(?:/(?:tcp|udp|sctp))?", re.IGNORECASE)


def parse(text: str) -> Dockerfile:
    """The Dockerfile's stages. Raises DockerfileError, with the line, at the first problem."""
    source = read(text)
    outside: dict[str, str | None] = {}
    stages: list[Stage] = []
    for instruction in source.instructions:
        line = _Line(instruction, source.escape)
        if instruction.name == "FROM":
            stages.append(_from(line, _known(outside), tuple(stages)))
        elif stages:
            stages[-1] = _after(_Step(stages[-1], line, outside))
        elif instruction.name == "ARG":
            outside |= line.declared(_known(outside))
        else:
            raise DockerfileError(instruction.line, f"{instruction.name} before any FROM", "begin with FROM <image>")
    if not stages:
        raise DockerfileError(source.instructions[0].line, "there is no FROM in it", "begin with FROM <image>")
    return Dockerfile(stages=tuple(stages), instructions=source.instructions)


@dataclass(frozen=True)
class _Line:
    """An instruction and the character that escapes in it."""

    instruction: Instruction
    escape: str

    def words(self, values: Mapping[str, str]) -> list[str]:
        return [plain(word, values, self.escape) for word in split(self.instruction.text, self.escape)]

    def value(self, values: Mapping[str, str]) -> str:
        return plain(self.instruction.text, values, self.escape)

    def declared(self, values: Mapping[str, str]) -> dict[str, str | None]:
        """`ARG one two=2`; a name without a default has None."""
        found: dict[str, str | None] = {}
        for word in split(self.instruction.text, self.escape):
            name, given, default = word.partition("=")
            found[name] = plain(default, values, self.escape) if given else None
        return found

    def assigned(self, values: Mapping[str, str]) -> dict[str, str]:
        """`ENV one=1 two=2`, and the old form `ENV one the rest of the line`."""
        text = self.instruction.text
        words = split(text, self.escape)
        if "=" not in words[0]:
            words = ["=".join(text.split(maxsplit=1))]
        bare = next((word for word in words if "=" not in word), None)
        if bare:
            raise DockerfileError(self.instruction.line, f"{bare} in ENV has no value", f"write ENV {bare}=<value>")
        pairs = (word.partition("=") for word in words)
        return {name: plain(value, values, self.escape) for name, _, value in pairs}


def _known(declared: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in declared.items() if value is not None}


def _from(line: _Line, values: Mapping[str, str], earlier: tuple[Stage, ...]) -> Stage:
    number, text = line.instruction.line, line.instruction.text
    words = line.words(values)
    if len(words) not in {1, 3} or (len(words) == 3 and words[1].upper() != "AS"):
        raise DockerfileError(number, f"FROM does not take {text}", "write FROM <image> or FROM <image> AS <name>")
    base, name = words[0], words[2].lower() if len(words) == 3 else None
    if not base:
        raise DockerfileError(number, f"FROM {text} comes to nothing", "give its ARG, above the first FROM, a default")
    below = next((stage for stage in reversed(earlier) if stage.name == base.lower()), None)
    if below is None:
        return Stage(line=number, name=name, base=base)
    nothing: dict[str, Any] = {"instructions": (), "copies": (), "runs": (), "own_cmd": False}
    return replace(below, line=number, name=name, base=base, inherits=below, **nothing)


@dataclass(frozen=True)
class _Step:
    """A stage and the instruction that comes next; `outside` are the build arguments above the first FROM."""

    stage: Stage
    line: _Line
    outside: Mapping[str, str | None]

    @property
    def instruction(self) -> Instruction:
        return self.line.instruction

    @cached_property
    def values(self) -> Mapping[str, str]:
        return {**_known(self.stage.args), **self.stage.env}


def _after(step: _Step) -> Stage:
    effect = _EFFECTS.get(step.instruction.name)
    stage = effect(step) if effect else step.stage
    return replace(stage, instructions=(*stage.instructions, step.instruction))


def _copied(step: _Step) -> Stage:
    instruction, stage = step.instruction, step.stage
    words = list(instruction.words) if instruction.words else step.line.words(step.values)
    if len(words) < 2:
        cure = f"write {instruction.name} <from> <to>"
        raise DockerfileError(instruction.line, f"{instruction.name} has one argument", cure)
    *sources, target = words
    copy = Copy(
        line=instruction.line,
        sources=tuple(source for source in sources if not source.startswith("<<")),
        target=_target(stage, target),
        origin=instruction.flags.get("from"),
        mode=instruction.flags.get("chmod"),
    )
    return replace(stage, copies=(*stage.copies, copy))


def _target(stage: Stage, text: str) -> str:
    """Absolute, and with a slash at the end where the text shows that it is a folder."""
    path = PurePosixPath(stage.workdir or "/", text)
    shown = text.endswith("/") or path.name in {"", ".", ".."} or str(path) == stage.workdir or text in {".", ".."}
    return f"{str(path).rstrip('/')}/" if shown else str(path)


def _run(step: _Step) -> Stage:
    return replace(step.stage, runs=(*step.stage.runs, (step.instruction, replace(step.stage, runs=()))))


def _arg(step: _Step) -> Stage:
    declared = step.line.declared(step.values)
    found = {name: step.outside.get(name) if default is None else default for name, default in declared.items()}
    return replace(step.stage, args={**step.stage.args, **found})


def _env(step: _Step) -> Stage:
    return replace(step.stage, env={**step.stage.env, **step.line.assigned(step.values)})


def _user(step: _Step) -> Stage:
    return replace(step.stage, user=step.line.value(step.values))


def _workdir(step: _Step) -> Stage:
    return replace(step.stage, workdir=str(PurePosixPath(step.stage.workdir or "/", step.line.value(step.values))))


def _expose(step: _Step) -> Stage:
    ports = list(step.stage.exposed)
    for word in filter(None, step.line.words(step.values)):
        match = _PORT.fullmatch(word)
        if not match:
            raise DockerfileError(step.instruction.line, f"{word} in EXPOSE is not a port", "write EXPOSE <number>")
        first = int(match["first"])
        ports.extend(range(first, int(match["last"] or first) + 1))
    return replace(step.stage, exposed=tuple(dict.fromkeys(ports)))


def _shell(step: _Step) -> Stage:
    if not step.instruction.words:
        cure = 'write SHELL ["/bin/bash", "-c"]'
        raise DockerfileError(step.instruction.line, "SHELL takes the JSON form only", cure)
    return replace(step.stage, shell=step.instruction.words)


def _cmd(step: _Step) -> Stage:
    return replace(step.stage, cmd=_start(step), own_cmd=True)


def _entrypoint(step: _Step) -> Stage:
    # A command that came with the stage below was meant for that stage's entry point: Docker drops it.
    return replace(step.stage, entrypoint=_start(step), cmd=step.stage.cmd if step.stage.own_cmd else None)


def _start(step: _Step) -> Start | None:
    """None when the words are empty, which is how an inherited one is taken away."""
    line, words, text = step.instruction.line, step.instruction.words, step.instruction.text
    if words is not None:
        return Start(line=line, argv=words, shell_form=False) if words else None
    return Start(line=line, argv=(*step.stage.shell, text), shell_form=True) if text else None


_EFFECTS: Mapping[str, Callable[[_Step], Stage]] = {
    "ADD": _copied,
    "ARG": _arg,
    "CMD": _cmd,
    "COPY": _copied,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "RUN": _run,
    "SHELL": _shell,
    "USER": _user,
    "WORKDIR": _workdir,
}
