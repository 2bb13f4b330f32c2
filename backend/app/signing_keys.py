"""Which keys are fit to sign tokens: a key that was copied, typed or made up lets everybody in."""

from __future__ import annotations

MIN_BYTES = 32  # RFC 7518, section 3.2: an HS256 key is at least as long as its hash
_FEWEST_CHARACTERS = 8  # of 32 random hexadecimal digits, one key in thirty million has fewer different ones
_MADE_UP = ("changethis", "changeme", "secret", "password", "example", "default", "replace", "insecure", "placeholder")
_JOINED = str.maketrans("", "", " -_.")


def fault(key: str) -> str | None:
    """What is wrong with a key, as the end of a sentence that begins with its name; None when it is fit to use."""
    length = len(key.encode(errors="surrogateescape"))
    if length == 0:
        return f"is missing: set it to a secret of at least {MIN_BYTES} bytes"
    if length < MIN_BYTES:
        return f"is too short: {length} bytes, at least {MIN_BYTES} needed"
    if len(set(key)) < _FEWEST_CHARACTERS or key in (key + key)[1:-1]:
        return "repeats itself: it needs to be random"
    if any(word in key.casefold().translate(_JOINED) for word in _MADE_UP):
        return "is a default or was made up from words: it needs to be random"
    return None
