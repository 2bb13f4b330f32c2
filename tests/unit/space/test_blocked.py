"""What is told of a Hub that is asked through a proxy: whose doing it is that there is no answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.errors import DeployError, HubBroken, HubUnreachable
from deploy.secret import Secret
from deploy.space.client import HubClient
from deploy.space.retry import RetryPolicy
from tests.real.processes import free_port
from tests.real.proxy import Proxy, running_proxy

ENDPOINTS = ("http://hub.example", "https://hub.example")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """In the way of everything, and no name leads anywhere."""
    with running_proxy() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield proxy


def told(endpoint: str) -> DeployError:
    patience = RetryPolicy(attempts=2, pause=0)
    client = HubClient(endpoint, "ann/app", Secret("hf_x"), token_variable="HF_TOKEN", retries=patience)
    with pytest.raises(DeployError) as caught:
        client.runtime()
    return caught.value


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_proxy_that_is_not_there(endpoint: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = "HTTPS_PROXY" if "https" in endpoint else "HTTP_PROXY"
    monkeypatch.setenv(variable, f"http://ann:swordfish@127.0.0.1:{free_port()}")
    error = told(endpoint)
    assert isinstance(error, HubUnreachable)
    assert f"({variable}) cannot be reached (" in str(error.cause)
    assert error.next_step == f"correct {variable}, or name hub.example in NO_PROXY"
    assert "swordfish" not in str(error)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_proxy_that_asks_for_a_login(endpoint: str, proxy: Proxy) -> None:
    proxy.refusal = 407
    error = told(endpoint)
    assert isinstance(error, HubUnreachable)
    assert "asks for a login (407" in str(error.cause)
    assert len(proxy.asked) == 2


@pytest.mark.parametrize("status", [200, 403, 404, 502])
def test_a_page_that_comes_through_it(status: int, proxy: Proxy) -> None:
    """502 is what a proxy says that finds no such Hub; a 403 is not the Hub's word on a token."""
    proxy.refusal = status
    error = told(ENDPOINTS[0])
    assert isinstance(error, HubBroken)
    assert error.what.startswith(f"The answer ({status}) is a page")
    assert str(error.cause).startswith(
        f"the proxy {proxy.url} (HTTP_PROXY) answers in between, or `hub` in deploy.toml"
    )
    assert str(error.next_step).endswith("name its host in NO_PROXY where no proxy is needed")
