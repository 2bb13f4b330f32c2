"""Users, their plan, their organisations, and the tokens they call with."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from deploy.atomic import write_whole
from deploy.localhub import clock, statefile
from deploy.secret import Secret

Role = Literal["read", "write"]
OWNER = "local"
"""The user a new Hub starts with."""


@dataclass(frozen=True, kw_only=True)
class User:
    """`plan` is "free", "pro" or "team"; the Hub takes money for Docker Spaces since July 2026."""

    name: str
    plan: str = "pro"
    organizations: tuple[str, ...] = ()

    def owns(self, namespace: str) -> bool:
        return namespace == self.name or namespace in self.organizations


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a token may do: `repository` limits it to one (`ns/name`); `expires` is an ISO date, UTC."""

    user: str
    role: Role
    display_name: str = "spacewright"
    created: str = ""
    repository: str | None = None
    expires: str | None = None

    def expired(self, at: datetime) -> bool:
        return self.expires is not None and at >= datetime.fromisoformat(self.expires)


@dataclass
class Accounts:
    """Users and tokens under `home`. Tokens are kept as digests: the files hold none that could be used."""

    home: Path
    time: clock.Clock = clock.now
    _users: dict[str, User] = field(default_factory=dict)
    _grants: dict[str, Grant] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        stored = statefile.read(self._file)
        self._users = {name: _user(name, facts) for name, facts in stored.get("users", {}).items()}
        self._grants = {digest: Grant(**facts) for digest, facts in stored.get("tokens", {}).items()}

    def user(self, name: str) -> User | None:
        return self._users.get(name)

    def put_user(self, user: User) -> None:
        with self._lock:
            self._users[user.name] = user
            self._save()

    def issue(self, grant: Grant, *, prefix: str = "hf_") -> Secret:
        """A new token for the grant; its user is made when there is none of that name."""
        token = Secret(prefix + secrets.token_urlsafe(27))
        with self._lock:
            self._users.setdefault(grant.user, User(name=grant.user))
            self._grants[_digest(token.reveal())] = replace(grant, created=clock.stamp(self.time()))
            self._save()
        return token

    def grant(self, token: str) -> Grant | None:
        """What the token may do, or None when it is unknown or too old."""
        grant = self._grants.get(_digest(token))
        return None if grant is None or grant.expired(self.time()) else grant

    def owner_token(self) -> Secret:
        """The owner's write token, kept in `<home>/token` for those who may read that file; made when missing."""
        path = self.home / "token"
        with self._lock:
            if path.is_file():
                token = Secret(path.read_text(encoding="utf-8").strip())
                if self.grant(token.reveal()):
                    return token
            token = self.issue(Grant(user=OWNER, role="write"))
            write_whole(path, token.reveal() + "\n")
            return token

    @property
    def _file(self) -> Path:
        return self.home / "accounts.json"

    def _save(self) -> None:
        users = {user.name: {"plan": user.plan, "organizations": user.organizations} for user in self._users.values()}
        statefile.write(
            self._file, {"users": users, "tokens": {key: asdict(grant) for key, grant in self._grants.items()}}
        )


def _user(name: str, facts: Mapping[str, Any]) -> User:
    return User(name=name, plan=facts["plan"], organizations=tuple(facts["organizations"]))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
