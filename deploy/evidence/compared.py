"""A comparison in words, for a terminal and for the summary of a CI job."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deploy.evidence.comparing import Comparison, FigureChange
from deploy.evidence.phrases import duration, number, words
from deploy.evidence.terminal import labelled
from deploy.markdown import block
from deploy.marks import MARKS
from deploy.wording import counted

_MOST = 40
"""Lines of one part; `--json` has all."""


def plain_text(comparison: Comparison) -> str:
    """80 columns wide; a part that has nothing to say is left out."""
    rows: dict[str, list[tuple[str, str]]] = {
        "Verdicts": [
            (it.id, f"{MARKS[it.before]} {it.before} → {MARKS[it.after]} {it.after}: {it.title}")
            for it in comparison.tasks
        ],
        "Endpoints": [("+", name) for name in comparison.endpoints_added]
        + [("-", name) for name in comparison.endpoints_gone],
        "Figures that moved by more than a tenth": _figures(comparison.figures, number),
        "Measured in one of them alone": [
            (check, _once(*counts)) for check, counts in comparison.measured_once.items()
        ],
        "Time": _figures(comparison.times, duration),
        "Shipped": [
            (words(name), f"{old or 'none'} → {new or 'none'}") for name, (old, new) in comparison.facts.items()
        ],
        "Tools": [(name, f"{old or 'none'} → {new or 'none'}") for name, (old, new) in comparison.tools.items()],
    }
    parts = [f"  {comparison.before} → {comparison.after}"]
    parts += ["\n".join((f"  {title}", *_lines(found))) for title, found in rows.items() if found]
    if not comparison.tasks:
        parts.append("  No verdict changed.")
    return "\n\n".join(parts)


def summary(comparison: Comparison) -> str:
    """Markdown: the same text as a block, in which nothing means anything."""
    return f"### What changed\n\n{block(plain_text(comparison))}\n"


def _figures(changes: Iterable[FigureChange], written: Callable[[float], str]) -> list[tuple[str, str]]:
    def moved(change: FigureChange) -> str:
        return "" if change.share is None else f" ({change.share:+.0%})"

    return [(it.name, f"{written(it.before or 0.0)} → {written(it.after or 0.0)}{moved(it)}") for it in changes]


def _once(gone: int, added: int) -> str:
    said = {"before": gone, "after": added}
    return ", ".join(f"{counted(count, 'figure')} only {when}" for when, count in said.items() if count)


def _lines(rows: list[tuple[str, str]]) -> Iterable[str]:
    yield from labelled(rows[:_MOST], 4)
    if len(rows) > _MOST:
        yield f"    … and {counted(len(rows) - _MOST, 'line')} more, with --json"
