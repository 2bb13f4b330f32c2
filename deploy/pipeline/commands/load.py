"""load: the declared load by itself, on what serves now, from this machine or together with others."""

from __future__ import annotations

from collections.abc import Callable

from deploy.config import Address
from deploy.errors import ConfigError, VerificationFailed
from deploy.pipeline.commands.verify import prove_what_serves
from deploy.pipeline.ending import Ending
from deploy.pipeline.failure import Failure, from_proofs
from deploy.pipeline.run import Run
from deploy.pipeline.steps.plan import confirm
from deploy.pipeline.steps.space import existing
from deploy.pipeline.steps.subject import of_space
from deploy.proof import NotRun
from deploy.verify.check import Check
from deploy.verify.load import LOAD
from deploy.verify.subject import Subject
from deploy.verify.suite import run_suite
from deploy.verify.swarm import MODELS, Model, take_part

_DOING = "Put load on"


def put_load(run: Run, *, yes: bool, check: Check = LOAD) -> None:
    """The load, held to its budgets. Raises VerificationFailed, also when it could not be put on."""
    info = existing(run)
    confirm(run, yes=yes, doing=_DOING)
    prove_what_serves(run, info, lambda: _what_is_not_borne(run, check), ending=Ending.LOADED)


def join_load(
    run: Run, at: str, *, yes: bool, take_part: Callable[[Subject, Model, Address], object] = take_part
) -> None:
    """This machine's part of the load that another one commands `at` that host and port.

    Raises ConfigError when it is none, CommandFailed when nobody waits there, VerificationFailed without the tools.
    """
    master = _master(at)
    existing(run)
    confirm(run, yes=yes, doing=_DOING)
    with of_space(run) as subject:
        for model in MODELS:
            with run.console.step(f"{model} load") as step:
                try:
                    take_part(subject, model, master)
                except NotRun as reason:
                    raise VerificationFailed("This machine cannot take part.", cause=str(reason)) from reason
                step.note(f"as {at} wanted it")
    run.end(Ending.JOINED)


def _master(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise ConfigError(
            f"No load can be joined: {error}.", next_step="give --join what `listen` under [load] says over there"
        ) from error


def _what_is_not_borne(run: Run, check: Check) -> Failure | None:
    with of_space(run) as subject, run.console.step("load") as step:
        [proof] = run_suite([check], subject)
        step.note(proof.seen)
        if proof.verdict != "passed":
            step.fail(proof.line)
    run.prove(proof)
    if proof.verdict == "not run":
        return Failure(what="The load was not put on it.", cause=proof.seen)
    return from_proofs([proof]) if proof.verdict == "failed" else None
