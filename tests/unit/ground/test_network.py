"""What is loopback, and what programs are told of the network."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests.utils

from deploy.network import completing, is_loopback, passed_on

PROXY = {"HTTP_PROXY": "http://proxy.example:3128"}
NEAR = ("127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST.", "me-app.localhost", "::1", "[::1]", "::ffff:127.0.0.1")
FAR = ("128.0.0.1", "0.0.0.0", "::2", "localhost.example", "notlocalhost", "127.example", "hub.example", "")


@pytest.mark.parametrize("host", NEAR)
def test_this_machine_alone_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", FAR)
def test_everybody_else_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_without_a_proxy_an_environment_stays_as_it_is() -> None:
    assert completing({"NO_PROXY": ".corp", "HTTP_PROXY": ""}) == {}


def test_what_is_spared_already_stays_so_in_both_names() -> None:
    told = completing({**PROXY, "NO_PROXY": ".corp, 127.0.0.1", "no_proxy": "hub.corp"})
    assert told["NO_PROXY"] == told["no_proxy"]
    assert told["no_proxy"].split(",")[:3] == [".corp", "127.0.0.1", "hub.corp"]
    assert told["no_proxy"].count("127.0.0.1") == 1
    assert completing({**PROXY, **told}) == told


def test_who_spares_all_is_believed() -> None:
    """In a list, some take `*` for a name."""
    assert completing({**PROXY, "no_proxy": " * "}) == {"NO_PROXY": "*", "no_proxy": "*"}


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "me-app.localhost", "[::1]"])
def test_programs_of_others_go_to_loopback_directly(name: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those whose own reading of NO_PROXY can be asked: urllib and requests, and with that pip and Schemathesis."""
    for variable, value in completing({name: PROXY["HTTP_PROXY"]}).items():
        monkeypatch.setenv(variable, value)
    url = f"http://{host}:7960/"
    assert urllib.request.proxy_bypass(urlsplit(url).hostname or "")
    assert requests.utils.should_bypass_proxies(url, no_proxy=None)
    assert not requests.utils.should_bypass_proxies("http://hub.example/", no_proxy=None)


def test_a_program_of_its_own_environment_learns_of_the_network_and_no_more() -> None:
    told = passed_on({**PROXY, "SSL_CERT_DIR": "", "HF_TOKEN": "hf_x", "PATH": "/bin"})
    assert told.keys() == {"HTTP_PROXY", "NO_PROXY", "no_proxy"}
    assert "127.0.0.1" in told["NO_PROXY"]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_whom_openssl_trusts_requests_is_told_too(name: str) -> None:
    assert passed_on({name: "/company"}) == {name: "/company", "REQUESTS_CA_BUNDLE": "/company"}
    assert passed_on({name: "/company", "REQUESTS_CA_BUNDLE": "/own"})["REQUESTS_CA_BUNDLE"] == "/own"
    assert completing({name: "/company"}) == {}


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_whom_requests_trusts_openssl_is_told_too(name: str, tmp_path: Path) -> None:
    assert completing({name: "/company.pem"}) == {"SSL_CERT_FILE": "/company.pem"}
    assert completing({name: str(tmp_path)}) == {"SSL_CERT_DIR": str(tmp_path)}
    assert completing({name: "/company.pem", "SSL_CERT_DIR": "/own"}) == {}
    assert passed_on({name: "/a.pem"}) == {name: "/a.pem", "REQUESTS_CA_BUNDLE": "/a.pem", "SSL_CERT_FILE": "/a.pem"}
