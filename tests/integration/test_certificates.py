"""Whom a client trusts: whoever the environment names, be it in the words of OpenSSL or of requests; straight and
through a proxy, for the Hub's own client too."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx2
import pytest

from deploy.errors import ConfigError, HubUnreachable
from deploy.http import ask, make_client
from deploy.network import CERTIFICATES
from deploy.secret import Secret
from deploy.space.client import HubClient
from deploy.space.retry import RetryPolicy
from tests.real.certificates import Certificates, make_certificates, serving_https
from tests.real.proxy import Proxy, running_proxy
from tests.real.site import Quiet

NAMES = (*CERTIFICATES, "REQUESTS_CA_BUNDLE as a folder")


class Hub(Quiet, BaseHTTPRequestHandler):
    """Knows whose token it is, and no more."""

    def do_GET(self) -> None:
        self.tell(json.dumps({"name": "ann", "type": "user"}).encode(), content_type="application/json")


@dataclass
class Company:
    """Its site on loopback, which its proxy calls hub.example."""

    certificates: Certificates
    port: int
    proxy: Proxy

    @property
    def urls(self) -> tuple[str, str]:
        return f"https://localhost:{self.port}", "https://hub.example"

    def place(self, name: str) -> str:
        """What a variable of that name holds when it names the company's authority."""
        return str(self.certificates.folder if name.endswith(("_DIR", "folder")) else self.certificates.authority)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def company(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    for name in (*CERTIFICATES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving_https(Hub, certificates.site) as port, running_proxy() as proxy:
        proxy.leads = {"hub.example": port}
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        yield Company(certificates=certificates, port=port, proxy=proxy)


def whoami(endpoint: str) -> object:
    patience = RetryPolicy(attempts=1)
    return HubClient(endpoint, "ann/app", Secret("hf_x"), token_variable="HF_TOKEN", retries=patience).whoami()["name"]


@pytest.mark.parametrize("name", NAMES)
def test_whom_the_environment_names_is_trusted(name: str, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name.partition(" ")[0], company.place(name))
    with make_client(timeout=30) as client:
        assert [ask(client, url).status for url in company.urls] == [200, 200]
    assert [whoami(url) for url in company.urls] == ["ann", "ann"]
    assert company.proxy.asked == ["CONNECT hub.example:443"] * 2


@pytest.mark.parametrize(
    ("names", "status"),
    [(("REQUESTS_CA_BUNDLE",), 200), (("SSL_CERT_FILE",), 0), (("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), 200)],
)
def test_whom_the_system_trusts_stays_trusted_unless_openssl_is_told_otherwise(
    names: tuple[str, ...], status: int, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The company's authority stands for those of the system; a context is made once for each file."""
    theirs = str(make_certificates(tmp_path).authority)
    for name in names:
        monkeypatch.setenv(name, theirs)
    known = ssl.create_default_context(cafile=company.certificates.authority)
    monkeypatch.setattr(httpx2, "create_ssl_context", lambda **_: known)
    with make_client(timeout=30) as client:
        assert ask(client, company.urls[0]).status == status


def test_nobody_else_is_and_that_is_the_reason(company: Company) -> None:
    for url, host in zip(company.urls, ("localhost", "hub.example"), strict=True):
        with pytest.raises(HubUnreachable) as caught:
            whoami(url)
        assert str(caught.value.cause).startswith(f"nobody who is trusted here vouches for the certificate of {host} (")
        assert "SSL_CERT_FILE" in str(caught.value.next_step)


def test_another_name_than_the_certificates_is_no_question_of_trust(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.certificates.authority))
    company.proxy.leads = {"other.example": company.port}
    with pytest.raises(HubUnreachable) as caught:
        whoami("https://other.example")
    assert "not valid for 'other.example'" in str(caught.value.cause)
    assert "SSL_CERT_FILE" not in str(caught.value.next_step)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_named(
    name: str, content: str | None, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "company.pem"
    if content:
        place.write_text(content)
    monkeypatch.setenv(name, str(place))
    with pytest.raises(ConfigError, match=f"There are no certificates in {place}, which {name} names"):
        make_client(timeout=30)
