"""Walks a page in a real browser: reads what to do as JSON on stdin, writes what was seen as JSON on stdout.

Runs in a process of its own, with Playwright in its Python, and imports nothing of this package.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, FrameLocator, Page, expect, sync_playwright

PATIENCE_MS = 15_000
EMBEDDER = "https://huggingface.co/spaces/embedding"
STRANGER = "https://stranger.example/"
HEIGHT = 900
LEAST_TARGET = 24
"""Pixels that something to press measures each way (WCAG 2.2, success criterion 2.5.8)."""
INTERRUPTED = "ERR_NETWORK_CHANGED"
"""Chromium drops what is under way when an interface of its machine comes or goes, such as a container's."""
AGAIN_WITHIN = 100.0
"""Seconds from the start within which a walk that was interrupted is begun again: there may be many containers."""
FLAGS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    "--disable-features=LocalNetworkAccessChecks",  # a page that only says that it is of the internet asks loopback
]

SMALL_TARGETS = """(least) => [...document.querySelectorAll('button, select, input:not([type=hidden]), [role=button]')]
  .filter((one) => one.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width > 1 && box.height > 1 && (box.width < least || box.height < least))
  .filter(([one]) => !(one.labels && [...one.labels].some((label) => label.getBoundingClientRect().height >= least)))
  .map(([one]) => (one.getAttribute('aria-label') || one.innerText || one.name || one.id || one.tagName).trim())"""
EMPTY = "<!doctype html><title>A page</title>"
ASK = "(url) => fetch(url).then((answer) => answer.status, () => 0)"


class Walk:
    """One page under way, and all that it complained of."""

    def __init__(self, page: Page, place: Page | FrameLocator, where: str) -> None:
        self.page = page
        self.place = place
        self.where = where
        self.complaints: list[str] = []
        page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))

    def take(self, steps: Sequence[Mapping[str, str]], words: Mapping[str, str]) -> bool:
        """Each step as a person would, found by what a person sees or hears; False at the first that fails."""
        for step in steps:
            (kind, name), *_ = ((kind, name) for kind, name in step.items() if kind != "with")
            try:
                self._step(kind, _filled(name, words), _filled(step.get("with", ""), words))
            except (AssertionError, Error) as error:
                reason = str(error).splitlines()[0]
                self._complain(f"{kind} {name!r} could not be done: {reason}; the page says: {self._words()}")
                return False
        return True

    def _step(self, kind: str, name: str, given: str) -> None:
        if kind == "fill":
            self.place.get_by_label(name, exact=True).first.fill(given)
        elif kind == "click":
            self.place.get_by_role("button", name=name, exact=True).first.click()
        elif kind == "see":
            expect(self.place.get_by_text(name, exact=True).filter(visible=True).first).to_be_visible(
                timeout=PATIENCE_MS
            )
        else:
            raise AssertionError(f"{kind} is no step")

    def _words(self) -> str:
        """What is to be read on the page now, in short."""
        try:
            return " ".join(self.place.locator("body").inner_text(timeout=1_000).split())[:300]
        except Error:
            return "nothing"

    def _complain(self, text: str) -> None:
        self.complaints.append(f"{self.where}: {text}")


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text


@contextmanager
def browsing(chromium: str) -> Iterator[Browser]:
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS  # root has none to give up
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def _context(browser: Browser, width: int = 1440) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": HEIGHT})
    context.set_default_timeout(PATIENCE_MS)
    return context


def talk(browser: Browser, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The journey on the app's own page and embedded; and what pages of other origins get."""
    complaints: list[str] = []
    done = 0
    for where in ("its own page", "embedded on huggingface.co"):
        with _context(browser) as context:
            begin = _embedded if "embedded" in where else _own
            walk = begin(context, asked["url"], where)
            done += walk.take(asked["journey"], {**asked["words"], "text": f"Seen {where}"})
            complaints += walk.complaints
    refused = _asked_from(browser, STRANGER, asked["probe"])
    if refused:
        complaints.append(f"{STRANGER}: a page of another origin got {refused} from {asked['probe']}")
    for origin in asked["origins"]:
        if not _asked_from(browser, f"{origin}/", asked["probe"]):
            complaints.append(f"{origin}: is allowed, and its page got no answer from {asked['probe']}")
    return {"done": done, "complaints": complaints}


def _own(context: BrowserContext, url: str, where: str) -> Walk:
    page = context.new_page()
    walk = Walk(page, page, where)
    page.goto(url)
    return walk


def _embedded(context: BrowserContext, url: str, where: str) -> Walk:
    page = context.new_page()
    walk = Walk(page, page.frame_locator("iframe"), where)
    frame = f'<!doctype html><title>Embedding</title><iframe src="{url}" style="width:100%;height:800px"></iframe>'
    page.route(EMBEDDER, lambda route: route.fulfill(body=frame, content_type="text/html"))
    page.goto(EMBEDDER)
    return walk


def _asked_from(browser: Browser, origin: str, probe: str) -> int:
    """The status that a page of `origin` gets to see; 0 when its browser keeps the answer from it."""
    with _context(browser) as context:
        page = context.new_page()
        page.route(origin, lambda route: route.fulfill(body=EMPTY, content_type="text/html"))
        page.goto(origin)
        status: int = page.evaluate(ASK, probe)
        return status


def fit(browser: Browser, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Every view at every width: nothing to scroll sideways to, nothing too small to press; with pictures."""
    complaints: list[str] = []
    files: list[str] = []
    with _context(browser, asked["widths"][0]) as context:
        walk = _own(context, asked["url"], "the page")
        walk.page.wait_for_load_state("networkidle")
        _measure(walk.page, asked, "first view", complaints, files)
        walk.take(asked["journey"], {**asked["words"], "text": "A task of some length, to see where its words break"})
        _measure(walk.page, asked, "after the journey", complaints, files)
        complaints += walk.complaints
    return {"done": len(files), "complaints": complaints, "files": files}


def _measure(page: Page, asked: Mapping[str, Any], view: str, complaints: list[str], files: list[str]) -> None:
    for width in asked["widths"]:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.wait_for_function("width => innerWidth === width", arg=width)
        beyond = page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth")
        if beyond > 0:
            complaints.append(f"{view} at {width} px: {beyond} px wider than the screen")
        complaints += [
            f"{view} at {width} px: {name!r} is less than {LEAST_TARGET} px high or wide"
            for name in page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        ]
        name = f"{view.replace(' ', '-')}-{width}.png"
        page.screenshot(path=os.path.join(asked["folder"], name))  # noqa: PTH118 - without pathlib for one join
        files.append(name)


def _walk(browser: Browser, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A walk that could not even begin, as its page did not come through, has that for its complaint."""
    try:
        return (talk if asked["what"] == "talk" else fit)(browser, asked)
    except Error as error:
        if INTERRUPTED not in str(error):
            raise
        return {"done": 0, "complaints": [str(error).splitlines()[0]], "files": []}


def _interrupted(found: Mapping[str, Any]) -> bool:
    return any(INTERRUPTED in complaint for complaint in found["complaints"])


def main() -> None:
    asked = json.load(sys.stdin)
    last_start = time.monotonic() + AGAIN_WITHIN
    with browsing(asked["chromium"]) as browser:
        found = _walk(browser, asked)
        while _interrupted(found) and time.monotonic() < last_start:
            found = _walk(browser, asked)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
