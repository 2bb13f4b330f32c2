"""Which line of a Dockerfile a step in BuildKit's log comes from, for the BuildKits that do not say."""

from __future__ import annotations

import re

from deploy.dockerfile import Dockerfile, DockerfileError, Instruction, Stage, parse

_TITLE = re.compile(r"\[(?:(?P<stage>\S+) +)?(?P<number>\d+)/\d+\] (?P<name>[A-Z]+)")
_COUNTED = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
_UNNAMED = "stage-"


def step_line(dockerfile: str, title: str) -> int | None:
    """The line, from 1, of the step that the log calls `[stage 2/5] RUN …`; None when it cannot be told."""
    match = _TITLE.match(title)
    if not match:
        return None
    try:
        parsed = parse(dockerfile)
    except DockerfileError:
        return None
    stage = _stage(parsed, match["stage"])
    instruction = _counted(stage, int(match["number"])) if stage else None
    return instruction.line if instruction and instruction.name == match["name"] else None


def _stage(parsed: Dockerfile, called: str | None) -> Stage | None:
    """BuildKit calls a stage by its name, by `stage-<index>`, or not at all when it is the only one."""
    for index, stage in enumerate(parsed.stages):
        names = {stage.name or f"{_UNNAMED}{index}", None if len(parsed.stages) == 1 else ""}
        if called in names:
            return stage
    return None


def _counted(stage: Stage, number: int) -> Instruction | None:
    """Only steps that make files are counted; the image below is the first, unless it is an earlier stage."""
    counted = [one for one in stage.instructions if one.name in _COUNTED]
    from_image = stage.inherits is None and stage.base != "scratch"
    index = number - (2 if from_image else 1)
    return counted[index] if 0 <= index < len(counted) else None
