"""Secret values as a type: they never show themselves, and text that holds them can be cleaned."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets as _random
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, quote_plus

MASK = "[REDACTED]"
SHORTEST_REDACTED = 4
"""Characters; a shorter value would blank out ordinary words."""


class Secret:
    """A value that `str`, `repr`, `format`, `json` and tracebacks do not show. `reveal()` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")


def revealed(value: str | Secret) -> str:
    """What a program gets, where a value may be secret or not."""
    return value.reveal() if isinstance(value, Secret) else value


class Redactor:
    """Replaces the values it was told of, in each form they take in output, by `[REDACTED]`.

    Forms: as is, line by line, base64 (also inside longer base64 text), URL-encoded, JSON-escaped.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        forms = {form for form in _forms(secret.reveal()) if len(form) >= SHORTEST_REDACTED}
        if forms - self._forms:
            self._forms |= forms
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(re.escape(form) for form in longest_first))

    def __call__(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def cleaned(self, value: object) -> object:
        """A document with its texts redacted, and only those: a secret may read like a number, or like `true`."""
        if isinstance(value, Mapping):
            return {str(key): self.cleaned(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.cleaned(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self(str(value))


def encodings(value: str) -> set[str]:
    """All of a value as text may hold it: as is, URL-encoded, escaped for JSON or Python, base64."""
    forms = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    forms |= {json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    if len(value) >= SHORTEST_REDACTED:
        forms |= _base64_forms(value.encode())
    return forms - {""}


def _forms(value: str) -> set[str]:
    """Its lines too: what is shown of a value with several may be one of them."""
    lines = {part for line in value.splitlines() for part in (line, line.strip())}
    return (encodings(value) | lines) - {""}


def _base64_forms(raw: bytes) -> set[str]:
    """What base64 text contains when `raw` stands in it at each of the three alignments.

    Characters that also carry bits of a neighbour, `mixed` of them in front, differ from text to text.
    """
    forms = set()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms.add(encode(raw).decode().rstrip("="))
        for lead, mixed in ((0, 0), (1, 2), (2, 3)):
            shifted = encode(b"\0" * lead + raw).decode().rstrip("=")
            inner = shifted[mixed : len(shifted) - (1 if (len(raw) + lead) % 3 else 0)]
            if len(inner) >= 2 * SHORTEST_REDACTED:
                forms.add(inner)
    return forms


# Fingerprints --------------------------------------------------------------------------------------------

_SCRYPT_COST = 2**14
"""16 MiB and about 50 ms a guess (RFC 7914): a short secret stays expensive to find from its fingerprint."""


def fingerprint(secret: Secret, *, salt: bytes | None = None) -> str:
    """A salted, slow digest to tell whether two values are equal: `<salt>.<digest>`, URL-safe."""
    salt = _random.token_bytes(9) if salt is None else salt
    digest = hashlib.scrypt(secret.reveal().encode(), salt=salt, n=_SCRYPT_COST, r=8, p=1, dklen=18)
    return f"{_b64(salt)}.{_b64(digest)}"


def matches(secret: Secret, known: str) -> bool:
    """Whether `known`, made by `fingerprint`, was made of this secret's value."""
    try:
        salt = base64.urlsafe_b64decode(known.partition(".")[0])
    except ValueError:
        return False
    return hmac.compare_digest(fingerprint(secret, salt=salt).encode(), known.encode())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


# Generators ----------------------------------------------------------------------------------------------

GENERATORS: dict[str, Callable[[int], str]] = {
    "hex": _random.token_hex,
    "urlsafe": _random.token_urlsafe,
}


def generate(recipe: str) -> Secret:
    """A new random value by a recipe `<kind>:<bytes>`, such as `urlsafe:48` (at least 16 bytes).

    Raises ValueError with a sentence for a recipe that is not one.
    """
    kind, _, size = recipe.partition(":")
    if kind not in GENERATORS or not size.isdecimal() or not 16 <= int(size) <= 1024:
        raise ValueError(f"{recipe!r} is not a generator: use hex:<bytes> or urlsafe:<bytes>, 16 to 1024 bytes")
    return Secret(GENERATORS[kind](int(size)))
