"""Text that stands in Markdown as it is: in a cell of a table, in a block."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~&$:])")


def row(*texts: str) -> str:
    """One row of a table; in its cells Markdown keeps its meaning, and nothing ends them."""
    return "| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in texts) + " |"


def plain(line: str) -> str:
    """Without any meaning to Markdown or HTML."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", line)


def block(text: str) -> str:
    """A code block that ends where the text does, whatever fences it has in it."""
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("`+", text))])
    return f"{fence}text\n{text}\n{fence}"
