"""How the checks get in: through an open door, or into a private Space with what the Hub gives to those who may see it.

A private Space takes a token of the Hub in the Authorization header, which is then lost to the app. So the checks come
as the Hub's own pages and Gradio's clients do: with a pass (`GET /api/spaces/{id}/jwt`) that the Space's address takes
as `__sign`, and the cookie that it leaves for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx2

from deploy.errors import DeployError
from deploy.http import make_client
from deploy.secret import Secret

TIMEOUT = httpx2.Timeout(10.0)
"""Seconds for one request to the app."""
PARAMETER = "__sign"
COOKIE = "spaces-jwt"

_TAKEN = "a private Space takes the Authorization header for itself, so nobody can log in to the app"
_OF_AN_APP = "Bearer of.an.app"


class _NoPass(Exception):
    """Visitors cannot come with a pass; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who may see a private Space: `token` is theirs at the Hub, which `sign` asks for a pass.

    `hide` is told of each value that must not be shown.
    """

    token: Secret
    sign: Callable[[], Secret] | None = None
    hide: Callable[[Secret], None] = lambda _value: None


@dataclass(frozen=True, kw_only=True)
class Admission:
    """`fields` are header fields that every request carries. `signature` is the pass, for a browser to begin with.

    `obstacle` says why nobody can log in to the app; "" when nothing of the kind is in the way.
    """

    fields: Mapping[str, Secret] = field(default_factory=dict)
    signature: Secret | None = None
    obstacle: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The fields, revealed."""
        return {name: value.reveal() for name, value in self.fields.items()}

    def show(self, request: httpx2.Request) -> None:
        """Adds them to a request that has its own, which stay."""
        for name, value in self.headers.items():
            own = request.headers.get(name)
            if own is None:
                request.headers[name] = value
            elif name == "Cookie":
                request.headers[name] = f"{own}; {value}"

    def signed(self, url: str) -> str:
        """An address for a browser, which keeps the cookie itself."""
        return str(httpx2.URL(url).copy_add_param(PARAMETER, self.signature.reveal())) if self.signature else url


def admit(url: str, viewer: Viewer | None) -> Admission:
    """The way in for `viewer`, None for everybody: with a pass, and where that does not work with the token."""
    if viewer is None:
        return Admission()
    try:
        return _by_pass(url, viewer)
    except (DeployError, httpx2.HTTPError, _NoPass) as error:
        why = error.what if isinstance(error, DeployError) else str(error)
        fields = {"Authorization": Secret(f"Bearer {viewer.token.reveal()}")}
        return Admission(fields=fields, obstacle=f"{_TAKEN}: {why}")


def _by_pass(url: str, viewer: Viewer) -> Admission:
    if viewer.sign is None:
        raise _NoPass("no pass was asked for")
    signature = viewer.sign()
    viewer.hide(signature)
    with make_client(timeout=TIMEOUT, headers={"Connection": "close"}) as client:
        opened = client.get(url, params={PARAMETER: signature.reveal()})
        kept = opened.cookies.get(COOKIE)
        if kept is None:
            raise _NoPass(f"a pass of the Hub is answered with {opened.status_code} and leaves no cookie {COOKIE}")
        cookie = Secret(f"{COOKIE}={kept}")
        viewer.hide(Secret(kept))
        # As somebody who has logged in to the app: a Hub may not care for the cookie when the header is there.
        again = client.get(url, headers={"Cookie": cookie.reveal(), "Authorization": _OF_AN_APP})
    if again.status_code != opened.status_code:
        raise _NoPass(f"a pass opens it with {opened.status_code}, and its cookie with {again.status_code}")
    return Admission(fields={"Cookie": cookie}, signature=signature)
