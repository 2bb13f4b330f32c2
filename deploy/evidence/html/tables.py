"""Rows as tables: columns in the order they come, numbers to the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deploy.evidence.html.badges import mark, section
from deploy.evidence.html.elements import Html, element
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import cell, words
from deploy.proof import Cell
from deploy.wording import counted

Row = Mapping[str, Cell]
ENDPOINTS = "endpoints"
_MOST = 400
"""Rows of one table that the page shows; the rest is in evidence.json."""


def endpoints(evidence: Evidence) -> Html | None:
    """Each operation with how it was reached; None when no check left such a table."""
    rows = [row for proof in evidence.proofs for row in proof.tables.get(ENDPOINTS, ())]
    if not rows:
        return None
    never = sum(_never(row) for row in rows)
    said = f"{counted(never, 'operation')} never reached with success" if never else "each reached with success"
    return section(
        "Endpoints", table(rows, "Endpoints", bad=_never), note=f"{counted(len(rows), 'operation')}, {said}."
    )


def table(rows: Sequence[Row], title: str, *, bad: Callable[[Row], bool] = lambda _: False) -> Html:
    """A region that scrolls by itself where the page is narrow, also by keyboard; `bad` rows are marked failed."""
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["nothing"]
    head = element("tr", *(element("th", words(name), scope="col", class_=_kind(rows, name)) for name in columns))
    body = [_row(row, columns, rows, failed=bad(row)) for row in rows[:_MOST]]
    more = f"{len(rows) - _MOST} more are in evidence.json." if len(rows) > _MOST else None
    return element(
        "div",
        element("table", element("thead", head), element("tbody", *body)),
        element("p", more, class_="note") if more else None,
        class_="scroll",
        role="region",
        aria_label=f"Table: {title}",
        tabindex="0",
    )


def _row(row: Row, columns: Sequence[str], rows: Sequence[Row], *, failed: bool) -> Html:
    first, *rest = columns
    lead = element("th", mark("failed") if failed else None, " " if failed else None, cell(row.get(first)), scope="row")
    others = (element("td", cell(row.get(name)), class_=_kind(rows, name)) for name in rest)
    return element("tr", lead, *others, class_="failed" if failed else None)


def _kind(rows: Sequence[Row], column: str) -> str | None:
    values = [row[column] for row in rows if row.get(column) is not None]
    return "number" if values and not any(isinstance(value, str) for value in values) else None


def _never(row: Row) -> bool:
    return row.get("success") == 0
