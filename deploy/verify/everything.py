"""All checks of a running deployment, in the order of the specification's tasks."""

from __future__ import annotations

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

REPEATABLE: tuple[Check, ...] = (
    *(ENDPOINTS, AUTH, ERRORS, BROWSER, TOKENS, CRUD, OPERATIONS, RESPONSIVE, LOGS, FEATURES),
)
"""They run side by side, as often as one likes."""

LAST: tuple[Check, ...] = (SECURITY,)
"""What throttles the logins of whoever runs it."""

IN_A_CONTAINER: tuple[Check, ...] = (*REPEATABLE, *LAST)
MEASURED: tuple[Check, ...] = (PERFORMANCE, LOAD)
