"""The table of saboteurs in docs/verification.md; `python -m tests.saboteurs.table` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.saboteurs.images import IMAGES, LEAKS
from tests.saboteurs.live.everyone import LIVE
from tests.saboteurs.model import Saboteur
from tests.saboteurs.records import RECORDS
from tests.saboteurs.sources import SOURCES

PAGE = Path(__file__).parents[2] / "docs/verification.md"
BEGIN = "<!-- saboteurs: made by python -m tests.saboteurs.table -->"
END = "<!-- end of saboteurs -->"

ALL: tuple[Saboteur, ...] = tuple(
    sorted((*SOURCES, *IMAGES, *LEAKS, *RECORDS, *LIVE), key=lambda saboteur: saboteur.tasks)
)


def rows() -> Iterator[str]:
    """Of a Markdown table, in the order of the tasks."""
    yield "| turns red | what is broken | where |"
    yield "|---|---|---|"
    for saboteur in ALL:
        yield f"| {', '.join(saboteur.tasks)} | {saboteur.breaks} | {saboteur.kind} |"


def with_table(page: str) -> str:
    """The page with the table between its marks. Raises ValueError without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} and {END}")
    return "\n".join((before + begin, "", *rows(), "", end + after))


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
