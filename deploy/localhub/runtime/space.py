"""The state machine of one Space: attempts to bring a commit up, and the revision that serves meanwhile."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from deploy.localhub.runtime.attempt import Attempt, Revision, adopt
from deploy.localhub.runtime.builder import Builder, explain_exit
from deploy.localhub.runtime.faults import Faults
from deploy.localhub.runtime.logs.newest import SpaceLogs
from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import (
    AttemptFailed,
    Reading,
    RuntimeState,
    SpaceBuild,
    Stage,
    Superseded,
    UsageUnknown,
)
from deploy.localhub.runtime.ports import listen
from deploy.localhub.runtime.queue import AttemptQueue
from deploy.localhub.runtime.record import Built, Record
from deploy.localhub.runtime.reporter import Reporter
from deploy.localhub.runtime.rollout import Ending, Phase, Rollout
from deploy.localhub.runtime.router import Router, StopTimeouts
from deploy.localhub.runtime.runner import Runner
from deploy.network import LOOPBACK

_DEATH = 2.0
"""Seconds within which it shows that an app is gone which answers no more."""


class Space:
    """Implements `supervision.SpaceRuntime`; work is done in a thread that lives as long as there is some.

    `announce` gets every change of the reported state, in order and under the lock: it must only pass it on.
    """

    def __init__(
        self,
        space_id: str,
        *,
        home: Path,
        runner: Runner,
        announce: Callable[[RuntimeState], None],
        timeouts: StopTimeouts,
    ) -> None:
        self.id = space_id
        self._folder = home / "spaces" / space_id
        self._lock = threading.RLock()
        record_path = self._folder / "runtime.json"
        record = Record.read(record_path)
        self._faults = Faults()
        self._logs = SpaceLogs(self._folder / "logs")
        self._builder = Builder(runner, self._logs, self._faults)
        self._router = Router(listen(home, space_id, record.port), self.state, timeouts)
        self.proxy = self._router.proxy
        self._reporter = Reporter(record, record_path, port=self.proxy.port, faults=self._faults, announce=announce)
        self._queue = AttemptQueue(f"space {space_id}", self._lock, self._carry_out)
        self._timeouts = timeouts
        self._closing = False
        _sweep(self._folder / "revisions", record.built)

    # What is asked of it ---------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.proxy.port}"

    def deploy(self, build: SpaceBuild) -> None:
        self._begin(Attempt(build=self._adopted(build)))

    def restart(self, build: SpaceBuild, *, factory: bool = False) -> None:
        """The same image in a new container, unless there is none for this commit or `factory` wants it built anew."""
        built = self._reporter.record.built
        kept = built if built and built.commit == build.commit and not factory else None
        self._begin(Attempt(build=self._adopted(build), built=kept, fresh=factory))

    def resume(self, build: SpaceBuild) -> None:
        """What was built last is served again when it is the commit of `build`, or when the newer one failed.

        Anything else is built.
        """
        build = self._adopted(build)
        with self._lock:
            built, ending = self._reporter.record.built, self._reporter.rollout.ending
            same = built if built and built.commit == build.commit else None
            self._router.admit(build)
            if ending is None:
                self._begin(Attempt(build=build, built=same))
            elif ending.failed and built and built.commit != ending.sha:
                self._begin(Attempt(build=_older(build, built), built=built, quiet=True))
            else:
                Attempt(build=build).discard()

    def pause(self) -> None:
        with self._lock:
            self._queue.cancel()
            ending = Ending(stage=Stage.PAUSED, sha=self._reporter.rollout.sha)
            self._router.detach()
            self._reporter.change(Rollout(wished=self._reporter.rollout.wished, ending=ending))

    def stop(self) -> None:
        with self._lock:
            self._queue.cancel()
            self._router.detach()
            self._router.shut()
            self._reporter.forget()
            self._logs.forget()
            self._queue.add_chore(self._clear_away)

    def close(self) -> None:
        """The Hub ends: what runs is stopped, and what is remembered stays as it is."""
        with self._lock:
            self._closing = True
            self._queue.cancel()
            self._router.detach(keep_folder=True)
            self._logs.close()

    def join(self) -> None:
        """Wait for the end of all that was started."""
        self._queue.join()
        for thread in self._router.retiring:
            thread.join()

    def state(self) -> RuntimeState:
        with self._lock:
            return self._reporter.state()

    def log(self, kind: str) -> LogStream:
        return self._logs.stream(kind)

    def usage(self) -> Reading:
        with self._lock:
            revision = self._router.serving
        gone = UsageUnknown("No app of this Space runs", running=False)
        if revision is None:
            raise gone
        try:
            return revision.reading()
        except UsageUnknown:  # the dying do not tell what they use, nor at once that they die
            if revision.gone.wait(_DEATH):
                raise gone from None
            raise

    def fault(self, name: str, value: object) -> None:
        with self._lock:
            self._faults.put(name, value)
            self._reporter.refresh()

    def show(self, *, private: bool) -> None:
        with self._lock:
            self._router.show(private=private)

    # One attempt after another ---------------------------------------------------------------------------

    def _begin(self, attempt: Attempt) -> None:
        with self._lock:
            if self._closing:
                attempt.discard()
                return
            self._router.admit(attempt.build)
            self._queue.put(attempt)
            if not attempt.quiet:
                rollout = self._reporter.rollout
                self._reporter.change(replace(rollout, phase=attempt.phase, wished=attempt.commit, ending=None))

    def _carry_out(self, attempt: Attempt) -> None:
        try:
            built = attempt.built if attempt.built and self._builder.has(attempt.built) else None
            if built is None:
                self._enter(attempt, Phase.BUILDING)
                built = self._builder.build(attempt)
            self._enter(attempt, Phase.STARTING)
            self._make_room()
            self._serve(attempt, self._builder.start(attempt, built, lambda: self._ended(attempt)))
        except Superseded:
            attempt.discard()
        except AttemptFailed as failure:
            self._fail(attempt, failure.stage, failure.message)
        except BaseException as error:
            self._fail(attempt, Stage.RUNTIME_ERROR, f"The local Hub itself failed, see its log: {error!r}")
            raise

    def _enter(self, attempt: Attempt, phase: Phase) -> None:
        with self._lock:
            attempt.cancellation.check()
            if not attempt.quiet:
                self._reporter.change(replace(self._reporter.rollout, phase=phase))

    def _make_room(self) -> None:
        """An app that chose its port itself goes before the next one comes, which will choose the same."""
        with self._lock:
            serving = self._router.serving
            if serving is None or not serving.instance.own_port:
                return
            leaving = self._router.detach(drain=self._timeouts.drain)
            self._reporter.change(replace(self._reporter.rollout, serving=None))
        if leaving:
            leaving.join()

    def _serve(self, attempt: Attempt, revision: Revision) -> None:
        with self._lock:
            current = self._queue.finish(attempt)
            if current:
                before = self._router.swap(revision)
                ending = self._reporter.rollout.ending if attempt.quiet else None
                rollout = replace(self._reporter.rollout, phase=Phase.IDLE, serving=attempt.commit, ending=ending)
                self._reporter.change(rollout, built=revision.built)
        if not current:
            revision.retire(drain=0, grace=self._timeouts.grace)
            return
        if revision.instance.exit() is not None:
            self._ended(attempt)
        self._builder.prune(self.id, tuple(one.built.reference for one in (revision, before) if one))

    def _fail(self, attempt: Attempt, stage: Stage, message: str) -> None:
        attempt.discard()
        with self._lock:
            if self._queue.finish(attempt) and not attempt.quiet:
                ending = Ending(stage=stage, sha=attempt.commit, message=message)
                self._reporter.change(replace(self._reporter.rollout, phase=Phase.IDLE, ending=ending))

    def _ended(self, attempt: Attempt) -> None:
        """The app of this attempt is gone; it matters if that is the one that serves."""
        with self._lock:
            revision = self._router.serving
            if revision is None or revision.attempt is not attempt:
                return
            rollout = replace(self._reporter.rollout, serving=None)
            self._router.detach()
            if rollout.phase is Phase.IDLE and rollout.ending is None:
                message = explain_exit(revision)
                rollout = replace(
                    rollout, ending=Ending(stage=Stage.RUNTIME_ERROR, sha=attempt.commit, message=message)
                )
            self._reporter.change(rollout)
            revision.gone.set()

    def _clear_away(self) -> None:
        """What was built for a Space that is deleted, once nothing of it runs."""
        for thread in self._router.retiring:
            thread.join()
        self._builder.prune(self.id, ())

    def _adopted(self, build: SpaceBuild) -> SpaceBuild:
        return adopt(build, self._folder / "revisions")


def _older(build: SpaceBuild, built: Built) -> SpaceBuild:
    """The revision built before, with the settings of now, in its own checkout if it runs in one."""
    if built.folder is None:
        return replace(build, commit=built.commit)
    Attempt(build=build).discard()
    return replace(build, commit=built.commit, folder=Path(built.folder))


def _sweep(revisions: Path, keep: Built | None) -> None:
    """Remove checkouts that a Hub before this one left, except that of the revision that may be served again."""
    kept = keep.folder if keep else None
    for folder in revisions.glob("*"):
        if str(folder) != kept:
            shutil.rmtree(folder, ignore_errors=True)
