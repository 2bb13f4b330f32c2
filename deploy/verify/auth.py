"""T017: accounts, from registering to being gone."""

from __future__ import annotations

from dataclasses import replace

from deploy.verify.accounts import Account, NoWayIn
from deploy.verify.app import Answer
from deploy.verify.check import Check, Seen
from deploy.verify.findings import Findings
from deploy.verify.subject import Subject
from deploy.verify.visitor import Visitor, require_a_way_in

_REFUSED = (400, 401)
"""OAuth2 answers a wrong password with 400 (RFC 6749, section 5.2); most apps answer 401."""


def _run(subject: Subject) -> Seen:
    """Who cannot get in is what this check is about, and a reason not to run it only where it was throttled."""
    require_a_way_in(subject)
    findings = Findings()
    try:
        _live(subject, findings)
    except NoWayIn as refused:
        if refused.status == 429 and not findings.violations:
            raise
        findings.expect(False, str(refused))
    return findings.seen("steps of an account went as they should")


def _live(subject: Subject, findings: Findings) -> None:
    account = subject.accounts.make()
    _register_twice(subject, account, findings)
    _log_in_wrongly(subject, account, findings)
    visitor = Visitor(site=subject.site, session=subject.accounts.log_in(account))
    _be_known(subject, visitor, findings)
    if subject.scenario.logout and visitor.session.refresh:
        _log_out(subject, visitor, findings)
    if subject.scenario.change_password:
        account = _change_password(subject, account, findings)
    if subject.scenario.delete_account:
        _go(subject, Visitor(site=subject.site, session=subject.accounts.log_in(account)), findings)


def _register_twice(subject: Subject, account: Account, findings: Findings) -> None:
    again = subject.site.ask(subject.scenario.register, "POST", json=account.form)
    findings.status("registering a name that is taken", again, (400, 409))
    empty = subject.site.ask(subject.scenario.register, "POST", json={})
    findings.status("registering without a name", empty, (400, 422))


def _log_in_wrongly(subject: Subject, account: Account, findings: Findings) -> None:
    wrong = _log_in(subject, account.username, "not the password")
    nobody = _log_in(subject, subject.accounts.invent().username, "not the password")
    findings.status("a login with a wrong password", wrong, _REFUSED)
    findings.status("a login of nobody", nobody, _REFUSED)
    same = (wrong.status, wrong.document.get("detail")) == (nobody.status, nobody.document.get("detail"))
    findings.expect(same, "a login tells a wrong password from an unknown name, so names can be found out")


def _be_known(subject: Subject, visitor: Visitor, findings: Findings) -> None:
    me = subject.scenario.me
    known = visitor.ask(me)
    findings.status(f"GET {me} with a token", known, (200,))
    findings.expect(visitor.session.account.username in known.body, f"GET {me} does not name the account")
    unknown = subject.site.ask(me)
    findings.status(f"GET {me} without a token", unknown, (401,))
    findings.expect("www-authenticate" in unknown.headers, f"GET {me} without a token: no WWW-Authenticate header")


def _log_out(subject: Subject, visitor: Visitor, findings: Findings) -> None:
    assert visitor.session.refresh is not None
    body = {"refresh_token": visitor.session.refresh.reveal()}
    left = visitor.ask(subject.scenario.logout, "POST", json=body)
    findings.status("logging out", left, (200, 204))
    findings.status("renewing after logging out", subject.site.ask(subject.scenario.refresh, "POST", json=body), (401,))


def _change_password(subject: Subject, account: Account, findings: Findings) -> Account:
    """The account with its new password."""
    visitor = Visitor(site=subject.site, session=subject.accounts.log_in(account))
    changed = replace(account, password=subject.accounts.invent().password)
    wrong, right = (
        {"current_password": current, "new_password": changed.password.reveal()}
        for current in ("not the password", account.password.reveal())
    )
    path = subject.scenario.change_password
    findings.status("changing the password with a wrong one", visitor.ask(path, "POST", json=wrong), (400, 401, 403))
    if not findings.status("changing the password", visitor.ask(path, "POST", json=right), (200, 204)):
        return account
    subject.accounts.replace(account, changed)
    old = subject.site.ask(subject.scenario.login, "POST", form=account.form)
    findings.status("a login with the old password", old, _REFUSED)
    return changed


def _go(subject: Subject, visitor: Visitor, findings: Findings) -> None:
    body = {"password": visitor.session.account.password.reveal()}
    gone = visitor.ask(subject.scenario.delete_account, "POST", json=body)
    findings.status("deleting the account", gone, (200, 204))
    findings.status("a token of the deleted account", visitor.ask(subject.scenario.me), (401,))
    login = subject.site.ask(subject.scenario.login, "POST", form=visitor.session.account.form)
    if findings.status("a login of the deleted account", login, _REFUSED):
        subject.accounts.forget(visitor.session.account)


def _log_in(subject: Subject, username: str, password: str) -> Answer:
    form = {"username": username, "password": password}
    return subject.site.ask(subject.scenario.login, "POST", form=form)


AUTH = Check(name="auth", asked="an account is made, known by its token, logged out and deleted", run=_run)
