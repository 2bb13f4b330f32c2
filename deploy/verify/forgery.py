"""Tokens that must be refused, made from one that is accepted (RFC 7519; RFC 8725 lists the attacks)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.secret import Secret

_LONG_AGO = 1_000_000_000
_FAR_AWAY = 4_000_000_000
"""Seconds since 1970: in 2001 and in 2096."""


def forgeries(token: str, subject_of_another: str = "") -> Iterator[tuple[str, str]]:
    """(what it is, token) of tokens that whoever holds `token`, and no key, can make; without a JWT, a shorter one."""
    yield "a token that is cut short", token[:-4]
    if not is_jwt(token):
        return
    header, claims, signature = token.split(".")
    yield "a token with a changed signature", f"{header}.{claims}.{_flipped(signature)}"
    unsigned = _encoded({**_decoded(header), "alg": "none"})
    yield "a token with alg: none", f"{unsigned}.{claims}."
    yield "a token with alg: none and an old signature", f"{unsigned}.{claims}.{signature}"
    longer = _encoded({**_decoded(claims), "exp": _FAR_AWAY})
    yield "a token whose end was moved", f"{header}.{longer}.{signature}"
    yield "a token signed with an empty key", signed(_decoded(header), _decoded(claims), Secret(""))
    yield "a token signed with a guessed key", signed(_decoded(header), _decoded(claims), Secret("secret"))
    yield "a token of an unknown key", signed({**_decoded(header), "kid": "zz"}, _decoded(claims), Secret("x" * 32))
    if subject_of_another:
        other = _encoded({**_decoded(claims), "sub": subject_of_another})
        yield "a token rewritten for another user", f"{header}.{other}.{signature}"


def resigned(token: str, key: Secret) -> Iterator[tuple[str, str]]:
    """The same for whoever holds the key: claims that must be refused although the signature is right."""
    header, claims = (_decoded(part) for part in token.split(".")[:2])
    yield "an expired token", signed(header, {**claims, "iat": _LONG_AGO, "exp": _LONG_AGO + 60}, key)
    yield "a token that is not yet valid", signed(header, {**claims, "nbf": _FAR_AWAY}, key)
    yield "a token without an end", signed(header, {k: v for k, v in claims.items() if k != "exp"}, key)
    yield "a token without a user", signed(header, {k: v for k, v in claims.items() if k != "sub"}, key)
    yield "a token with another algorithm", signed({**header, "alg": "HS512"}, claims, key, hash_name="sha512")


def is_jwt(token: str) -> bool:
    """Whether it has the form of one (RFC 7519, section 3)."""
    return token.count(".") == 2


def subject_of(token: str) -> str:
    """Whom it is for; "" when it is no JWT or does not say."""
    return str(_decoded(token.split(".")[1]).get("sub", "")) if is_jwt(token) else ""


def genuine(token: str, key: Secret) -> bool:
    """Whether `key` is the one that signed `token` (HS256)."""
    if not is_jwt(token):
        return False
    header, claims, signature = token.split(".")
    return hmac.compare_digest(_signature(f"{header}.{claims}", key, "sha256"), signature)


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: Secret, *, hash_name: str = "sha256") -> str:
    body = f"{_encoded(header)}.{_encoded(claims)}"
    return f"{body}.{_signature(body, key, hash_name)}"


def _signature(body: str, key: Secret, hash_name: str) -> str:
    return _text(hmac.new(key.reveal().encode(), body.encode(), getattr(hashlib, hash_name)).digest())


def _encoded(part: Mapping[str, Any]) -> str:
    return _text(json.dumps(part, separators=(",", ":")).encode())


def _decoded(part: str) -> dict[str, Any]:
    found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(found, dict)
    return found


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _flipped(signature: str) -> str:
    # The first character: the last one may hold bits that do not count.
    return ("B" if signature[0] == "A" else "A") + signature[1:]
