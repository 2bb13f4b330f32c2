"""Words of an instruction as BuildKit splits, unquotes and expands them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_VARIABLE = re.compile(
    r"""\$(?:
        (?P<plain>[A-Za-z_]\w*)
      | \{(?P<name>[A-Za-z_]\w*)(?:(?P<rule>:?[-+?])(?P<word>[^}]*))?\}
    )""",
    re.VERBOSE,
)
_RUN = re.compile(r"[^\s'\"$\\`]+|.", re.DOTALL)
"""Characters that mean only themselves, or one that may mean more."""


def split(text: str, escape: str = "\\") -> list[str]:
    """Split on blanks outside quotes; quotes and escapes stay in the words."""
    words: list[str] = []
    start, quote, skip = 0, "", False
    for match in _RUN.finditer(text):
        place, character = match.start(), match.group()
        if skip:
            skip = False
        elif character == escape and quote != "'":
            skip = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character.isspace():
            words.append(text[start:place])
            start = place + 1
    return [word for word in (*words, text[start:]) if word]


def plain(word: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """A word without its quotes and with `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` replaced."""
    return "".join(_pieces(word, values, escape))


def _pieces(word: str, values: Mapping[str, str], escape: str) -> Iterator[str]:
    place, quote = 0, ""
    while place < len(word):
        character = _RUN.match(word, place).group()  # type: ignore[union-attr]
        variable = _VARIABLE.match(word, place) if quote != "'" else None
        if character == escape and quote != "'" and place + 1 < len(word):
            kept = quote and word[place + 1] not in f'"${escape}'
            yield word[place : place + 2] if kept else word[place + 1]
            place += 2
        elif variable:
            yield _value(variable, values, escape)
            place = variable.end()
        elif character in "'\"" and quote in ("", character):
            quote = "" if quote else character
            place += 1
        else:
            yield character
            place += len(character)


def _value(variable: re.Match[str], values: Mapping[str, str], escape: str) -> str:
    name, rule, word = variable["plain"] or variable["name"], variable["rule"] or "", variable["word"] or ""
    value = values.get(name)
    missing = not value if rule.startswith(":") else value is None
    if rule.endswith("+"):
        return "" if missing else plain(word, values, escape)
    if rule.endswith("-") and missing:
        return plain(word, values, escape)
    return value or ""
