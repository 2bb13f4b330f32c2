"""What every answer says about how it may be used: by a page, in a frame, from a cache."""

from __future__ import annotations

from collections.abc import Sequence

Header = tuple[bytes, bytes]

# The page is shown inside huggingface.co; X-Frame-Options knows no list, so it is not sent at all.
_FRAMES = "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    f"font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; {_FRAMES}"
)
# Swagger UI writes style attributes; its scripts are files, as those of the page.
_DOCS = _PAGE.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_DATA = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_UNUSED = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


def _headers(policy: str, cache: str, *more: Header) -> tuple[Header, ...]:
    return (
        (b"cache-control", cache.encode()),
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
        *more,
    )


_OF_A_PAGE = ((b"cross-origin-opener-policy", b"same-origin"), (b"permissions-policy", _UNUSED.encode()))

DATA = _headers(_DATA, "no-store")
PAGE = _headers(_PAGE, "no-cache", *_OF_A_PAGE)
DOCS = _headers(_DOCS, "no-cache", *_OF_A_PAGE)


def kind(path: str) -> tuple[Header, ...]:
    """What belongs to an answer from `path`; the first is what the route itself may say better: Cache-Control."""
    if path == "/" or path.startswith("/assets/"):
        return PAGE
    return DOCS if path.startswith("/docs") else DATA


def completed(own: Sequence[Header], path: str, *, https: bool, request_id: str) -> list[Header]:
    """The headers of an answer: its `own`, and those of its kind."""
    more = kind(path)
    for name, _ in own:
        if name == b"cache-control":
            more = more[1:]
            break
    found = [*own, *more, (b"x-request-id", request_id.encode())]
    if https:
        found.append(_HTTPS_ONLY)
    return found
