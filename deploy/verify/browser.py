"""The pages, in a real browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.proof import NotRun
from deploy.verify.check import Check, Seen
from deploy.verify.openapi import PATH
from deploy.verify.subject import Subject
from deploy.verify.visitor import owner

WIDTHS = (360, 768, 1440)
_PRIVATE = (
    "the Space is private: each page was opened with a pass of the Hub, as the Hub's own pages do, and pages of other "
    "origins asked with one too, so that the app answered them and not the Space's gate"
)
PATIENCE = 180.0
"""Seconds for the whole of a walk; each of its steps has a bound of its own."""


def _talk(subject: Subject) -> Seen:
    found = _browse(subject, "talk")
    places = ("its own page", "a page of huggingface.co", "another origin", *subject.origins)
    text = f"{found['done']} of 2 journeys done, {len(found['complaints'])} complaints; seen from {', '.join(places)}"
    passed = (_PRIVATE,) if subject.site.admission.signature else ()
    return Seen(text=text, violations=tuple(found["complaints"]), details=passed)


def _fit(subject: Subject) -> Seen:
    subject.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = _browse(subject, "fit")
    widths = ", ".join(map(str, WIDTHS))
    return Seen(
        text=f"{found['done']} views at {widths} px, {len(found['complaints'])} complaints",
        violations=tuple(found["complaints"]),
        files=tuple(found["files"]),
    )


def _browse(subject: Subject, what: str) -> Mapping[str, Any]:
    """What the driver saw. Raises NotRun without a browser or a journey."""
    if not (subject.scenario.page and subject.scenario.journey):
        raise NotRun("the scenario describes no journey through a page")
    if subject.tools.chromium is None:
        raise NotRun("there is no Chromium on this machine")
    document = {
        "what": what,
        "chromium": str(subject.tools.chromium),
        "url": subject.site.admission.signed(subject.site.url + subject.scenario.page),
        "probe": subject.site.admission.signed(subject.site.url + PATH),
        "origins": subject.origins,
        "widths": WIDTHS,
        "folder": str(subject.folder),
        "journey": [dict(step) for step in subject.scenario.journey],
        "words": owner(subject).session.account.words,
    }
    return subject.tools.drive("browse", document, timeout=PATIENCE)


BROWSER = Check(name="browser", asked="the page works alone and embedded, and other origins are kept out", run=_talk)
RESPONSIVE = Check(name="responsive", asked="every view fits 360, 768 and 1440 px, with room to press", run=_fit)
