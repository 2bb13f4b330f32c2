"""Verdicts as people see them: colour, symbol and word together, so that none of them is needed alone."""

from __future__ import annotations

from deploy.catalogue import Task
from deploy.evidence.html.elements import Html, element, identifier
from deploy.marks import MARKS
from deploy.proof import Verdict


def badge(verdict: Verdict, word: str) -> Html:
    """`✓ proved` in its colour."""
    return element("span", mark(verdict), " ", word, class_=f"badge {identifier(verdict)}")


def mark(verdict: Verdict) -> Html:
    return element("span", MARKS[verdict], class_="mark", aria_hidden="true")


def anchor(task: Task) -> str:
    """Where on the page its checks are, apart from the page's own parts."""
    return identifier(f"task {task.id}")


def section(title: str, *children: str | None, note: str = "") -> Html:
    """A part of the page under a heading, which the page's list of parts leads to."""
    place = identifier(title)
    lead = element("p", note, class_="note") if note else None
    return element("section", element("h2", title, id=place), lead, *children, aria_labelledby=place)
