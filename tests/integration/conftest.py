"""What the machine must have: asked for by the name of a fixture, such as `docker`."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from deploy.errors import EngineUnavailable
from deploy.image.engine import Engine
from tests.needs import missing

BASE_IMAGE = "python:3.13-slim"


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    """An engine that answers and has the base image."""
    try:
        engine = Engine.connect()
    except EngineUnavailable as error:
        missing("docker", error.what)
    with closing(engine):
        if engine.find_image(BASE_IMAGE) is None:
            pulled = subprocess.run(["docker", "pull", "--quiet", BASE_IMAGE], capture_output=True, check=False)
            if pulled.returncode:
                missing("docker", f"the engine has no {BASE_IMAGE} and cannot pull it; run: sh .ci/base-image")
        yield engine


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return Path(found) if found else missing("browser", "there is no chromium on PATH")


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """The browser itself, one for all tests of a worker: Playwright does not start a second time in a thread."""
    with sync_playwright() as playwright:
        # As root there is no sandbox. The last one: a page that only says that it is of the internet may ask loopback.
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-features=LocalNetworkAccessChecks"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()
