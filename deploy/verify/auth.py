"""Accounts, from registering to being gone."""

from __future__ import annotations

from dataclasses import replace

from deploy.verify import acts
from deploy.verify.accounts import NoWayIn
from deploy.verify.acts import Account
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.subject import Subject
from deploy.verify.visitor import Visitor, require_a_way_in

_REFUSED = (400, 401)
"""OAuth2 answers a wrong password with 400 (RFC 6749, section 5.2); most apps answer 401."""


def _run(subject: Subject) -> Seen:
    """Who cannot get in is what this check is about, and a reason not to run it only where it was throttled."""
    require_a_way_in(subject)
    assertions = Assertions()
    try:
        _live(subject, assertions)
    except NoWayIn as refused:
        if refused.status == 429 and not assertions.violations:
            raise
        assertions.expect(False, str(refused))
    return assertions.seen("steps of an account went as they should")


def _live(subject: Subject, assertions: Assertions) -> None:
    account = subject.accounts.make()
    _register_twice(subject, account, assertions)
    _log_in_wrongly(subject, account, assertions)
    visitor = Visitor.of(subject.site, subject.accounts.log_in(account))
    if subject.scenario.guarded:
        _be_known(subject, visitor, assertions)
    if subject.scenario.logout and visitor.session.refresh:
        _log_out(subject, visitor, assertions)
    if subject.scenario.change_password:
        account = _change_password(subject, account, assertions)
    if subject.scenario.delete_account:
        _go(subject, Visitor.of(subject.site, subject.accounts.log_in(account)), assertions)


def _register_twice(subject: Subject, account: Account, assertions: Assertions) -> None:
    again = acts.register(subject.site, subject.scenario, account)
    assertions.status("registering a name that is taken", again, (400, 409))
    empty = subject.site.ask(subject.scenario.register, "POST", json={})
    assertions.status("registering without a name", empty, (400, 422))


def _log_in_wrongly(subject: Subject, account: Account, assertions: Assertions) -> None:
    mistaken = replace(account, password=subject.accounts.invent().password)
    wrong = acts.log_in(subject.site, subject.scenario, mistaken)
    nobody = acts.log_in(subject.site, subject.scenario, subject.accounts.invent())
    assertions.status("a login with a wrong password", wrong, _REFUSED)
    assertions.status("a login of nobody", nobody, _REFUSED)
    same = (wrong.status, wrong.document.get("detail")) == (nobody.status, nobody.document.get("detail"))
    assertions.expect(same, "a login tells a wrong password from an unknown name, so names can be found out")


def _be_known(subject: Subject, visitor: Visitor, assertions: Assertions) -> None:
    path, name = subject.scenario.guarded, visitor.session.account.username
    known = visitor.ask(path)
    assertions.status(f"GET {path} with a token", known, (200,))
    assertions.expect(name in known.body or not subject.scenario.me, f"GET {path} does not name the account")
    unknown = subject.site.ask(path)
    assertions.status(f"GET {path} without a token", unknown, (401,))
    assertions.expect("www-authenticate" in unknown.headers, f"GET {path} without a token: no WWW-Authenticate header")


def _log_out(subject: Subject, visitor: Visitor, assertions: Assertions) -> None:
    assert visitor.session.refresh is not None
    body = {"refresh_token": visitor.session.refresh.reveal()}
    left = visitor.ask(subject.scenario.logout, "POST", json=body)
    assertions.status("logging out", left, (200, 204))
    if refresh := subject.scenario.refresh:
        assertions.status("renewing after logging out", subject.site.ask(refresh, "POST", json=body), (401,))


def _change_password(subject: Subject, account: Account, assertions: Assertions) -> Account:
    """The account with its new password."""
    session = subject.accounts.log_in(account)
    new = subject.accounts.invent().password
    mistaken, changed = replace(account, password=subject.accounts.invent().password), replace(account, password=new)
    wrong, right = (
        acts.change_password(subject.site, subject.scenario, who, new, session.bearer) for who in (mistaken, account)
    )
    assertions.status("changing the password with a wrong one", wrong, (400, 401, 403))
    if not assertions.status("changing the password", right, (200, 204)):
        return account
    subject.accounts.replace(account, changed)
    old = acts.log_in(subject.site, subject.scenario, account)
    assertions.status("a login with the old password", old, _REFUSED)
    return changed


def _go(subject: Subject, visitor: Visitor, assertions: Assertions) -> None:
    account = visitor.session.account
    gone = acts.delete_account(subject.site, subject.scenario, account, visitor.bearer)
    assertions.status("deleting the account", gone, (200, 204))
    if subject.scenario.guarded:
        assertions.status("a token of the deleted account", visitor.ask(subject.scenario.guarded), (401,))
    login = acts.log_in(subject.site, subject.scenario, account)
    if assertions.status("a login of the deleted account", login, _REFUSED):
        subject.accounts.forget(account)


AUTH = Check(name="auth", asked="an account is made, known by its token, logged out and deleted", run=_run)
