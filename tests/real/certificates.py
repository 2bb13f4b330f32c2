"""Certificates of a company: an authority that nobody knows, and a site that it vouches for."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.real.site import Server, serving

_OF_A_SITE = ("basicConstraints=critical,CA:FALSE", "subjectAltName=DNS:hub.example,DNS:localhost,IP:127.0.0.1")
_OF_AN_AUTHORITY = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """`authority` is a file (PEM), `folder` one with that certificate under the name that OpenSSL looks for."""

    authority: Path
    folder: Path
    site: Path


def make_certificates(home: Path) -> Certificates:
    """For hub.example and loopback, good for a day."""
    authority, site, folder = home / "authority.pem", home / "site.pem", home / "trusted"
    folder.mkdir()
    _make(home / "authority.key", authority, "/CN=Company", *_OF_AN_AUTHORITY)
    signed = ("-CA", str(authority), "-CAkey", str(home / "authority.key"))
    _make(home / "site.key", home / "site.crt", "/CN=hub.example", *_OF_A_SITE, signed=signed)
    site.write_text((home / "site.key").read_text() + (home / "site.crt").read_text())
    digest = _openssl("x509", "-noout", "-hash", "-in", str(authority))
    (folder / f"{digest.strip()}.0").write_text(authority.read_text())
    return Certificates(authority=authority, folder=folder, site=site)


@contextmanager
def serving_https(handler: type[BaseHTTPRequestHandler], site: Path) -> Iterator[int]:
    """The port on 127.0.0.1 of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(site)

    class Secured(Server):
        def get_request(self) -> tuple[ssl.SSLSocket, tuple[str, int]]:
            connection, address = super().get_request()
            # The handshake is for the thread of the connection.
            return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    with serving(Secured(("127.0.0.1", 0), handler)) as port:
        yield port


def _make(key: Path, certificate: Path, subject: str, *extensions: str, signed: tuple[str, ...] = ()) -> None:
    wanted = (word for extension in extensions for word in ("-addext", extension))
    made = ("-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "1")
    _openssl("req", "-x509", *made, "-subj", subject, *wanted, *signed)


def _openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout
