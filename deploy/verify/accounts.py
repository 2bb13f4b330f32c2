"""Accounts that the checks make, so that none of them is left behind."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from deploy.config import ScenarioConfig
from deploy.http import Answer
from deploy.proof import NotRun
from deploy.secret import Secret
from deploy.verify import acts
from deploy.verify.acts import Account
from deploy.verify.app import App

MARK = "check-"
"""How the name of every account begins that a check makes."""

PATIENCE = 75
"""Seconds that a throttled login or registration is waited for: most limits are by the minute."""


class NoWayIn(NotRun):
    """Nobody can register or log in. `status` is what the app answered, 0 for nothing."""

    def __init__(self, what: str, answer: Answer) -> None:
        super().__init__(f"{what} is {answer.outcome}")
        self.status = answer.status


@dataclass(frozen=True, kw_only=True)
class UserSession:
    """One login: `access` opens the app, `refresh` renews it, None in an app that renews nothing."""

    account: Account
    access: Secret
    refresh: Secret | None

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access.reveal()}"}


class Accounts:
    """Makes accounts of one deployment, and deletes them all when it closes; used from any thread.

    `on_left` is told then the names of those that could not be deleted, if there are any.

    An app may throttle registrations and logins, so checks share two accounts and one login of each: `owner` and
    `stranger`, who know nothing of one another.
    """

    def __init__(
        self,
        app: App,
        scenario: ScenarioConfig,
        *,
        sleep: Callable[[float], None] = time.sleep,
        on_left: Callable[[tuple[str, ...]], object] = lambda _names: None,
    ) -> None:
        self._app = app
        self._scenario = scenario
        self._sleep = sleep
        self._on_left = on_left
        self._made: list[Account] = []
        self._shared: dict[str, UserSession] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        try:
            self.delete_all()
        finally:  # also when somebody does not wait for that
            if left := self.left:
                self._on_left(left)

    @property
    def left(self) -> tuple[str, ...]:
        """Names of accounts that were made and are not known to be gone."""
        with self._lock:
            return tuple(account.username for account in self._made)

    def owner(self) -> UserSession:
        """Raises NotRun when nobody can register or log in."""
        return self._share("owner")

    def stranger(self) -> UserSession:
        """Raises NotRun when nobody can register or log in."""
        return self._share("stranger")

    def make(self) -> Account:
        """A new account. Raises NotRun when the scenario names no way to register, NoWayIn when the app refuses."""
        if not self._scenario.register:
            raise NotRun("the scenario names no way to register")
        account = self.invent()
        with self._lock:  # before it is asked for: an answer that is lost leaves an account all the same
            self._made.append(account)
        answer = self._patiently(lambda: acts.register(self._app, self._scenario, account))
        if answer.status not in {200, 201}:
            raise NoWayIn(f"no account could be made: POST {self._scenario.register}", answer)
        return account

    def invent(self) -> Account:
        """Name and password of an account that nobody made."""
        return Account(username=f"{MARK}{secrets.token_hex(8)}", password=Secret(secrets.token_hex(16)))

    def log_in(self, account: Account) -> UserSession:
        """A login of its own. Raises NotRun when the scenario names no way to log in, NoWayIn when the app refuses."""
        if not self._scenario.login:
            raise NotRun("the scenario names no way to log in")
        answer = self._patiently(lambda: self._try(account))
        session = _session(account, answer)
        if session is None:
            raise NoWayIn(f"nobody can log in: POST {self._scenario.login}", answer)
        return session

    def replace(self, account: Account, by: Account) -> None:
        """Says that `account` has another password now."""
        with self._lock:
            self._made = [by if made == account else made for made in self._made]

    def forget(self, account: Account) -> None:
        """Says that `account` is gone: a check has deleted it."""
        with self._lock:
            self._made = [made for made in self._made if made != account]

    def delete_all(self) -> tuple[str, ...]:
        """Deletes those that are left, so that whoever asks next gets new ones; gives the names of any that stay."""
        with self._lock:
            sessions = {session.account: session for session in self._shared.values()}
            self._shared = {}
            for account in tuple(self._made):
                if self._delete(account, sessions.get(account)):
                    self._made.remove(account)
            return self.left

    def _share(self, name: str) -> UserSession:
        with self._lock:
            if name not in self._shared:
                self._shared[name] = self.log_in(self.make())
            return self._shared[name]

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Comes again once when the app says when to."""
        answer = ask()
        after = answer.headers.get("retry-after", "")
        if answer.status == 429 and after.isdigit() and int(after) <= PATIENCE:
            self._sleep(int(after))
            return ask()
        return answer

    def _try(self, account: Account) -> Answer:
        return acts.log_in(self._app, self._scenario, account)

    def _delete(self, account: Account, session: UserSession | None) -> bool:
        """Whether it is gone. A session may have ended without our doing, as in a restart."""
        if not self._scenario.delete_account:
            return False
        if session and self._remove(session):
            return True
        login = self._patiently(lambda: self._try(account))
        if login.status in {400, 401}:
            return True  # it is gone, or never was
        session = _session(account, login)
        return session is not None and self._remove(session)

    def _remove(self, session: UserSession) -> bool:
        removal = acts.delete_account(self._app, self._scenario, session.account, session.bearer)
        return removal.status in {200, 204}


def _session(account: Account, login: Answer) -> UserSession | None:
    access, refresh = login.document.get("access_token"), login.document.get("refresh_token")
    if not isinstance(access, str):
        return None
    return UserSession(
        account=account, access=Secret(access), refresh=Secret(refresh) if isinstance(refresh, str) else None
    )
