"""Commands where a company's proxy is in the environment, and nobody is spared."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import Project
from tests.real.processes import free_port
from tests.real.proxy import Proxy, running_proxy

ELSEWHERE = "http://hub.example"


@pytest.fixture
def proxy(project: Project, hub: Hub) -> Iterator[Proxy]:
    """It calls the local Hub hub.example. The source has a file that hf_xet uploads."""
    content = random.Random(7).randbytes(3_000_000)
    project.write("backend/weights.bin", content)
    project.commit()
    with running_proxy() as proxy:
        proxy.leads = {"hub.example": urlsplit(hub.url).port or 0}
        project.env |= proxy.environment
        yield proxy


def test_nothing_on_loopback_is_asked_through_it(project: Project, proxy: Proxy) -> None:
    assert project.deployed()["verdict"] == "deployed"
    assert project.deployed()["verdict"] == "unchanged"
    for command in ("status", "logs", "history", "secrets.plan", "verify"):
        project.run(command).ended(0)
    project.run("doctor")
    project.touch_up("more")
    project.run("push").ended(0)
    assert proxy.asked == []


def test_a_hub_elsewhere_is_asked_through_it_and_the_space_on_loopback_is_not(project: Project, proxy: Proxy) -> None:
    project.target = {"hub": ELSEWHERE}
    project.declare()
    project.commit()
    assert project.deployed()["verdict"] == "deployed"
    assert any("commit/main" in asked for asked in proxy.asked)
    assert {urlsplit(asked.split()[1]).hostname for asked in proxy.asked} == {"hub.example"}


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (407, 30, ("the proxy {url} (http_proxy) asks for a login (407)", "correct http_proxy, or name hub.example")),
        (403, 39, ("The answer (403) is a page", "the proxy {url} (http_proxy) answers in between", "NO_PROXY")),
        (200, 39, ("The answer (200) is a page", "the proxy {url} (http_proxy) answers in between", "NO_PROXY")),
        (0, 30, ("the proxy {url} (http_proxy) cannot be reached (", "correct http_proxy, or name hub.example")),
    ],
    ids=["login", "refused", "page", "gone"],
)
def test_a_proxy_in_the_way_is_the_cause_that_is_told(
    refusal: int, code: int, words: tuple[str, ...], project: Project, proxy: Proxy
) -> None:
    project.target = {"hub": ELSEWHERE, "retry_pause": 0}
    project.declare()
    proxy.refusal = refusal
    url = proxy.url if refusal else f"http://127.0.0.1:{free_port()}"
    gone = {} if refusal else {"http_proxy": url}
    outcome = project.run("status", env=gone).ended(code)
    for word in words:
        assert word.format(url=url) in outcome.text
    assert not outcome.requests
