"""Charts of one line each, as inline SVG: positions in per cent, so that they fit any width and text never shrinks."""

from __future__ import annotations

from collections.abc import Callable

from deploy.evidence.html.elements import Html, element
from deploy.evidence.html.scale import Scale

_MIDDLE = 10.0
"""Of a strip, which is 20 pixels high."""


def strip(scale: Scale, *marks: Html | None) -> Html:
    """What is drawn here stands beside it in words, so readers of the page's text skip it."""
    grid = (upright(scale.at(tick), "grid") for tick in scale.ticks)
    return element(
        "svg", *grid, *marks, class_="strip", width="100%", height="20", aria_hidden="true", focusable="false"
    )


def axis(scale: Scale, label: Callable[[float], str], *marks: Html | None) -> Html:
    """The values of the ticks, over the strips; `marks` stand in a strip below them."""
    ticks = [(scale.at(tick), label(tick)) for tick in scale.ticks]
    texts = (element("text", shown, x=f"{place:.2f}%", y="13", text_anchor=_anchor(place)) for place, shown in ticks)
    below = element("svg", *marks, y="16", width="100%", height="20", overflow="visible") if marks else None
    height = "36" if marks else "18"
    return element(
        "svg", *texts, below, class_="axis", width="100%", height=height, aria_hidden="true", focusable="false"
    )


def dot(place: float, kind: str) -> Html:
    return element("circle", cx=f"{place:.2f}%", cy=_MIDDLE, r=4.5, class_=kind)


def diamond(place: float, kind: str) -> Html:
    shape = element("path", d="M0 -5.5 5.5 0 0 5.5 -5.5 0Z", class_=kind)
    return element("svg", shape, x=f"{place:.2f}%", y=_MIDDLE, overflow="visible", width="1", height="1")


def span(start: float, end: float, kind: str) -> Html:
    return element("line", x1=f"{start:.2f}%", x2=f"{end:.2f}%", y1=_MIDDLE, y2=_MIDDLE, class_=kind)


def bar(start: float, end: float, kind: str) -> Html:
    """At least visible, however short."""
    return element("rect", x=f"{start:.2f}%", width=f"{max(0.4, end - start):.2f}%", y=4, height=12, rx=2, class_=kind)


def upright(place: float, kind: str) -> Html:
    """Through the whole height."""
    return element("line", x1=f"{place:.2f}%", x2=f"{place:.2f}%", y1=0, y2=20, class_=kind)


def _anchor(place: float) -> str:
    return "start" if place < 1 else "end" if place > 99 else "middle"
