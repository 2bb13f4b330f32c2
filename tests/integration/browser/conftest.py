"""A real browser, the real backend, and other origins. Each test's people are its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from _pytest.runner import runtestprotocol
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.integration.browser.sites import EMBEDDER, Site, framing, serving
from tests.integration.browser.visitor import Visitor
from tests.real.backend import Backend, prepared_backend

PATIENCE_MS = 15_000
WIDTHS = {360: 740, 768: 1024, 1440: 900}
PLENTY = {"LOGIN_RATE": "1000/minute", "REGISTER_RATE": "1000/minute"}

Visit = Callable[..., Visitor]
_CUT = pytest.StashKey[bool]()
"""Whether a browser of this test was cut off by a change of the machine's network."""
_ROUNDS = 5


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A test of this folder that failed and was cut off says nothing: it is begun again."""
    if not item.path.is_relative_to(Path(__file__).parent):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for _ in range(_ROUNDS):
        item.stash[_CUT] = False
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if not item.stash[_CUT] or all(report.passed for report in reports):
            break
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serves the page's files from another origin."""
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, elsewhere: Site) -> Iterator[Backend]:
    """The backend that the tests share; one that must be stopped is `own_service`."""
    environ = {**PLENTY, "CORS_ORIGINS": elsewhere.origin}
    with prepared_backend(tmp_path_factory.mktemp("service"), environ) as backend:
        backend.start()
        elsewhere.serve_page(backend.url)
        yield backend


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Backend]:
    """A backend of the test's own, which counts logins and may be stopped."""
    with prepared_backend(tmp_path / "service", {"LOGIN_RATE": "2/minute"}) as backend:
        backend.start()
        yield backend


@pytest.fixture
def username() -> str:
    """Of nobody yet."""
    return f"person-{uuid4().hex[:12]}"


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    return {"width": request.param, "height": WIDTHS[request.param]}


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser without a memory, for one person."""
    with ExitStack() as stack:

        def new_context(**options: Any) -> BrowserContext:
            context = browser.new_context(**options)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            return context

        yield new_context


@pytest.fixture
def visit(
    service: Backend, new_context: Callable[..., BrowserContext], request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """Sends somebody to the page. Afterwards no browser may have complained of anything."""
    visitors: list[Visitor] = []

    def visit(
        url: str = f"{service.url}/", *, context: BrowserContext | None = None, frame: bool = False, **options: Any
    ) -> Visitor:
        page = (context or new_context(**options)).new_page()
        place: Page | FrameLocator = page.frame_locator("iframe") if frame else page
        if frame:
            page.route(EMBEDDER, lambda route: route.fulfill(body=framing(url), content_type="text/html"))
        visitors.append(Visitor(page=page, url=EMBEDDER if frame else url, place=place))
        return visitors[-1]

    yield visit
    request.node.stash[_CUT] = any(visitor.was_cut_off for visitor in visitors)
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
