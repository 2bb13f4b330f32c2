"""Clients ask through the proxy of the environment, but for loopback; and say when the proxy is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import httpx2
import pytest

from deploy.errors import ConfigError
from deploy.http import Answer, Blocked, ask, make_client
from tests.real.processes import free_port
from tests.real.proxy import Proxy, running_proxy
from tests.real.site import Quiet, running_site


class Site(Quiet, BaseHTTPRequestHandler):
    """Says which host it was asked for; `/to?<address>` leads there."""

    def do_GET(self) -> None:
        body = str(urlsplit(f"//{self.headers['host']}").hostname).encode()
        if self.path.startswith("/to?"):
            self.tell(body, status=302, location=self.path.removeprefix("/to?"))
        else:
            self.tell(body)


@pytest.fixture
def site() -> Iterator[int]:
    with running_site(Site) as port:
        yield port


@pytest.fixture
def proxy(site: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """In the way of everything, and nobody is spared; hub.example is the site."""
    with running_proxy() as proxy:
        proxy.leads = {"hub.example": site}
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield proxy


def asked(url: str) -> Answer:
    with make_client(timeout=30) as client:
        return ask(client, url)


def why(url: str) -> Blocked:
    with make_client(timeout=30) as client, pytest.raises(Blocked) as caught:
        client.get(url)
    return caught.value


# Whom it leads to ----------------------------------------------------------------------------------------


def test_a_name_of_the_network_is_asked_through_the_proxy(proxy: Proxy) -> None:
    answer = asked("http://hub.example/a?b=c")
    assert (answer.status, answer.body) == (200, "hub.example")
    assert answer.proxy == f"the proxy {proxy.url} (http_proxy)"
    assert proxy.asked == ["GET http://hub.example/a?b=c"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_loopback_never_is(host: str, site: int, proxy: Proxy) -> None:
    answer = asked(f"http://{host}:{site}/")
    assert answer == Answer(status=200, body=host.lower(), headers=answer.headers)
    assert proxy.asked == []


def test_neither_is_that_of_ipv6(proxy: Proxy) -> None:
    with running_site(Site, "::1") as port:
        assert asked(f"http://[::1]:{port}/").body == "::1"
    assert proxy.asked == []


def looked_up_from_here(name: str) -> bool:
    """Rather than by a proxy: the seal of unit tests does not let it happen."""
    with pytest.raises(AssertionError, match=f"a unit test went to '{name}'"):
        asked(f"http://{name}/")
    return True


def test_nor_a_name_below_localhost(proxy: Proxy) -> None:
    assert looked_up_from_here("me-app.localhost")
    assert proxy.asked == []


def test_every_step_of_a_redirect_goes_its_own_way(site: int, proxy: Proxy) -> None:
    with make_client(timeout=30, follow_redirects=True) as client:
        there = client.get(f"http://127.0.0.1:{site}/to?http://hub.example/there")
        back = client.get(f"http://hub.example/to?http://127.0.0.1:{site}/back")
    assert (there.text, back.text) == ("hub.example", "127.0.0.1")
    assert proxy.asked == ["GET http://hub.example/there", f"GET http://hub.example/to?http://127.0.0.1:{site}/back"]


@pytest.mark.parametrize("spared", ["127.0.0.1", "127.0.0.0/8", ".example,127.0.0.1", "*"])
def test_whom_the_environment_spares_is_spared(spared: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", f"{spared},hub.invalid")
    assert asked(f"http://127.0.0.1:{free_port()}").silence == "closed"
    assert looked_up_from_here("hub.invalid")
    assert proxy.asked == []


# Who is in the way ---------------------------------------------------------------------------------------


def test_a_proxy_that_is_not_there_is_named(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = f"127.0.0.1:{free_port()}"
    monkeypatch.delenv("https_proxy")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:swordfish@{gone}")
    for error in (why("https://hub.example/"), why("https://hub.example:8443/")):
        assert str(error).startswith(f"the proxy http://{gone} (HTTPS_PROXY) cannot be reached (")
        assert error.cure == "correct HTTPS_PROXY, or name hub.example in NO_PROXY"
        assert "swordfish" not in repr(error)


@pytest.mark.parametrize("url", ["http://hub.example/", "https://hub.example/"])
def test_a_proxy_that_asks_for_a_login_is_named(url: str, proxy: Proxy) -> None:
    proxy.refusal = 407
    assert f"the proxy {proxy.url} ({url.partition(':')[0]}_proxy) asks for a login (407" in str(why(url))
    answer = asked(url)
    assert (answer.status, answer.silence) == (0, "closed")
    assert answer.outcome.startswith(f"no answer (the proxy {proxy.url} ")


def test_a_tunnel_that_is_refused_is_the_proxys_doing(proxy: Proxy) -> None:
    proxy.refusal = 403
    assert str(why("https://hub.example/")).startswith(
        f"the proxy {proxy.url} (https_proxy) refused to lead there (403"
    )


def test_a_page_in_place_of_the_answer_tells_through_whom_it_came(proxy: Proxy) -> None:
    answer = asked("http://nobody.example/")
    assert answer.outcome == f"502 through the proxy {proxy.url} (http_proxy)"
    proxy.leads = {"nobody.example": proxy.leads["hub.example"]}
    assert asked("http://nobody.example/").outcome == "200"


def test_of_a_line_that_is_cut_nobody_is_accused_and_the_proxy_is_named(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(Site, "do_GET", cut)
    with make_client(timeout=30) as client, pytest.raises(httpx2.RemoteProtocolError) as caught:
        client.get("http://hub.example/")
    assert str(caught.value).endswith(f", through the proxy {proxy.url} (http_proxy)")


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("socks5://me:swordfish@127.0.0.1:1080", "a SOCKS proxy needs the package socksio"),
        ("ftp://me:swordfish@127.0.0.1", "it is not the address of a proxy"),
        ("http://127.0.0.1:port", "it is not the address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_hinders_only_whom_it_leads_to(
    address: str, cause: str, site: int, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", address)
    assert asked(f"http://127.0.0.1:{site}").status == 200
    with pytest.raises(ConfigError, match=cause) as caught:
        asked("http://hub.example/")
    assert "http_proxy" in caught.value.what
    assert "swordfish" not in str(caught.value)


# An answer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "revision"),
    [('{"revision": "r1"}', "r1"), ('{"revision": null}', None), ('"r1"', None), ("r1", None), ("", None)],
)
def test_a_revision_is_what_a_document_says_under_that_name(body: str, revision: str | None) -> None:
    assert Answer(status=200, body=body).revision == revision


def test_an_address_that_is_none_is_no_answer() -> None:
    assert asked("http://[::1").silence == "closed"
