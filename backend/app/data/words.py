"""What a text is sorted and found by: worked out here, so that no database's own rules make a difference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

MAX_SORT_KEY = 200
MARK = 8
MAX_WORD = 100  # PostgreSQL keeps no word of more than 2,046 bytes

_ACCENTS = re.compile(r"[\u0300-\u036f]")  # those of the Latin, Greek and Cyrillic scripts; others make words differ
_PARTS_OF_WORDS = frozenset("LNM")  # letters, numbers and marks, by the first letter of Unicode's categories
_ASCII_WORD = re.compile(r"[a-z0-9]+")


def sort_key(text: str) -> str:
    """The same for upper and lower case, with and without accents; compared by code point.

    Its length is at most MAX_SORT_KEY: what comes later does not count.
    """
    return _fold(text)[:MAX_SORT_KEY]


def words_of(texts: Iterable[str]) -> list[str]:
    """Every word once, in order: runs of letters and digits, without case and accents, cut at MAX_WORD."""
    return list(dict.fromkeys(word[:MAX_WORD] for text in texts for word in _split(_fold(text))))


def own_words(owner_id: UUID, texts: Iterable[str]) -> list[str]:
    """The words as they are kept: each begins with a mark of its owner.

    An index of them leads to the owner's tasks alone, however many others use the same words. Owners who share a mark
    share no more than that.
    """
    mark = owner_id.hex[-MARK:]
    return [mark + word for word in words_of(texts)]


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", folded))


def _split(folded: str) -> list[str]:
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return "".join(sign if unicodedata.category(sign)[0] in _PARTS_OF_WORDS else " " for sign in folded).split()
