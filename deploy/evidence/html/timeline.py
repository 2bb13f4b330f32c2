"""Where the time went: the steps of the command one after the other, the checks as they overlapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from deploy.evidence.html.badges import section
from deploy.evidence.html.elements import Html, element
from deploy.evidence.html.scale import linear
from deploy.evidence.html.strips import axis, bar, strip
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import duration
from deploy.proof import Proof


@dataclass(frozen=True, kw_only=True)
class _Bar:
    name: str
    started: float
    seconds: float
    style: str


def timeline(evidence: Evidence) -> Html | None:
    """None when nothing was timed."""
    charts = [chart for chart in (_steps(evidence), _checks(evidence)) if chart]
    return section("Where the time went", *charts) if charts else None


def _steps(evidence: Evidence) -> Html | None:
    starts = accumulate((step.seconds for step in evidence.steps), initial=0.0)
    bars = [
        _Bar(name=step.name, started=start, seconds=step.seconds, style=_OUTCOMES.get(step.outcome, "failed"))
        for step, start in zip(evidence.steps, starts, strict=False)
    ]
    return _chart(bars, "Steps of the command", f"{duration(sum(it.seconds for it in bars))} in all") if bars else None


def _checks(evidence: Evidence) -> Html | None:
    ran = sorted((proof for proof in evidence.proofs if proof.seconds > 0), key=_order)
    bars = [_Bar(name=it.check, started=it.started, seconds=it.seconds, style=it.verdict) for it in ran]
    if not bars:
        return None
    end = max(it.started + it.seconds for it in bars)
    longest = max(bars, key=lambda it: it.seconds)
    said = (
        f"{duration(end)} side by side, {duration(sum(it.seconds for it in bars))} one after the other; "
        f"the slowest, {longest.name}, took {duration(longest.seconds)}"
    )
    return _chart(bars, "Checks", said)


def _chart(bars: Sequence[_Bar], title: str, said: str) -> Html:
    scale = linear(max(it.started + it.seconds for it in bars))
    head = element(
        "div",
        element("span", ""),
        axis(scale, lambda tick: f"{tick:g} s"),
        element("span", ""),
        class_="line head",
        aria_hidden="true",
    )
    lines: Iterator[Html] = (
        element(
            "div",
            element("span", it.name, class_="what"),
            strip(scale, bar(scale.at(it.started), scale.at(it.started + it.seconds), f"bar {it.style}")),
            element("span", duration(it.seconds), class_="value"),
            class_="line",
        )
        for it in bars
    )
    caption = element("figcaption", element("b", title), element("span", said, class_="legend"))
    return element("figure", caption, head, *lines, class_="chart time")


def _order(proof: Proof) -> tuple[float, float]:
    return proof.started, -proof.seconds


_OUTCOMES = {"ok": "passed", "skipped": "skipped"}
