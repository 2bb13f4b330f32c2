"""What a text is sorted and found by: worked out here, so that no database's own rules make a difference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_SORT_KEY = 200
MAX_WORD = 100  # PostgreSQL keeps no word of more than 2,046 bytes, SQLite no row of an index that is much longer

_WORD = re.compile(r"[^\W_]+")


def sort_key(text: str) -> str:
    """The same for upper and lower case; an accent counts only between letters that are otherwise the same.

    Keys are compared by code point. Only their first MAX_SORT_KEY characters count.
    """
    return unicodedata.normalize("NFKD", text.casefold())[:MAX_SORT_KEY]


def words_of(texts: Iterable[str]) -> list[str]:
    """Every word once, in order: runs of letters and digits, without case and accents, cut at MAX_WORD."""
    return list(dict.fromkeys(word[:MAX_WORD] for text in texts for word in _WORD.findall(_bare(text))))


def _bare(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not _is_mark(sign))


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")
