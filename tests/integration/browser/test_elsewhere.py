"""The page from another origin, in a frame of another site, and in a browser that keeps nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.sites import Site
from tests.integration.browser.visitor import Visitor
from tests.real.backend import Backend

NO_STORAGE = """
Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
});
"""


def goes_through_the_page(visitor: Visitor, username: str) -> None:
    visitor.open()
    visitor.button("Create one").click()
    visitor.enter(username)
    visitor.is_inside()
    visitor.add("First")
    visitor.edit("First").get_by_label("Title").fill("Changed")  # sends If-Match
    visitor.button("Save").click()
    expect(visitor.titles).to_have_text(["Changed"])
    visitor.row("Changed").hover()
    visitor.button("Delete “Changed”").click()
    visitor.button("Undo").click()
    expect(visitor.titles).to_have_text(["Changed"])
    visitor.from_menu("Export my tasks")
    expect(visitor.notice).to_contain_text("exported")
    visitor.from_menu("Log out")
    expect(visitor.place.get_by_role("heading", name="Log in")).to_be_visible()


def test_from_another_origin(visit: Visit, service: Backend, elsewhere: Site, username: str) -> None:
    visitor = visit(f"{elsewhere.origin}/index.html")
    goes_through_the_page(visitor, username)
    expect(visitor.place.get_by_role("link", name="Try the API")).to_have_attribute("href", f"{service.url}/docs")


def test_another_origin_misses_nothing_and_reads_what_it_needs(
    visit: Visit, service: Backend, elsewhere: Site, username: str
) -> None:
    service.sign_up(username)
    visitor = visit(f"{elsewhere.origin}/")
    visitor.log_in(username)
    visitor.refusals_are_meant = True
    client = service.client(headers={"Authorization": f"Bearer {visitor.held()['access']}"})
    with visitor.page.expect_request(lambda request: "last-event-id" in request.headers):
        visitor.page.context.set_offline(True)
        expect(visitor.at("#lost")).to_contain_text("You are offline.")
        client.post("/api/v1/tasks", json={"title": "Made meanwhile"}).raise_for_status()
        visitor.page.context.set_offline(False)
    expect(visitor.titles).to_have_text(["Made meanwhile"])
    expect(visitor.at("#lost")).to_be_hidden()


def test_in_a_frame_of_another_site(visit: Visit, username: str) -> None:
    goes_through_the_page(visit(frame=True), username)


def test_where_storage_is_blocked(visit: Visit, username: str) -> None:
    visitor = visit()
    visitor.page.add_init_script(NO_STORAGE)
    goes_through_the_page(visitor, username)


def test_a_link_cannot_send_the_page_to_another_service(visit: Visit, service: Backend, username: str) -> None:
    asked: list[str] = []
    visitor = visit(f"{service.url}/?api=https://stranger.example&api-base=https://stranger.example")
    visitor.page.on("request", lambda request: asked.append(request.url))
    service.sign_up(username)
    visitor.log_in(username)
    assert [url for url in asked if not url.startswith(service.url)] == []
