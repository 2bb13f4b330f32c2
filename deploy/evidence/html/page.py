"""The report: one file that fetches nothing, runs nothing, and can be printed."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from deploy.evidence.html.badges import section
from deploy.evidence.html.elements import Html, element, raw
from deploy.evidence.html.gallery import gallery
from deploy.evidence.html.glance import glance, not_run, troubles
from deploy.evidence.html.header import header
from deploy.evidence.html.latency import latency
from deploy.evidence.html.proofs import checks
from deploy.evidence.html.tables import endpoints
from deploy.evidence.html.timeline import timeline
from deploy.evidence.model import SCHEMA, Evidence
from deploy.evidence.phrases import headline

_STYLE = Path(__file__).parents[1] / "templates" / "report.css"
_HEADING = re.compile(r'<h2 id="([a-z-]+)">([^<]+)</h2>')


def page(evidence: Evidence, folder: Path) -> str:
    """The whole document; `folder` is where the files that proofs name are."""
    parts = (
        glance(evidence),
        troubles(evidence),
        not_run(evidence),
        checks(evidence),
        endpoints(evidence),
        latency(evidence),
        timeline(evidence),
        gallery(evidence, folder),
        _tools(evidence),
    )
    shown = [part for part in parts if part]
    body = element("body", header(evidence), _contents(shown), element("main", *shown), _footer())
    return f"<!DOCTYPE html>\n{element('html', _head(evidence), body, lang='en')}\n"


def _head(evidence: Evidence) -> Html:
    style = _STYLE.read_text(encoding="utf-8")
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{headline(evidence)} · {evidence.space} · {evidence.deploy}"),
        element("style", raw(style)),
    )


def _policy(style: str) -> str:
    """No script, no network; this style sheet and no other (CSP 3, hash sources)."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _contents(parts: Sequence[Html]) -> Html:
    links = (_HEADING.search(part) for part in parts)
    items = (element("li", element("a", found[2], href=f"#{found[1]}")) for found in links if found)
    return element("nav", element("ul", *items), aria_label="Parts of this report")


def _tools(evidence: Evidence) -> Html | None:
    if not evidence.tools:
        return None
    rows = (element("div", element("dt", name), element("dd", version)) for name, version in evidence.tools.items())
    return section("Tools", element("dl", *rows, class_="figures"))


def _footer() -> Html:
    said = f"Made from evidence.json ({SCHEMA}) alone. This page fetches nothing and runs nothing."
    return element("footer", element("p", said))
