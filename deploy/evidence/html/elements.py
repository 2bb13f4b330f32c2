"""Elements of HTML and SVG as values: whatever is not an element already is escaped."""

from __future__ import annotations

import re
import unicodedata
from html import escape

from deploy.evidence.phrases import visible

_VOID = {"img", "meta"}


class Html(str):
    """Markup that is ready: made by `element`, `fragment` and `raw` alone."""

    __slots__ = ()


def element(tag: str, /, *children: str | None, **attributes: str | float | bool | None) -> Html:
    """`<tag …>children</tag>`; None is left out, True is bare, `class_` is `class`, `text_anchor` has a dash."""
    opened = f"<{tag}{''.join(_attribute(*pair) for pair in attributes.items())}>"
    return Html(opened if tag in _VOID else f"{opened}{fragment(*children)}</{tag}>")


def fragment(*children: str | None) -> Html:
    """Children one after the other."""
    return Html("".join(child if isinstance(child, Html) else text(child) for child in children if child is not None))


def raw(markup: str) -> Html:
    """Markup of our own templates, which no value is in."""
    return Html(markup)


def text(value: str) -> Html:
    """Escaped, with characters that cannot be seen shown as their numbers."""
    return Html(escape(visible(value)))


def prose(value: str) -> Html:
    """A sentence in which `code` stands between backticks; all of it is escaped."""
    parts = value.split("`")
    return fragment(*(element("code", part) if index % 2 else part for index, part in enumerate(parts)))


def identifier(value: str) -> str:
    """A value for `id` and links: letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{text(_written(value))}"'


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
