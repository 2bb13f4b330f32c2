"""Visitors: whoever comes, and those who are logged in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.http import Answer
from deploy.proof import NotRun
from deploy.verify.accounts import UserSession
from deploy.verify.app import App
from deploy.verify.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Whoever comes, with what they show of themselves."""

    site: App
    bearer: Mapping[str, str] = field(default_factory=dict)

    def ask(
        self, path: str, method: str = "GET", *, json: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self.site.ask(path, method, json=json, headers={**self.bearer, **(headers or {})})


@dataclass(frozen=True, kw_only=True)
class Visitor(Guest):
    session: UserSession

    @classmethod
    def of(cls, site: App, session: UserSession) -> Visitor:
        return cls(site=site, session=session, bearer=session.bearer)


def ask_as(site: App, token: str, path: str) -> Answer:
    """One request with `token` as its bearer, whatever that is."""
    return site.ask(path, headers={"Authorization": f"Bearer {token}"})


def anyone(subject: Subject) -> Guest:
    """The owner, or in an app without logins whoever comes. Raises NotRun when nobody can log in who should."""
    return owner(subject) if subject.scenario.login else Guest(site=subject.site)


def owner(subject: Subject) -> Visitor:
    """Raises NotRun when nobody can log in."""
    require_a_way_in(subject)
    return Visitor.of(subject.site, subject.accounts.owner())


def stranger(subject: Subject) -> Visitor:
    """Somebody else. Raises NotRun when nobody can log in."""
    require_a_way_in(subject)
    return Visitor.of(subject.site, subject.accounts.stranger())


def log_in(subject: Subject, session: UserSession) -> Visitor:
    """Once more as whoever has `session`, in a session of its own. Raises NotRun."""
    return Visitor.of(subject.site, subject.accounts.log_in(session.account))


def require_a_way_in(subject: Subject) -> None:
    """Raises NotRun when nobody can log in, whatever the app does."""
    if subject.site.admission.obstacle:
        raise NotRun(subject.site.admission.obstacle)
