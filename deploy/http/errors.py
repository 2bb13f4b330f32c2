"""What may be in the way of a request, told from what is wrong with whoever was asked."""

from __future__ import annotations

import ssl
from typing import TypeVar

import httpx2

Fault = TypeVar("Fault", bound=BaseException)

PROXY = "proxy"
"""Under this name the `extensions` of a response have the proxy that it came through, in words."""
_UNKNOWN_ISSUER = frozenset({18, 19, 20, 21})
"""X509_V_ERR_*: signed by itself, or by nobody who is known (OpenSSL, x509_vfy.h)."""


class Blocked(httpx2.NetworkError):
    """Something on the way is the cause, and not whoever was asked. `cure` is what the user can do about it."""

    def __init__(self, message: str, *, cure: str) -> None:
        super().__init__(message)
        self.cure = cure


def untrusted(error: httpx2.TransportError, request: httpx2.Request) -> Blocked | None:
    """When whoever answers, on the way or at its end, has a certificate that nobody here vouches for."""
    found = cause_of(error, ssl.SSLCertVerificationError)
    if found is None or found.verify_code not in _UNKNOWN_ISSUER:
        return None
    return Blocked(
        f"nobody who is trusted here vouches for the certificate of {request.url.host} ({found.verify_message})",
        cure="where a proxy reads along, name the file with your company's certificates as SSL_CERT_FILE",
    )


def cause_of(error: BaseException, kind: type[Fault]) -> Fault | None:
    """The error itself, or the nearest of that kind that led to it."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, kind):
        found = found.__cause__ or found.__context__
    return found
