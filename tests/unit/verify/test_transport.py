"""TLS at the proxy: redirects that leave https or the host, HSTS that is not there, cookies for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.verify.app import App
from deploy.verify.check import Assertions
from deploy.verify.transport import PUBLIC, STRANGER, transport
from tests.unit.verify.builders import URL
from tests.unit.verify.subjects import People, subject

HOST = URL.removeprefix("https://")
HSTS = {"Strict-Transport-Security": "max-age=31536000"}
DOCUMENT: Mapping[str, Any] = {
    "paths": {"/api/v1/tasks": {"get": {}, "post": {}}, "/go": {"get": {}}, "/tasks/{id}": {"get": {}}}
}
REDIRECTS = ("/api/v1/tasks/", "/go", "/go/", f"//{STRANGER}/")


@dataclass
class Site:
    """An app that redirects: `location` gives where to, from the request."""

    location: Callable[[httpx2.Request], str] = lambda _: "/elsewhere"
    where: tuple[str, ...] = ("/api/v1/tasks/",)
    headers: Mapping[str, str] = field(default_factory=lambda: HSTS)
    asked: list[httpx2.Request] = field(default_factory=list)
    document: Mapping[str, Any] | None = None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        path = request.url.path
        if path == "/openapi.json" and self.document:
            return httpx2.Response(200, json=self.document, headers=self.headers)
        if path in self.where:
            return httpx2.Response(307, headers={**self.headers, "Location": self.location(request)})
        return httpx2.Response(200, headers=self.headers)


def named(scheme: str = "", host: str = "") -> Callable[[httpx2.Request], str]:
    """As a framework makes it, from what the proxy says; `scheme` and `host` stand for what it should take."""

    def location(request: httpx2.Request) -> str:
        told = scheme or request.headers.get("X-Forwarded-Proto", request.url.scheme)
        return f"{told}://{host or request.headers['Host']}/api/v1/tasks"

    return location


def plainly(status: int, location: str = "", *, visited: list[str] | None = None) -> Any:
    """What plain http comes to; 0 for a connection that is refused."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not status:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(status, headers={"Location": location} if location else {})

    @contextmanager
    def visit(url: str) -> Iterator[App]:
        if visited is not None:
            visited.append(url)
        with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
            yield App(url, client)

    return visit


def violations(root: Path, site: Any, place: str = "container", visit: Any = None) -> list[str]:
    assertions = Assertions()
    with subject(root, site, place=place) as it:
        transport(it, assertions, visit=visit or plainly(301, f"{URL}/"))
    assert assertions.held or assertions.violations
    return assertions.violations


# In a container ------------------------------------------------------------------------------------------


def test_an_app_that_knows_its_proxy_is_well(tmp_path: Path) -> None:
    site = Site(location=named(), where=REDIRECTS, document=DOCUMENT)
    assert violations(tmp_path, site) == []
    assert {request.url.path for request in site.asked} >= {"/", "/health", "/health/", "/go", *REDIRECTS}
    assert not any("{" in request.url.path for request in site.asked)


def test_it_is_asked_as_by_its_proxy(tmp_path: Path) -> None:
    site = Site()
    violations(tmp_path, site)
    page = next(request for request in site.asked if request.url.path == "/health")
    assert page.headers["Host"] == page.headers["X-Forwarded-Host"] == PUBLIC
    assert page.headers["X-Forwarded-Proto"] == "https"
    assert page.headers["X-Forwarded-For"]


@pytest.mark.parametrize("place", ["container", "space"])
@pytest.mark.parametrize(
    ("location", "why"),
    [
        (named(scheme="http"), "out of https"),
        (named(host="127.0.0.1:7860"), "to another host than"),
        (named(host="app.internal"), "to another host than"),
        (lambda _: f"//{STRANGER}/", "to another host than"),
        (lambda _: rf"/\{STRANGER}/", "to another host than"),
        (lambda _: rf"https:\\{STRANGER}", "to another host than"),
        (lambda request: f"https://{request.headers.get('X-Forwarded-Host', HOST)}/", "to another host than"),
        (lambda _: "javascript:alert(1)", "out of https"),
    ],
    ids=["http", "loopback", "internal", "slashes", "backslash", "backslashes", "claimed", "script"],
)
def test_a_redirect_that_leads_away_is_told(
    place: str, location: Callable[[httpx2.Request], str], why: str, tmp_path: Path
) -> None:
    told = violations(tmp_path, Site(location=location), place)
    assert told
    assert any(why in line and line.startswith("GET /api/v1/tasks/ by https leads to ") for line in told), told


