"""All checks of a running deployment, in the order of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.verify.auth import AUTH
from deploy.verify.browser import BROWSER, RESPONSIVE
from deploy.verify.check import Check
from deploy.verify.crud import CRUD
from deploy.verify.endpoints import ENDPOINTS
from deploy.verify.errors import ERRORS
from deploy.verify.features import FEATURES
from deploy.verify.load import LOAD
from deploy.verify.logs import LOGS
from deploy.verify.operations import OPERATIONS
from deploy.verify.performance import PERFORMANCE
from deploy.verify.security import SECURITY
from deploy.verify.tokens import TOKENS


@dataclass(frozen=True, kw_only=True)
class Suite:
    """`repeatable` run side by side, as often as one likes, and `again` are those that are repeated; `measured` feel
    each other and visitors feel them; `last` throttle the logins of whoever runs them.
    """

    repeatable: tuple[Check, ...]
    again: tuple[Check, ...]
    measured: tuple[Check, ...]
    last: tuple[Check, ...]

    @property
    def once(self) -> tuple[Check, ...]:
        return (*self.repeatable, *self.measured, *self.last)

    @property
    def in_a_container(self) -> tuple[Check, ...]:
        return (*self.repeatable, *self.last)


_REPEATABLE = (ENDPOINTS, AUTH, ERRORS, BROWSER, TOKENS, CRUD, OPERATIONS, RESPONSIVE, LOGS, FEATURES)
FULL_SUITE = Suite(
    repeatable=_REPEATABLE,
    again=_REPEATABLE,
    measured=(PERFORMANCE, LOAD),
    last=(SECURITY,),
)
