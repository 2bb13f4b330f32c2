"""Who is calling, and what they may do to a Space."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from deploy.localhub import answers
from deploy.localhub.identity.accounts import Accounts, Grant, User
from deploy.localhub.spaces import Space, SpaceBook

NEEDS_WRITE = "You don't have the required permissions to perform this action: the token's role is read"
NOT_YOURS = "You don't have the required permissions to perform this action on {space}"
OTHER_REPOSITORY = "This token gives access to {repository} only"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The holder of a token, or nobody in particular."""

    user: User | None = None
    grant: Grant | None = None

    @property
    def name(self) -> str:
        return self.user.name if self.user else "anonymous"

    @property
    def signature(self) -> str:
        """How the caller's commits are signed; workflows share one name, as on the Hub."""
        return "[OIDC]" if self.grant and self.grant.repository else self.name

    def may_see(self, space: Space) -> bool:
        return not space.hidden or self.belongs_to(space)

    def refusal_to_write(self, space: Space) -> answers.Refusal | None:
        """Why the caller may not change the Space; None when they may."""
        if self.user is None or self.grant is None:
            return answers.anonymous()
        if self.grant.repository not in (None, space.id):
            return answers.not_allowed(OTHER_REPOSITORY.format(repository=self.grant.repository))
        if not self.user.owns(space.namespace):
            return answers.not_allowed(NOT_YOURS.format(space=space.id))
        return answers.not_allowed(NEEDS_WRITE) if self.grant.role != "write" else None

    def belongs_to(self, space: Space) -> bool:
        """Whether the caller is a member of the Space's namespace, with whatever role."""
        limited_to = self.grant.repository if self.grant else None
        return self.user is not None and self.user.owns(space.namespace) and limited_to in (None, space.id)


def identify(authorization: str, accounts: Accounts) -> Caller:
    """The caller by the `Authorization` header: `Bearer <token>`, or what git sends, the token as password.

    Raises Refusal (401) for a token that is not known or has expired.
    """
    token = _token(authorization)
    if token is None:
        return Caller()
    grant = accounts.grant(token)
    user = accounts.user(grant.user) if grant else None
    if user is None:
        raise answers.bad_credentials()
    return Caller(user=user, grant=grant)


def readable(spaces: SpaceBook, space_id: str, caller: Caller) -> Space:
    """The Space, if the caller may know of it. Raises Refusal: 404, or 401 for nobody in particular."""
    space = spaces.get(space_id)
    if space is None or not caller.may_see(space):
        raise answers.anonymous() if caller.user is None else answers.repository_missing()
    return space


def writable(spaces: SpaceBook, space_id: str, caller: Caller) -> Space:
    """The Space, if the caller may change it. Raises Refusal: as `readable`, and 403."""
    space = readable(spaces, space_id, caller)
    if refusal := caller.refusal_to_write(space):
        raise refusal
    return space


def _token(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise answers.bad_credentials() from None
    return None
