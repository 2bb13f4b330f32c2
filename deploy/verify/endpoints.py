"""Every endpoint is reachable and keeps what the deployment's own OpenAPI document promises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from deploy.proof import Cell
from deploy.verify.app import Asked
from deploy.verify.check import Check, Seen
from deploy.verify.openapi import Operation, read_operations
from deploy.verify.promises import SEED, Rates, go_through
from deploy.verify.subject import Subject


def _run(subject: Subject) -> Seen:
    operations = read_operations(subject.site)
    throttled = _throttled(subject)
    passes = go_through(subject, throttled)
    rows = tuple(_rows(operations, [one.rates for one in passes], subject.site.asked(), throttled))
    unreached = [str(row["operation"]) for row in rows if not row["success"]]
    broken = [line for one in passes for line in one.failures]
    promises = "a promise was broken" if broken else "every promise was kept"
    return Seen(
        text=f"{len(rows) - len(unreached)} of {len(rows)} operations answered with success, "
        f"{promises} in {sum(one.cases for one in passes)} cases",
        violations=(*(f"{operation}: never answered with success" for operation in unreached), *broken),
        details=(*(line for one in passes for line in one.summary), f"repeat it with seed {SEED}"),
        tables={"endpoints": rows},
    )


def _throttled(subject: Subject) -> tuple[str, ...]:
    """Operations that bear few attempts, so that the checks of accounts ask them and nothing else does."""
    scenario = subject.scenario
    paths = (scenario.register, scenario.login, scenario.refresh, scenario.logout)
    return tuple(filter(None, (*paths, scenario.change_password, scenario.delete_account)))


def _rows(
    operations: Iterable[Operation],
    rates: Sequence[Rates],
    asked: Sequence[Asked],
    throttled: Sequence[str],
) -> Iterable[dict[str, Cell]]:
    """What each operation answered: to Schemathesis, and to the other checks."""
    for operation in operations:
        own = [one for one in asked if one.method == operation.method and _fits(operation.path, one.path)]
        phases = [phase for some in rates for phase in some.get(operation.name, {}).values()]
        yield {
            "operation": operation.name,
            "calls": sum(sum(phase.values()) for phase in phases) + len(own),
            "success": sum(phase["accepted"] for phase in phases) + sum(one.status in range(200, 300) for one in own),
            "by": "other checks" if operation.path in throttled else "Schemathesis",
        }


def _fits(template: str, path: str) -> bool:
    pattern = "[^/]+".join(map(re.escape, re.split(r"\{[^}]+\}", template)))
    return re.fullmatch(pattern, path.partition("?")[0]) is not None


ENDPOINTS = Check(
    name="endpoints", asked="every operation answers with success and keeps what the API's document promises", run=_run
)
