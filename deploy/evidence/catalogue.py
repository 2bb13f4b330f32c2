"""The 35 tasks of the specification in their seven phases, each with the checks that prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.proof import Verdict


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task; it is proved when every one of its checks passed.

    `phase` is the number of a phase, 1 to 7; `commands` has each check's name with the command that runs it. A check
    that is `optional` may be left out, where what it asks cannot be reached; when it fails, so does the task.
    """

    id: str
    phase: int
    title: str
    commands: Mapping[str, str]
    optional: frozenset[str] = frozenset()

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(self.commands)

    def verdict(self, verdicts: Mapping[str, Verdict]) -> Verdict:
        """From those of its checks: passed when all passed, failed when one failed, else not run."""
        needed = {it for check, it in verdicts.items() if it != "not run" or check not in self.optional}
        return "failed" if "failed" in needed else "passed" if needed == {"passed"} else "not run"


PHASES: Mapping[int, str] = {
    1: "Setup",
    2: "Foundational",
    3: "US1, the runtime",
    4: "US2, the deployment",
    5: "US3, the integration",
    6: "US4, production",
    7: "Polish",
}

_ROWS = """
1 T001 check specification     | The specification is there to be read
1 T002 check structure         | The source has the structure of a Docker Space, and its files arrive as they are
1 T003 check dependencies      | Dependencies are declared, the image installs them, its server among them
2 T004 check entry             | `main.py` stands at the root, or the declared entry is what the image starts
2 T005 check application       | The entry point exposes the FastAPI application `app`
2 T006 check imports           | The requirements are complete: the lock covers every import and every input
2 T007 check secrets           | Secrets come from the environment only
2 T008 check ports             | No port is hard-coded against `app_port`
3 T009 smoke image             | `main.py` is fit for a Space: it imports and serves as uid 1000 on a read-only root
3 T010 verify settings         | The Space has its settings and the required environment
3 T011 check server starts     | Nothing starts a second server
3 T012 smoke boot              | The runtime was tested on this machine
3 T013 check binding, smoke assigned port | The server binds to the port the platform assigns
4 T014 deploy build            | The build succeeds
4 T015 verify serving          | The app answers over HTTP with the deployed revision
4 T016 verify endpoints        | Every endpoint is reachable and works
4 T017 verify auth             | The authentication flow works in the deployed environment
4 T018 verify errors           | Errors are handled there
5 T019 verify browser          | The frontend reaches the backend
5 T020 verify tokens           | Tokens are attached, renewed and refused as they should be
5 T021 verify crud             | All task operations work
5 T022 verify operation errors | Every operation handles its errors
5 T023 verify responsive       | The pages fit three widths
6 T024 verify load             | It bears the declared load
6 T025 verify security, smoke layers, lock.audit audit? | Security measures hold
6 T026 verify logs             | Errors are logged and monitored
6 T027 verify features         | All features work in production
6 T028 verify performance      | Performance budgets hold
7 T029 report requirements     | All requirements of the specification are satisfied
7 T030 verify stable           | It is stable: twice in a row and after a restart, the same results
7 T031 plan configuration      | No configuration violation is left
7 T032 verify production build | The production build has all features
7 T033 deploy end to end       | The whole works end to end
7 T034 report documentation    | The documentation is up to date
7 T035 report summary          | The summary report is written
"""

"""Phase, task, its checks as `command name`, title. A `?` says that the check is optional."""


def _task(row: str) -> Task:
    head, _, title = row.partition("|")
    phase, task, checks = head.split(maxsplit=2)
    pairs = (check.strip().split(maxsplit=1) for check in checks.split(","))
    named = {name: command for command, name in pairs}
    return Task(
        id=task,
        phase=int(phase),
        title=title.strip(),
        commands={name.removesuffix("?"): command for name, command in named.items()},
        optional=frozenset(name.removesuffix("?") for name in named if name.endswith("?")),
    )


TASKS: tuple[Task, ...] = tuple(_task(row) for row in _ROWS.strip().splitlines())
OF_CHECK: Mapping[str, Task] = {check: task for task in TASKS for check in task.checks}
"""The task that a check proves; no check proves two."""


def of_phase(phase: int) -> tuple[Task, ...]:
    return tuple(task for task in TASKS if task.phase == phase)
