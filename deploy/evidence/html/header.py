"""What a release manager reads first: the verdict, of what, by whom and when."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.evidence.html.badges import badge
from deploy.evidence.html.elements import Html, element, fragment
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import duration, headline, moment, words


def header(evidence: Evidence) -> Html:
    return element(
        "header",
        element("p", f"Evidence of {evidence.deploy}", class_="over"),
        element("h1", headline(evidence)),
        element(
            "p",
            badge(evidence.standing, words(evidence.verdict)),
            element("span", element("strong", evidence.space), f" · target {evidence.target}"),
            element("span", moment(evidence.started)),
            element("span", duration(evidence.seconds)),
            class_="lead",
        ),
        element("dl", *_facts(evidence), class_="facts"),
    )


def _facts(evidence: Evidence) -> Iterator[Html]:
    codes = {
        "Revision": evidence.revision,
        "Commit on the Space": evidence.commit,
        "Source": evidence.source_sha,
        "Image": evidence.image,
    }
    yield from (_fact(name, element("code", value)) for name, value in codes.items() if value)
    yield from (_fact(name, link(value)) for name, value in {"App": evidence.url, "Hub": evidence.hub}.items() if value)
    yield _fact("Who", evidence.who or "unknown")
    yield _fact("Finished", moment(evidence.finished))
    if evidence.rolled_back:
        yield _fact("Rolled back", "yes: an earlier release serves again")


def _fact(name: str, value: str) -> Html:
    return element("div", fragment(element("dt", name), element("dd", value)))


def link(address: str) -> Html:
    """A link when the address is one of the web, else its text."""
    if not address.startswith(("http://", "https://")):
        return element("span", address)
    return element("a", address, href=address, rel="noreferrer")
