"""How one attempt is carried out: build, start, wait until it answers. Blocks, and tells nobody but the logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deploy.card import CardError, parse
from deploy.card.reading import DEFAULT_STARTUP
from deploy.localhub.runtime.address.proxy import Upstream
from deploy.localhub.runtime.attempt import Attempt, Revision
from deploy.localhub.runtime.faults import Faults
from deploy.localhub.runtime.logs.newest import SpaceLogs
from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import AttemptFailed, SpaceBuild, Stage
from deploy.localhub.runtime.record import Built
from deploy.localhub.runtime.runner import Instance, Runner
from deploy.localhub.runtime.startup import ended, wait_until_answers

REASON_LENGTH = 2000
"""Characters of an app's last output that become part of the Space's error message."""
_GRACE = 2.0
"""Seconds for an app that has not served anybody."""


class Builder:
    """The runner, the logs and the faults of one Space."""

    def __init__(self, runner: Runner, logs: SpaceLogs, faults: Faults) -> None:
        self._runner = runner
        self._logs = logs
        self._faults = faults

    def has(self, built: Built) -> bool:
        """Whether an earlier build is still there to be started."""
        return self._runner.exists(built.reference)

    def prune(self, space_id: str, keep: tuple[str, ...]) -> None:
        self._runner.prune(space_id, keep)

    def build(self, attempt: Attempt) -> Built:
        """Raises AttemptFailed or Superseded."""
        build = attempt.build
        log = self._logs.begin("build", clean=build.redactor())
        try:
            log.append(f"===== Build Queued at {_stamp()} / Commit SHA: {build.commit[:7]} =====\n\n")
            self._faults.delay(attempt.cancellation)
            reference = self._runner.build(build, log.append, attempt.cancellation, fresh=attempt.fresh)
        except AttemptFailed as failure:
            log.append(f"\n--> ERROR: {failure.message}\n")
            raise
        finally:
            log.close()
        return Built(commit=build.commit, reference=reference)

    def start(self, attempt: Attempt, built: Built, on_exit: Callable[[], None]) -> Revision:
        """A revision that answers; `on_exit` is called when it ends. Raises AttemptFailed or Superseded, and then
        nothing of it runs."""
        log = self._logs.begin("run")
        log.append(f"===== Application Startup at {_stamp()} =====\n\n")

        def close_log() -> None:
            log.close()
            on_exit()

        try:
            if "crash_at_boot" in self._faults:
                log.append("The local Hub was told to let this app crash: fault crash_at_boot\n")
                raise AttemptFailed(Stage.RUNTIME_ERROR, f"Exit code: 1. Reason: {last_words(attempt.build, log)}")
            attempt.build = replace(attempt.build, size=self._faults.size(attempt.build.size))
            timeout = startup_seconds(attempt.build.folder)
            instance = self._runner.start(attempt.build, built.reference, log.append, close_log)
        except BaseException:
            log.close()
            raise
        return self._awaited(attempt, built, instance, log, timeout)

    def _awaited(self, attempt: Attempt, built: Built, instance: Instance, log: LogStream, timeout: float) -> Revision:
        try:
            port = wait_until_answers(
                instance,
                timeout=timeout,
                cancellation=attempt.cancellation,
                tail=lambda: last_words(attempt.build, log),
            )
        except BaseException:
            instance.stop(_GRACE)
            log.close()
            raise
        if instance.keeps_folder:
            built = replace(built, folder=str(attempt.build.folder))
        else:
            attempt.discard()
        return Revision(attempt=attempt, built=built, instance=instance, upstream=Upstream(port), log=log)


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


def last_words(build: SpaceBuild, log: LogStream) -> str:
    """The end of the app's own output, without the values of its secrets."""
    return build.redactor()("".join(event.data for event in log.read(1)))[-REASON_LENGTH:].strip()


def explain_exit(revision: Revision) -> str:
    """The error message for a revision that served and ended."""
    return ended(revision.instance, last_words(revision.attempt.build, revision.log))


def startup_seconds(folder: Path) -> float:
    """Seconds until an app must answer: `startup_duration_timeout` of the card, 30 minutes without one."""
    try:
        return parse((folder / "README.md").read_text(encoding="utf-8")).startup_timeout
    except (CardError, OSError, UnicodeDecodeError):
        return DEFAULT_STARTUP
