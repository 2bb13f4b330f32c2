"""What a failed build's log says: which kind of failure, which line of the Dockerfile, what to do next."""

from __future__ import annotations

import re
from collections.abc import Collection

from deploy.errors import BuildFailed, CommandFailed, DeployError, EngineUnavailable
from deploy.image.steps import step_line
from deploy.known_failures import APT, Circumstances, diagnose, last_words

TAIL_LINES = 25

_DISK_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_ENGINE_GONE = re.compile(
    r"cannot connect to the docker daemon|failed to dial grpc|error reading from server"
    r"|transport is closing|code = unavailable|connection reset by peer.*docker",
    re.IGNORECASE,
)
_SYNTAX = re.compile(r"dockerfile parse error(?: on)? line (?P<line>\d+): (?P<why>.*)", re.IGNORECASE)
_UNREADABLE = re.compile(
    r"the Dockerfile cannot be empty|file with no instructions|no build stage in current context"
    r"|failed to read dockerfile: .*|failed to parse .*|dockerfile parse error.*"
)
_MISSING_SECRET = re.compile(r"secret (?P<name>\S+) not found: not found|secret (?P<other>\S+): not found")
_FETCHED = re.compile(r"\b(?:load metadata for|resolve image config for|FROM) (?:docker-image://)?(?P<image>\S+)$")
_FAILED_STEP = re.compile(r"^#(?P<number>\d+) ERROR: (?P<why>.*)$")
_STEP = re.compile(r"^#(?P<number>\d+) (?P<title>.*)$")
_POINTER = re.compile(r"^\s*(?P<line>\d+) \| >>> ")
_ALPINE = re.compile(r"^\s*FROM .*alpine", re.IGNORECASE | re.MULTILINE)
_MOUNTED = re.compile(r"type=secret,id=(?P<name>[\w.-]+)")
_EXIT_CODE = re.compile(r"exit code: (?P<code>\d+)")


def engine_trouble(log: list[str]) -> EngineUnavailable | None:
    """The engine's own failure, when the log shows one: its disk is full, or it went away."""
    if any(_DISK_FULL.search(line) for line in log):
        return EngineUnavailable(
            "The Docker engine's disk is full.",
            cause="images and build cache have used up the space of the engine's data folder",
            next_step="docker system df shows what takes it; docker builder prune frees the build cache",
            details=_tail(log),
        )
    if any(_ENGINE_GONE.search(line) for line in _tail(log)):
        return engine_gone(log)
    return None


def engine_gone(log: list[str]) -> EngineUnavailable:
    return EngineUnavailable(
        "The Docker engine stopped answering during the build.",
        cause="it was stopped, or it crashed",
        next_step="docker info says when it is back; then run the same command again",
        details=_tail(log),
    )


def overdue(error: CommandFailed) -> BuildFailed:
    """A build that was stopped at its timeout, or whose client could not be started."""
    return BuildFailed(
        f"The image was not built: {error.what}",
        cause=error.cause,
        next_step="look in the log for what it waits for, or raise the target's build_timeout in deploy.toml",
        details=error.details,
    )


def build_failure(
    log: list[str], dockerfile: str, *, secrets: Collection[str] = (), variables: Collection[str] = ()
) -> DeployError:
    """The error that a failed build's log amounts to.

    `dockerfile` is the text that was built, `secrets` and `variables` the names of what the build was offered.
    """
    here = Circumstances(building=True, secrets=frozenset(secrets), variables=frozenset(variables))
    return engine_trouble(log) or _unparsed(log) or _failed_step(log, dockerfile, here)


def _unparsed(log: list[str]) -> BuildFailed | None:
    for line in log:
        if match := _SYNTAX.search(line):
            where = f"Dockerfile:{match['line']}"
            return BuildFailed(f"The Dockerfile does not parse: {match['why']} ({where}).", next_step=f"mend {where}")
    for line in log:
        if match := _UNREADABLE.search(line):
            return BuildFailed(f"The Dockerfile does not parse: {match[0]}.", next_step="mend the Dockerfile")
    return None


def _failed_step(log: list[str], dockerfile: str, here: Circumstances) -> BuildFailed:
    title, why = _last_error(log)
    if (needed := _FETCHED.search(title)) is not None:
        return _not_fetched(needed["image"], why)
    line = _pointed_line(log) or step_line(dockerfile, title)
    where = f" (Dockerfile:{line})" if line else ""
    if secret := _MISSING_SECRET.search(why):
        name = secret["name"] or secret["other"]
        return BuildFailed(
            f"The Dockerfile requires the build secret {name}, which has no value{where}.",
            cause="a step mounts it with required=true",
            next_step=f"declare {name} under the target's secrets in deploy.toml and give it a value",
            details=_tail(log),
        )
    output = _output(log) or log
    known = diagnose(output, here)
    cure = known.cure if known else "mend what the last lines of the log show"
    if _ALPINE.search(dockerfile):
        cure = cure.replace(APT, "apk add --no-cache").replace("packages.debian.org", "pkgs.alpinelinux.org")
    if (mounted := _MOUNTED.search(title)) and mounted["name"] in here.secrets:
        cure += f" (this step mounts {mounted['name']}, which has a stand-in here: rehearse in deploy.toml)"
    return BuildFailed(
        f"The image does not build: {title or 'the build'} failed{where}.",
        cause=known.cause if known else _reason(why, output),
        next_step=f"{cure}, then: invoke build",
        details=_tail(log),
    )


def _not_fetched(image: str, why: str) -> BuildFailed:
    return BuildFailed(
        f"The image {image}, which the Dockerfile needs, could not be fetched.",
        cause=why or None,
        next_step=f"docker pull {image}",
    )


def _last_error(log: list[str]) -> tuple[str, str]:
    """The title of the step that failed and what BuildKit said of it; empty when it said nothing."""
    failed = _failed(log)
    if failed is None:
        return "", log[-1] if log else ""
    steps = (match for line in log if (match := _STEP.match(line)))
    title = next(match["title"] for match in steps if match["number"] == failed["number"])
    return "" if title.startswith("ERROR: ") else title, failed["why"]


def _failed(log: list[str]) -> re.Match[str] | None:
    return next((match for line in log if (match := _FAILED_STEP.match(line))), None)


def _output(log: list[str]) -> list[str]:
    """What the commands of the failed step wrote."""
    failed = _failed(log)
    written = re.compile(rf"#{failed['number']} \d+\.\d+ ") if failed else None
    return [line for line in log if written and written.match(line)]


def _pointed_line(log: list[str]) -> int | None:
    """BuildKit since 0.9 points at the line itself; older ones name the step only."""
    pointed = next((match for line in log if (match := _POINTER.match(line))), None)
    return int(pointed["line"]) if pointed else None


def _reason(why: str, output: list[str]) -> str | None:
    code = _EXIT_CODE.search(why)
    if not code:
        return why or None
    words = last_words(output)
    return f"its command ended with code {code['code']}" + (f"; the last it wrote: {words}" if words else "")


def _tail(log: list[str]) -> tuple[str, ...]:
    return tuple(log[-TAIL_LINES:])
