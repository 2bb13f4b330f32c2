"""What a text under a secret's name is: a real value, a weak one, a placeholder, or no value at all."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from typing import Literal

from deploy.source.leaks.names import secret_name, words

Worth = Literal["real", "weak", "placeholder", "harmless"]
"""`real` looks made by chance or by care; `weak` is a word somebody chose; `placeholder` waits for a value."""

_PLACEHOLDER = re.compile(
    r"change.?(?:me|it|this)|replace|your|placeholder|example|sample|dummy|todo|fixme|x{3,}|\.{3}|insert|put.?|enter.?"
    r"|fill|here|default|insecure|unsafe|not.?(?:so.?|a.?)?(?:secret|safe)|dev(?:elop)?|local|test|fake|mock|foo|none"
    r"|undefined|do.?not.?use|only|temp|generate|redacted|hidden|removed",
    re.IGNORECASE,
)
_PLACEHOLDER_WORDS = {"change", "changeme", "dummy", "example", "here", "placeholder", "replace", "test", "xxx", "your"}
_BREAK = re.compile(r"[-_. /:]+")
_PLAIN_WORD = re.compile(r"[a-z]+|[A-Z]+|[A-Z][a-z]+|\d+")
_APP_PASSWORD = re.compile(r"[a-z]{4}(?: [a-z]{4}){3}")
"""What Google's mail takes from programs: sixteen letters in four groups."""
_REFERENCE = re.compile(r"[${}<>]|%\(|\s|^(?:\.{0,2}/|~|https?://[^@]*$|\w+\(.*\)$)")
_CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{2,}")
_HEADER_NAME = re.compile(r"[Xx](?:-[A-Za-z]+)+|[A-Z][a-z]+(?:-[A-Z][A-Za-z]*)+")
_MASK = re.compile(r"[*xX.•_-]+")
_HASH = re.compile(r"\$(?:2[aby]|argon2|scrypt|pbkdf2|5|6)\S*")
_FILE_NAME = re.compile(r"[\w./-]+\.(?:json|ya?ml|toml|pem|key|txt|env|py|crt|ini|html?|css|js|png)")
_ORDINARY = {
    *("access", "access_token", "argon2", "authorization", "basic", "bcrypt", "bearer", "body", "client_credentials"),
    *(
        "cookie",
        "false",
        "header",
        "hs256",
        "id_token",
        "jwt",
        "none",
        "null",
        "oauth2",
        "password",
        "query",
        "refresh",
    ),
    *("refresh_token", "required", "rs256", "secret", "str", "string", "token", "true", "text", "hidden"),
}
_OWN = {"my", "super", "the", "this", "top", "very"}
"""`my_secret_key` is a secret that somebody made up; `user_password` names a field."""
_RANDOM_LENGTH = 16
_ENTROPY = 3.0
"""Bits a character: above it, sixteen characters are no words (English text has about 2.5 at that length)."""


def worth(value: str, name: str = "") -> Worth:
    """Judge a literal given to `name`."""
    text = value.strip()
    if _APP_PASSWORD.fullmatch(text):
        return "real"
    if _PLACEHOLDER_WORDS & set(_BREAK.split(text.lower())) and not _REFERENCE.search(text):
        return "placeholder"
    if _is_harmless(text, name):
        return "harmless"
    if looks_random(text):
        return "real"
    if _PLACEHOLDER.search(text):
        return "placeholder"
    return "real" if _is_careful(text) else "weak"


def looks_random(text: str) -> bool:
    """Whether a text is long and mixed enough to have been generated: no words, and no counting up."""
    if len(text) < _RANDOM_LENGTH or _MASK.fullmatch(text) or _is_sequence(text):
        return False
    spelled = all(_PLAIN_WORD.fullmatch(word) for word in _BREAK.split(text) if word)
    return not spelled and entropy(text) >= _ENTROPY


def entropy(text: str) -> float:
    """Shannon entropy, bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _is_harmless(text: str, name: str) -> bool:
    shapes = (_CONSTANT_NAME, _HEADER_NAME, _MASK, _HASH, _FILE_NAME)
    if len(text) < 3 or text.lower() in _ORDINARY or _REFERENCE.search(text):
        return True
    if any(shape.fullmatch(text) for shape in shapes) and not looks_random(text):
        return True
    said = words(text)
    if not re.fullmatch(r"[A-Za-z]+(?:[_.][A-Za-z]+)*", text):
        return False
    names_one = secret_name(text) is not None and len(said) > 1 and not _OWN & set(said)
    return set(said) <= set(words(name)) or names_one


def _is_careful(text: str) -> bool:
    """A password as people are told to make them: eight characters of at least three kinds."""
    kinds = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")
    return len(text) >= 8 and sum(bool(re.search(kind, text)) for kind in kinds) >= 3


def _is_sequence(text: str) -> bool:
    """`1234567890abcdef` and `aaaa…` are typed, not made."""
    steps = sum(0 <= ord(second) - ord(first) <= 1 for first, second in itertools.pairwise(text))
    return steps > len(text) / 2
