"""Errors about settings: what is not set, what has a wrong form, and what only stands in for a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from deploy.known_failures.diagnosis import Circumstances, Diagnosis
from deploy.known_failures.last_error import LoggedError
from deploy.secret import MASK

_NAME = r"[A-Z][A-Z0-9]*_[A-Z0-9_]+"
_ANY = r"(?!CMAKE)[A-Z][A-Z0-9_]{2,}"
_KEY = re.compile(r"^KeyError: '(\w+)'")
_OF_ENVIRON = re.compile(r'File "(?:<frozen os>|[^"]*/os\.py)", line \d+, in __getitem__')
_WORDS = re.compile(
    rf"\b({_NAME})[\"'`]?(?: setting| variable)? (?:is |are )?(?:missing|required|not defined|not found\. Declare)"
    rf"|\b({_ANY})[\"'`]?(?: setting| variable)?(?: is)? (?:not set|must be set|must not be empty|unbound variable)"
    rf"|[Ee]nvironment variables?:? [\"'`]?({_ANY})|\b({_ANY})[\"'`]? environment variable"
    rf"|^\S*: (?:line )?\d+: ({_ANY}): (?!(?:command )?not found)",
)
_MODEL = re.compile(r"validation errors? for (?P<model>\w+)")
_FIELD = re.compile(r"[\w.-]+")
_PARSED = re.compile(
    r"JSON|invalid literal|could not convert|[Pp]arse|Input should be|Value error|[Ii]nvalid|[Ii]ncorrect|padding"
    r"|base64|PEM|deserialize|Fernet|scheme|[Mm]alformed|could not be cast|not a valid|[Uu]nsupported"
    r"|must be (?:a|an|in|of)\b"
)
_DECLARE = "declare it under [secrets] or [variables] in deploy.toml, give it a value, and run `invoke secrets.sync`"


def about_settings(error: LoggedError, here: Circumstances) -> Diagnosis | None:
    """What a setting has to do with it; None when nothing."""
    if found := _stand_ins(error, here):
        names = " or ".join(found)
        return Diagnosis(
            cause=f"the stand-in for {names}, a random text in place of the secret, has not the form that the app "
            f"takes: {error.told}",
            evidence=error.message,
            cure=f'give it one of that form in deploy.toml, never the real one: {found[0]} = {{ rehearse = "…" }}',
        )
    if missing := _missing(error):
        return _unset(missing, error, here)
    if wrong := _wrong(error):
        cure = "correct the value where it is declared (deploy.toml, .env, or the Space's settings)"
        return Diagnosis(cause=f"the app does not take the value of {wrong}", evidence=error.message, cure=cure)
    return None


def _stand_ins(error: LoggedError, here: Circumstances) -> list[str]:
    """Those that it speaks of, by name or by a value that was masked, where something was parsed."""
    message = "\n".join(error.lines)
    if not _PARSED.search(message):
        return []
    named = [name for name in here.stand_ins if re.search(rf"\b{name}\b", error.text, re.IGNORECASE)]
    return sorted(named or (here.stand_ins if MASK in message else ()))


def _unset(names: tuple[str, ...], error: LoggedError, here: Circumstances) -> Diagnosis:
    told, absent = " and ".join(names), sorted(here.absent.intersection(names))
    cause, cure = f"the environment variable {told} is not set", _DECLARE
    if here.building:
        cause = f"{told} is not in the environment of this RUN: a build gets secrets by mounts, variables by ARG"
        cure = " ".join(_for_a_build(name, here) for name in names) + "; what one RUN exports, the next does not have"
    elif absent:
        cause = f"the optional secret {' and '.join(absent)} has no value in a rehearsal, and the app insists on it"
        cure = (
            f'give it a stand-in in deploy.toml ({absent[0]} = {{ required = false, rehearse = "…" }}), or require it'
        )
    return Diagnosis(cause=cause, evidence=error.message, cure=cure)


def _for_a_build(name: str, here: Circumstances) -> str:
    mount = f"RUN --mount=type=secret,id={name} {name}=$(cat /run/secrets/{name}) …"
    if name in here.secrets:
        return mount
    return f"ARG {name} before the RUN" if name in here.variables else f"a variable: ARG {name}; a secret: {mount}"


def _missing(error: LoggedError) -> tuple[str, ...]:
    if key := _KEY.match(error.lines[0]):
        return (key[1],) if _OF_ENVIRON.search("\n".join(error.trace)) else ()
    if _of_settings(error):
        return tuple(name for name, problem in _fields(error.lines[1:]) if problem.lower().startswith("field required"))
    found = next((match for line in error.lines if (match := _WORDS.search(line))), None)
    return tuple(name for name in found.groups() if name) if found else ()


def _wrong(error: LoggedError) -> str:
    problems = _fields(error.lines[1:]) if _of_settings(error) else ()
    return "; ".join(f"{name}: {problem}" for name, problem in problems)


def _of_settings(error: LoggedError) -> bool:
    """Whether pydantic's models of settings say it: by their own frames, or where there are none by its name."""
    model = next((found["model"] for line in error.lines if (found := _MODEL.search(line))), "")
    if not error.trace:
        return model.endswith(("Settings", "Config"))
    return bool(model) and any("pydantic_settings" in line or "/env_settings.py" in line for line in error.trace)


def _fields(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Name, as the environment has it, and problem."""
    told = [line for line in lines if not line.startswith("For further")]
    return tuple(
        (field.upper(), problem.split(" [type=")[0]) for field, problem in pairwise(told) if _FIELD.fullmatch(field)
    )
