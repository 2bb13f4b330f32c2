"""A person in front of the page: what they do, and what the browser complains of meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, FrameLocator, Locator, Page, expect

from tests.real.backend import PASSWORD
from tests.real.processes import until

NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED"
"""Chromium gives up what is under way when the machine gets or loses an address, as it does with each container that
another test starts. The page gets over it as over any lost connection; it has to be loaded first."""
REFUSED = "Failed to load resource"
"""How a console begins its note of each answer above 399 and of each lost connection: meant to happen in some tests."""


@dataclass(kw_only=True)
class Visitor:
    """One page of one browser. `place` is where the task page is: the page itself, or a frame of it."""

    page: Page
    url: str
    place: Page | FrameLocator
    refusals_are_meant: bool = False
    _complaints: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._complaints.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self._complaints.append(f"dialog: {dialog.message}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._complaints.append(f"{message.type}: {message.text}")

    @property
    def complaints(self) -> list[str]:
        meant = REFUSED if self.refusals_are_meant else NETWORK_CHANGED
        return [text for text in self._complaints if meant not in text]

    @property
    def was_cut_off(self) -> bool:
        return any(NETWORK_CHANGED in text for text in self._complaints)

    # What is on the page

    def at(self, selector: str) -> Locator:
        return self.place.locator(selector)

    def button(self, name: str) -> Locator:
        return self.place.get_by_role("button", name=name, exact=True)

    def row(self, title: str) -> Locator:
        return self.at("li.task").filter(has=self.button(title))

    @property
    def titles(self) -> Locator:
        return self.at("#tasks [data-open]")

    @property
    def notice(self) -> Locator:
        return self.at(".notice p")

    # What they do

    def open(self) -> None:
        self._load(lambda: self.page.goto(self.url))

    def reload(self) -> None:
        self._load(self.page.reload)

    def _load(self, go: Callable[[], object]) -> None:
        """Until all of the page has come, however often the network changes meanwhile."""
        before = list(self._complaints)

        def came() -> bool:
            self._complaints[:] = before
            try:
                go()
            except Error as error:
                if NETWORK_CHANGED in error.message:
                    return False
                raise
            cut = any(NETWORK_CHANGED in text for text in self._complaints[len(before) :])
            return not (cut and self.at("#starting").is_visible())

        assert until(came), "the page did not come"

    def enter(self, username: str, password: str = PASSWORD) -> None:
        """Fill in the form at the door and send it."""
        self.at("#entry-username").fill(username)
        self.at("#entry-password").fill(password)
        self.at("#entry-submit").click()

    def log_in(self, username: str) -> None:
        self.open()
        self.enter(username)
        self.is_inside()

    def is_inside(self) -> None:
        """Logged in, the list loaded, and changes arrive."""
        expect(self.place.get_by_role("heading", name="Your tasks")).to_be_visible()
        expect(self.at("#connection")).to_have_text("Live")
        expect(self.at("#tasks")).to_have_attribute("aria-busy", "false")

    def add(self, title: str) -> None:
        self.place.get_by_label("New task").fill(title)
        self.button("Add").click()
        expect(self.button(title)).to_be_visible()

    def edit(self, title: str) -> Locator:
        """Open the editor; it."""
        self.button(title).click()
        editor = self.place.get_by_role("dialog", name="Edit task")
        expect(editor).to_be_visible()
        return editor

    def from_menu(self, item: str) -> None:
        self.at("#account-button").click()
        self.button(item).click()

    # When the page does something by itself

    def turn_away(self, *, hidden: bool = True) -> None:
        """Look at another tab; as the browser tells the page, which then holds no stream."""
        self.page.evaluate(
            "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
            " document.dispatchEvent(new Event('visibilitychange')); }",
            hidden,
        )

    def own_time(self) -> None:
        """Before the first page of this browser is opened: the clock of its pages can be stopped."""
        self.page.clock.install()

    def stop_time(self, *, ahead: float) -> None:
        """What is due within `ahead` seconds happens now; then nothing happens by itself, in any page."""
        self.page.clock.pause_at(self.page.evaluate("Date.now()") / 1000 + ahead)

    # What the browser keeps

    def held(self) -> dict[str, Any]:
        """The session as all tabs find it."""
        held: dict[str, Any] = json.loads(self.page.evaluate("localStorage.getItem(localStorage.key(0))"))
        return held

    def tamper(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        text = json.dumps(change(self.held()))
        self.page.evaluate("text => localStorage.setItem(localStorage.key(0), text)", text)

    def is_too_wide(self) -> bool:
        """Something is cut off at the right, or can only be reached by scrolling sideways."""
        wide: bool = self.page.evaluate(
            "[...document.querySelectorAll('html, body *')].some(element => {"
            " const box = element.getBoundingClientRect();"
            " return box.width > 1 && box.right > document.documentElement.clientWidth + 0.5; })"
            " || document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide
