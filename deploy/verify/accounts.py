"""Accounts that the checks make, so that none of them is left behind."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.config import ScenarioConfig
from deploy.proof import NotRun
from deploy.secret import Secret
from deploy.verify.app import App

MARK = "check-"
"""How the name of every account begins that a check makes."""


@dataclass(frozen=True, kw_only=True)
class Account:
    username: str
    password: Secret

    @property
    def form(self) -> dict[str, str]:
        """The fields of an OAuth2 password form."""
        return {"username": self.username, "password": self.password.reveal()}


class Accounts:
    """Makes accounts of one deployment and deletes them all in the end; used from any thread."""

    def __init__(self, app: App, scenario: ScenarioConfig, *, random: Callable[[int], str] = secrets.token_hex) -> None:
        self._app = app
        self._scenario = scenario
        self._random = random
        self._made: list[Account] = []
        self._lock = threading.Lock()

    def make(self) -> Account:
        """A new account. Raises NotRun when the app takes no registrations."""
        if not self._scenario.register:
            raise NotRun("the scenario names no way to register")
        account = self.invent()
        with self._lock:  # before it is asked for: an answer that is lost leaves an account all the same
            self._made.append(account)
        answer = self._app.ask(self._scenario.register, "POST", json=account.form)
        if answer.status not in {200, 201}:
            raise NotRun(f"no account could be made: POST {self._scenario.register} is {answer.told}")
        return account

    def invent(self) -> Account:
        """Name and password of an account that nobody made."""
        return Account(username=f"{MARK}{self._random(8)}", password=Secret(self._random(16)))

    def token(self, account: Account) -> Mapping[str, object]:
        """The answer to a login. Raises NotRun when there is none."""
        answer = self._app.ask(self._scenario.login, "POST", form=account.form)
        if answer.status != 200:
            raise NotRun(f"nobody can log in: POST {self._scenario.login} is {answer.told}")
        return answer.document

    def delete_all(self) -> tuple[str, ...]:
        """Deletes what is left, and gives the names of those that could not be deleted."""
        with self._lock:
            made, self._made = tuple(self._made), []
        return tuple(account.username for account in made if not self._delete(account))

    def _delete(self, account: Account) -> bool:
        login = self._app.ask(self._scenario.login, "POST", form=account.form)
        if login.status in {400, 401}:
            return True  # it is gone, or never was
        bearer = {"Authorization": f"Bearer {login.document.get('access_token')}"}
        body = {"password": account.password.reveal()}
        removal = self._app.ask(self._scenario.delete_account, "POST", json=body, headers=bearer)
        return removal.status in {200, 204}
