"""Tokens are attached, renewed and refused as they should be."""

from __future__ import annotations

from dataclasses import replace

from deploy.proof import NotRun
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.forgery import forgeries, genuine, is_jwt, resigned, subject_of
from deploy.verify.subject import Subject
from deploy.verify.visitor import Visitor, ask_as, log_in, owner, stranger

_OPAQUE = "rewritten tokens: not tried, as a token here is no JWT and says nothing by itself"


def _run(subject: Subject) -> Seen:
    if not subject.scenario.guarded:
        raise NotRun("the scenario names nothing that a token opens")
    assertions = Assertions()
    visitor, other = log_in(subject, owner(subject).session), stranger(subject)
    notes = (*_refuse_forgeries(subject, visitor, other, assertions), *_refuse_by_claims(subject, visitor, assertions))
    if visitor.session.refresh and subject.scenario.refresh:
        _renew(subject, visitor, assertions)
    return replace(assertions.seen("tokens were treated as they should be"), details=notes)


def _refuse_forgeries(subject: Subject, visitor: Visitor, other: Visitor, assertions: Assertions) -> tuple[str, ...]:
    me = subject.scenario.guarded
    their_id = subject_of(other.session.access.reveal())
    assertions.status("a valid token", visitor.ask(me), (200,))
    for what, token in forgeries(visitor.session.access.reveal(), their_id):
        assertions.status(what, ask_as(subject.site, token, me), (401,))
    for scheme in ("Basic", "bearer-ish", ""):
        headers = {"Authorization": f"{scheme} {visitor.session.access.reveal()}".strip()}
        assertions.status(f"a token under the scheme {scheme!r}", subject.site.ask(me, headers=headers), (401,))
    in_address = subject.site.ask(f"{me}?access_token={visitor.session.access.reveal()}")
    assertions.status("a token in the address", in_address, (401,))
    return () if is_jwt(visitor.session.access.reveal()) else (_OPAQUE,)


def _refuse_by_claims(subject: Subject, visitor: Visitor, assertions: Assertions) -> tuple[str, ...]:
    """Tokens with a right signature and wrong claims, where the key is known here."""
    key = subject.hidden.get(subject.scenario.signing_key)
    if key is None or not genuine(visitor.session.access.reveal(), key):
        return ("expired tokens and others with a right signature: not tried, the signing key is not known here",)
    for what, token in resigned(visitor.session.access.reveal(), key):
        assertions.status(what, ask_as(subject.site, token, subject.scenario.guarded), (401,))
    return ()


def _renew(subject: Subject, visitor: Visitor, assertions: Assertions) -> None:
    assert visitor.session.refresh is not None
    path, old = subject.scenario.refresh, {"refresh_token": visitor.session.refresh.reveal()}
    as_access = ask_as(subject.site, visitor.session.refresh.reveal(), subject.scenario.guarded)
    assertions.status("a refresh token used as an access token", as_access, (401,))
    swapped = subject.site.ask(path, "POST", json={"refresh_token": visitor.session.access.reveal()})
    assertions.status("an access token used for renewing", swapped, (401,))
    renewed = subject.site.ask(path, "POST", json=old)
    if not assertions.status("renewing", renewed, (200,)):
        return
    access, refresh = str(renewed.document.get("access_token")), renewed.document.get("refresh_token")
    assertions.status("the renewed token", ask_as(subject.site, access, subject.scenario.guarded), (200,))
    assertions.expect(refresh != old["refresh_token"], "renewing gives the same refresh token again")
    assertions.status("a refresh token for the second time", subject.site.ask(path, "POST", json=old), (401,))
    after = subject.site.ask(path, "POST", json={"refresh_token": refresh})
    assertions.status("renewing in a session whose refresh token was used twice", after, (401,))


TOKENS = Check(name="tokens", asked="a token is refused unless it is ours, valid, and of its kind", run=_run)
