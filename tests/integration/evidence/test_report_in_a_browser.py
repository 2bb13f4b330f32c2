"""The report in a real Chromium: narrow and wide, light and dark, and printed; nothing asked of the network."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from deploy.evidence.html.page import page as report
from tests.unit.evidence.samples import evidence, troubled, with_screenshots

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
Scheme = Literal["light", "dark"]
_BACKGROUND = "getComputedStyle(document.body).backgroundColor"
_WIDER = """() => [...document.querySelectorAll('body *')]
    .filter(it => !it.closest('.scroll') && it.getBoundingClientRect().right > innerWidth + 1)
    .map(it => it.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module", params=["good", "troubled"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a report on disk, as a person would open it."""
    folder = tmp_path_factory.mktemp("evidence")
    whole = with_screenshots(folder, evidence()) if request.param == "good" else troubled()
    (folder / "report.html").write_text(report(whole, folder), encoding="utf-8")
    return (folder / "report.html").as_uri()


def visit(browser: Browser, address: str, *, width: int, scheme: Scheme = "light") -> tuple[Page, list[str]]:
    """The page, and whatever it said or asked for that it should not have."""
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: heard.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None)
    page.goto(address)
    return page, heard


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_is_silent_and_accessible(browser: Browser, address: str, width: int, scheme: Scheme) -> None:
    page, heard = visit(browser, address, width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(_WIDER) == []
    for folded in page.locator("details").all():
        folded.evaluate("it => it.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []
    assert heard == []
    page.context.close()


def test_it_has_35_cells_of_a_readable_size_and_pictures_that_load(browser: Browser, address: str) -> None:
    page, _ = visit(browser, address, width=360)
    sizes = page.eval_on_selector_all(".cell", "all => all.map(it => it.getBoundingClientRect().width)")
    assert len(sizes) == 35
    assert min(sizes) >= 90
    loaded = page.eval_on_selector_all("img", "all => all.map(it => it.complete && it.naturalWidth > 0)")
    assert all(loaded)
    page.context.close()


def test_light_and_dark_differ_and_print_is_light(browser: Browser, address: str) -> None:
    page, _ = visit(browser, address, width=1440, scheme="light")
    light = page.evaluate(_BACKGROUND)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(_BACKGROUND) != light
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(_BACKGROUND) == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 32, 36)"
    page.context.close()


def test_print_shows_what_is_folded(browser: Browser, address: str) -> None:
    page, _ = visit(browser, address, width=1440)
    folded = page.locator("details:not([open]) > :nth-child(2)").first
    assert folded.evaluate("it => it.checkVisibility()") is False
    page.emulate_media(media="print")
    assert folded.evaluate("it => it.checkVisibility()") is True
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.context.close()


def test_a_cell_leads_to_its_checks_by_keyboard(browser: Browser, address: str) -> None:
    page, _ = visit(browser, address, width=1440)
    page.locator(".cell", has_text="T016").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#task-t016")
    page.context.close()