@pytest.mark.parametrize("location", ["/api/v1/tasks", "tasks", "?page=2", "../"])
def test_a_relative_redirect_stays(location: str, tmp_path: Path) -> None:
    assert violations(tmp_path, Site(location=lambda _: location)) == []


def test_an_operation_may_lead_elsewhere_by_https_as_a_login_does(tmp_path: Path) -> None:
    site = Site(location=lambda _: "https://login.example/authorize", where=("/go",), document=DOCUMENT)
    assert violations(tmp_path, site) == []
    site = Site(location=lambda _: "http://login.example/authorize", where=("/go",), document=DOCUMENT)
    [told] = violations(tmp_path, site)
    assert "out of https" in told
    site = Site(location=lambda _: f"https://{STRANGER}/", where=("/go",), document=DOCUMENT)
    [told] = violations(tmp_path, site)
    assert "to another host" in told


@pytest.mark.parametrize("told", [None, "", "max-age=0", "max-age=00", "includeSubDomains"])
def test_https_that_is_not_held_to_is_told(told: str | None, tmp_path: Path) -> None:
    headers = {} if told is None else {"Strict-Transport-Security": told}
    found = violations(tmp_path, Site(headers=headers))
    assert [line.partition(" by ")[0] for line in found] == ["GET /", "GET /health", "GET /api/v1/tasks"]


def test_a_time_in_quotes_is_a_time(tmp_path: Path) -> None:
    assert violations(tmp_path, Site(headers={"Strict-Transport-Security": 'max-age="600"; preload'})) == []


@pytest.mark.parametrize(
    ("cookie", "lacking"),
    [
        ("a=1; Secure; HttpOnly; SameSite=None; Partitioned", None),
        ("a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; secure; httponly; samesite=Lax", None),
        ("a=1; HttpOnly; SameSite=Lax", "secure"),
        ("a=1", "httponly, samesite, secure"),
        ("a=secure; Path=/; Secure; SameSite=None", "httponly"),
    ],
)
def test_a_cookie_is_for_https_the_app_and_its_site(cookie: str, lacking: str | None, tmp_path: Path) -> None:
    found = {line.partition(" sets ")[2] for line in violations(tmp_path, Site(headers={**HSTS, "Set-Cookie": cookie}))}
    assert found == ({f"the cookie a without {lacking}"} if lacking else set())


def test_each_of_two_cookies_counts(tmp_path: Path) -> None:
    good = "a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"
    found = violations(tmp_path, Site(headers={**HSTS, "Set-Cookie": f"{good}, b=2; Secure"}))
    assert {line.partition(" cookie ")[2] for line in found} == {"b without httponly, samesite"}


def test_the_cookie_of_a_login_counts(tmp_path: Path) -> None:
    people = People()

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = people(request)
        found.headers.update(HSTS)
        if request.url.path.endswith("/login"):
            found.headers["Set-Cookie"] = "session=1; HttpOnly"
        return found

    assert violations(tmp_path, answer) == ["POST /api/v1/auth/login sets the cookie session without samesite, secure"]


# On a Space ----------------------------------------------------------------------------------------------


def test_a_space_is_asked_by_its_own_name_through_its_own_proxy(tmp_path: Path) -> None:
    site = Site(location=lambda request: f"https://{request.headers['Host']}/", where=("/api/v1/tasks/",))
    assert violations(tmp_path, site, "space") == []
    assert all(request.headers["Host"] == HOST for request in site.asked)
    claims = [request.headers.get("X-Forwarded-Host") for request in site.asked]
    assert set(claims) == {None, STRANGER}


@pytest.mark.parametrize(
    ("status", "location", "well"),
    [(301, f"{URL}/", True), (308, f"{URL}/", True), (0, "", True), (403, "", True), (200, "", False),
     (302, f"http://{HOST}/x", False), (302, "/x", False)],
)  # fmt: skip
def test_plain_http_leads_to_https_or_nowhere(status: int, location: str, well: bool, tmp_path: Path) -> None:
    visited: list[str] = []
    found = violations(tmp_path, Site(), "space", plainly(status, location, visited=visited))
    assert visited == [f"http://{HOST}"]
    assert (found == []) == well, found


def test_a_space_without_tls_is_asked_to_stay_where_it_is(tmp_path: Path) -> None:
    """The local Hub serves plain http on loopback."""
    site = Site(location=lambda request: f"http://{request.headers['Host']}/", headers={"Set-Cookie": "a=1"})
    assertions = Assertions()
    with (
        httpx2.Client(transport=httpx2.MockTransport(site)) as client,
        subject(tmp_path, site, place="space", site=App("http://127.0.0.1:7960", client)) as it,
    ):
        transport(it, assertions, visit=lambda _: pytest.fail("there is nothing else to open"))
    assert assertions.violations == []
