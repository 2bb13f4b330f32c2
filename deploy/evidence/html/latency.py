"""Response times of each operation against the budgets: p50, p95 and p99 on one logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from deploy.evidence.html.badges import badge, section
from deploy.evidence.html.elements import Html, element
from deploy.evidence.html.scale import Scale, logarithmic
from deploy.evidence.html.strips import axis, diamond, dot, span, strip, upright
from deploy.evidence.model import Evidence
from deploy.evidence.percentiles import PERCENTILES, Percentiles, budgets, measured
from deploy.evidence.phrases import number


def latency(evidence: Evidence) -> Html | None:
    """One chart for each check that left percentiles; None when none did."""
    charts = [_chart(rows, budgets(proof), proof.check) for proof in evidence.proofs if (rows := measured(proof))]
    return section("Latency", *charts, note="Milliseconds, on a logarithmic scale.") if charts else None


def _chart(rows: Sequence[Percentiles], limits: Mapping[str, float], check: str) -> Html:
    scale = logarithmic([*(value for row in rows for value in row.values.values()), *limits.values()])
    head = (element("span", ""), axis(scale, _tick, *_limits(limits, scale)), element("span", ""))
    return element(
        "figure",
        element("figcaption", element("code", check), _legend(limits)),
        element("div", *head, class_="line head", aria_hidden="true"),
        *(_line(row, limits, scale) for row in rows),
        class_="chart latency",
    )


def _legend(limits: Mapping[str, float]) -> Html:
    marks = {"p50_ms": "○ p50", "p95_ms": "● p95", "p99_ms": "◆ p99"}
    said = (f"{shown}, budget {number(limits[name])}" if name in limits else shown for name, shown in marks.items())
    return element("span", *(element("span", text) for text in said), class_="legend")


def _line(row: Percentiles, limits: Mapping[str, float], scale: Scale) -> Html:
    over = [name.removesuffix("_ms") for name in row.over(limits)]
    said = " · ".join(number(round(value, 1)) for value in row.values.values())
    return element(
        "div",
        element("span", row.operation, class_="what"),
        strip(scale, *_drawn(row, limits, scale)),
        element("span", said, *([" ", badge("failed", f"over at {', '.join(over)}")] if over else []), class_="value"),
        class_="line",
    )


def _drawn(row: Percentiles, limits: Mapping[str, float], scale: Scale) -> Iterator[Html]:
    p50, p95, p99 = (scale.at(row.values[name]) for name in PERCENTILES)
    yield from (upright(scale.at(value), f"limit {name.removesuffix('_ms')}") for name, value in limits.items())
    yield span(p50, p99, "range")
    styles = {name: "over" if name in row.over(limits) else "within" for name in PERCENTILES}
    yield dot(p50, f"hollow {styles['p50_ms']}")
    yield diamond(p99, styles["p99_ms"])
    yield dot(p95, styles["p95_ms"])


def _limits(limits: Mapping[str, float], scale: Scale) -> Iterator[Html]:
    """Over each budget's line, the shape it is for."""
    for name, value in limits.items():
        place = scale.at(value)
        yield (
            diamond(place, "legend-mark")
            if name == "p99_ms"
            else dot(place, "legend-mark hollow" if name == "p50_ms" else "legend-mark")
        )


def _tick(value: float) -> str:
    return f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"
