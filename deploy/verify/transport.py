"""A part of `security`: TLS as visitors have it, where a proxy ends it. Redirects, HSTS, cookies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from deploy.http import Answer
from deploy.proof import NotRun
from deploy.verify import acts
from deploy.verify.app import App, visiting
from deploy.verify.check import Assertions
from deploy.verify.openapi import read_operations
from deploy.verify.subject import Subject

PUBLIC = "owner-tasks.space.example"
"""The name of a Space that a container is asked for, as the proxy before it would be."""
STRANGER = "stranger.example"
"""What a visitor claims to have asked for, in a header that a proxy need not replace."""

_VISITOR = "203.0.113.7"
_MOST_OPERATIONS = 10
_COOKIES = re.compile(r",\s*(?=[^;,=\s]+=)")
"""Between two cookies of one field: a date has a comma, too, and no `=` after it."""
_UNAWARE = "as the server does not take the proxy's word for it (X-Forwarded-Proto)"
_LASTS = re.compile(r"max-age=\"?0*[1-9]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a visitor comes: what the proxy sends along, and the scheme and name in the visitor's address bar."""

    scheme: str
    host: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def to(cls, subject: Subject) -> Way:
        """To a container as its proxy would, by https; to a Space through the proxy that is there."""
        if subject.place == "space":
            address = urlsplit(subject.site.url)
            return cls(scheme=address.scheme, host=address.netloc)
        proxied = {"Host": PUBLIC, "X-Forwarded-Host": PUBLIC, "X-Forwarded-Proto": "https"}
        return cls(scheme="https", host=PUBLIC, headers={**proxied, "X-Forwarded-For": _VISITOR})

    def claiming(self, host: str) -> Way:
        return Way(scheme=self.scheme, host=self.host, headers={**self.headers, "X-Forwarded-Host": host})


def transport(
    subject: Subject, assertions: Assertions, *, visit: Callable[[str], AbstractContextManager[App]] = visiting
) -> None:
    """`visit` opens an address by itself, to see what plain http comes to."""
    way = Way.to(subject)
    for path, own in dict(_paths(subject)).items():
        answer = subject.site.ask(path, headers=way.headers)
        at_home = _redirect(way, path, answer, assertions, elsewhere=own)
        _cookies(way, f"GET {path}", answer, assertions)
        if "location" in answer.headers and at_home:
            claimed = subject.site.ask(path, headers=way.claiming(STRANGER).headers)
            _redirect(way, path, claimed, assertions, elsewhere=own)
    _login(subject, way, assertions)
    if way.scheme == "https":
        _https_alone(subject, way, assertions, visit)


def _paths(subject: Subject) -> Iterator[tuple[str, bool]]:
    """Each path, and whether to lead elsewhere may be what it is there for, as a login at another site is."""
    fixed = (subject.scenario.page, subject.app.health, subject.app.version, subject.scenario.items)
    described: tuple[str, ...] = ()
    with suppress(NotRun):
        described = tuple(
            operation.path
            for operation in read_operations(subject.site)
            if operation.method == "GET" and not operation.parameters and operation.path != subject.scenario.events
        )[:_MOST_OPERATIONS]
    yield from ((path, True) for path in described)
    for path in filter(None, (*fixed, *described, "/docs")):
        yield _toggled(path), False
        if path in fixed:
            yield path, False
    yield f"//{STRANGER}/", False


def _toggled(path: str) -> str:
    """With a slash at the end, or without: routers lead from one to the other."""
    return path.rstrip("/") or "/" if path.endswith("/") else f"{path}/"


def _redirect(way: Way, path: str, answer: Answer, assertions: Assertions, *, elsewhere: bool) -> bool:
    """Whether it leads where it may, if anywhere."""
    if (location := answer.headers.get("location")) is None:
        return True
    # Browsers take a backslash for a slash (WHATWG URL, special schemes).
    target = urlsplit(urljoin(f"{way.scheme}://{way.host}{path}", location.replace("\\", "/")))
    said = f"GET {path} by {way.scheme} leads to {location}"
    safe = assertions.expect(target.scheme in {way.scheme, "https"}, f"{said}: out of {way.scheme}, {_UNAWARE}")
    at_home = target.netloc == way.host or (elsewhere and target.netloc != STRANGER)
    return assertions.expect(at_home, f"{said}: to another host than {way.host}") and safe


def _cookies(way: Way, asked: str, answer: Answer, assertions: Assertions) -> None:
    if way.scheme != "https" or not (given := answer.headers.get("set-cookie")):
        return
    for cookie in _COOKIES.split(given):
        name, *attributes = (part.strip().partition("=")[0] for part in cookie.split(";"))
        lacking = {"secure", "httponly", "samesite"} - {attribute.lower() for attribute in attributes}
        assertions.expect(not lacking, f"{asked} sets the cookie {name} without {', '.join(sorted(lacking))}")


def _login(subject: Subject, way: Way, assertions: Assertions) -> None:
    """Where cookies are most often set."""
    with suppress(NotRun):
        account = subject.accounts.owner().account
        answer = acts.log_in(subject.site, subject.scenario, account, way.headers)
        _cookies(way, f"POST {subject.scenario.login}", answer, assertions)


def _https_alone(
    subject: Subject, way: Way, assertions: Assertions, visit: Callable[[str], AbstractContextManager[App]]
) -> None:
    """Browsers are told to stay with https (RFC 6797), and on a Space plain http leads there or nowhere."""
    for path in filter(None, (subject.scenario.page, subject.app.health, subject.scenario.items)):
        policy = subject.site.ask(path, headers=way.headers).headers.get("strict-transport-security", "")
        assertions.expect(bool(_LASTS.search(policy)), f"GET {path} by https: no Strict-Transport-Security that lasts")
    if subject.place == "space":
        with visit(f"http://{way.host}") as plain:
            answer = plain.ask("/")
        secured = answer.headers.get("location", "").startswith("https://") or answer.status == 0
        assertions.expect(
            secured or answer.status >= 400, f"http://{way.host}/ answers {answer.outcome} and leads to no https"
        )
