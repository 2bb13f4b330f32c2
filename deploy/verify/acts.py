"""What people do with their accounts, in the words that this app has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.config import ScenarioConfig
from deploy.http import Answer
from deploy.secret import Secret
from deploy.verify.app import App


@dataclass(frozen=True, kw_only=True)
class Account:
    username: str
    password: Secret

    @property
    def words(self) -> dict[str, str]:
        """What the placeholders of a scenario stand for. The address is one that nobody has (RFC 2606)."""
        email = f"{self.username}@example.com"
        return {"username": self.username, "email": email, "password": self.password.reveal()}


def register(app: App, scenario: ScenarioConfig, account: Account) -> Answer:
    return app.ask(scenario.register, "POST", json=_filled(scenario.register_with, account.words))


def log_in(app: App, scenario: ScenarioConfig, account: Account, headers: Mapping[str, str] | None = None) -> Answer:
    fields = _filled(scenario.login_with, account.words)
    if scenario.login_as == "json":
        return app.ask(scenario.login, "POST", json=fields, headers=headers)
    form = {name: str(value) for name, value in fields.items()}
    return app.ask(scenario.login, "POST", form=form, headers=headers)


def change_password(
    app: App, scenario: ScenarioConfig, account: Account, new: Secret, headers: Mapping[str, str]
) -> Answer:
    body = _filled(scenario.change_password_with, {**account.words, "new_password": new.reveal()})
    return app.ask(scenario.change_password, scenario.change_password_by, json=body, headers=headers)


def delete_account(app: App, scenario: ScenarioConfig, account: Account, headers: Mapping[str, str]) -> Answer:
    body = _filled(scenario.delete_account_with, account.words)
    return app.ask(scenario.delete_account, scenario.delete_account_by, json=body or None, headers=headers)


def _filled(fields: Mapping[str, object], words: Mapping[str, str]) -> dict[str, object]:
    return {name: _said(value, words) for name, value in fields.items()}


def _said(value: object, words: Mapping[str, str]) -> object:
    """The same with its placeholders replaced, however deep they are."""
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace(f"{{{name}}}", word)
        return value
    if isinstance(value, Mapping):
        return _filled(value, words)
    return [_said(one, words) for one in value] if isinstance(value, list) else value
