"""The description of the API, in a real browser: everything comes from the service, and one can log in there."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import Browser, expect

from tests.real.backend import PASSWORD, Backend

PATIENCE_MS = 15_000


def test_the_api_is_tried_out_after_logging_in_there(browser: Browser, service: Backend) -> None:
    name = f"reader-{uuid4().hex[:8]}"
    service.sign_up(name)
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{service.url}/docs")
    page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".auth-container")
    form.locator("#oauth_username").fill(name)
    form.locator("#oauth_password").fill(PASSWORD)
    form.locator("button.authorize").click()
    expect(form.get_by_text("Logout")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("button.btn-done").click()

    operation = page.locator("#operations-auth-me")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text(name)

    assert [url for url in asked if not url.startswith((f"{service.url}/", "data:"))] == []
    assert complaints == []
    page.close()
