"""Who is let in to the app of a Space, and what of their way in the app gets to see: nothing.

A private Space takes a token of the Hub in the Authorization header, a pass as `__sign` in the address, or the cookie
that it gave in return for one. Each is for the Hub, and a credential that an app sees ends in its log: it is taken off
before the request is handed on. With a pass the Authorization header is the app's own and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from deploy.localhub.runtime.address.heads import Head
from deploy.localhub.runtime.model import Viewers

PARAMETER = "__sign"
COOKIE = "spaces-jwt"


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """A request that is let in, as the app gets it; `cookie` is what its answer leaves with the visitor."""

    request: Head
    cookie: str | None = None


@dataclass(frozen=True, kw_only=True)
class Access:
    """Everybody comes in, or with `private` the `viewers`, whose tests may block."""

    private: bool = False
    viewers: Viewers = field(default_factory=Viewers)

    @classmethod
    def shut(cls) -> Access:
        """Nobody comes in, and nothing tells that there is anything."""
        return cls(private=True)

    def admit(self, request: Head) -> Admitted | None:
        """None for who is not let in."""
        bare, shown, kept = _without_pass(request)
        if not self.private:
            return Admitted(request=bare)
        if shown and self.viewers.by_pass(shown):
            return Admitted(request=bare, cookie=_cookie(shown))
        if kept and self.viewers.by_pass(kept):
            return Admitted(request=bare)
        if self._shows_token(request):
            return Admitted(request=bare.having({"Authorization": None}))
        return None

    def _shows_token(self, request: Head) -> bool:
        scheme, _, token = request.get("Authorization").partition(" ")
        return scheme.lower() == "bearer" and self.viewers.by_token(token.strip())


def _cookie(signature: str) -> str:
    """For pages on other sites, where Spaces are embedded, and for no script. Browsers take loopback for secure."""
    return f"{COOKIE}={signature}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"


def _without_pass(request: Head) -> tuple[Head, str, str]:
    """The request with no pass in it: not in its address, not in the one it comes from, not among its cookies; then
    the pass that stood in its address, and the one among its cookies."""
    address, shown = _unsigned(request.target)
    referrer, told = _unsigned(request.get("Referer").encode("latin-1"))
    cookies = tuple(_cookies(request))
    kept = "".join(value for name, value in cookies if name == COOKIE)
    changes: dict[str, str | None] = {"Referer": referrer.decode("latin-1")} if told else {}
    if kept:
        changes["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies if name != COOKIE) or None
    return request.to(address).having(changes), shown, kept


def _unsigned(address: bytes) -> tuple[bytes, str]:
    """The address without a pass in its query, and the pass; "" when there is none."""
    path, _, query = address.partition(b"?")
    parts = query.split(b"&")
    ours = [part for part in parts if _name(part) == PARAMETER]
    if not ours:
        return address, ""
    rest = b"&".join(part for part in parts if part not in ours)
    return path + (b"?" + rest if rest else b""), unquote_to_bytes(ours[-1].partition(b"=")[2]).decode("latin-1")


def _name(part: bytes) -> str:
    return unquote_to_bytes(part.partition(b"=")[0]).decode("latin-1")


def _cookies(request: Head) -> Iterator[tuple[str, str]]:
    for line in request.all("Cookie"):
        for pair in line.split(";"):
            name, _, value = pair.strip().partition("=")
            yield name, value
