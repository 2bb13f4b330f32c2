"""Whether a name is one that secrets are given to."""

from __future__ import annotations

import re
from typing import Literal

Strength = Literal["strong", "weak"]
"""`strong`: what stands under it is a secret, however simple. `weak`: only if it looks like one."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_STRONG_LAST = {"apikey", "pass", "passphrase", "passwd", "password", "pepper", "pwd", "secret", "secretkey"}
_KEYS_OF = {
    *("access", "account", "api", "app", "auth", "encryption", "hmac", "jwt", "license", "master", "private", "role"),
    *("secret", "service", "session", "signing", "token", "webhook"),
}
_WEAK_LAST = {"bearer", "credential", "credentials", "salt", "token"}
_TRAILING = {
    *("b64", "base64", "bytes", "current", "default", "dev", "development", "live", "local", "old", "plain", "primary"),
    *("prod", "production", "raw", "secondary", "staging", "str", "string", "text", "value"),
}
_NOT_ONE = {"dummy", "example", "fake", "has", "hashed", "hide", "invalid", "is", "mock", "no", "placeholder", "public"}


def words(name: str) -> tuple[str, ...]:
    """The words of a snake, kebab or camel case name, in lower case."""
    return tuple(word.lower() for word in _WORD.findall(name))


def secret_name(name: str) -> Strength | None:
    """How sure the name makes it that its value is a secret; None: not at all."""
    parts = list(words(name))
    while parts and (parts[-1] in _TRAILING or parts[-1].isdecimal() or len(parts[-1]) == 1):
        parts.pop()
    if not parts or _NOT_ONE & set(parts):
        return None
    if parts[-1] in _STRONG_LAST:
        return "strong"
    if parts[-1] == "key" and len(parts) > 1 and parts[-2] in _KEYS_OF:
        return "strong"
    return "weak" if parts[-1] in _WEAK_LAST else None
