"""The programs that checks are made with, where a company's proxy is in the environment: none asks it for loopback, and
all ask it for what is elsewhere."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.command import Command
from deploy.command import run as command_run
from deploy.pipeline.steps.tools import find_tools
from deploy.verify.tools import DRIVERS, Tools
from tests.real.proxy import Proxy, running_proxy
from tests.real.site import Quiet, running_site
from tests.unit.ground.builders import Recorded

ANSWERS = {"200": {"description": "all of them"}}
API = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/items": {"get": {"responses": ANSWERS}}}}
LOAD = {"items": "/items", "item": {}, "id": "id", "headers": {}, "pace": 1.0}


class Site(Quiet, BaseHTTPRequestHandler):
    """A page, a list, and the description of it."""

    def do_GET(self) -> None:
        if self.path == "/":
            self.tell(b"<!doctype html><title>A page</title>", content_type="text/html")
        else:
            self._tell(API if self.path == "/openapi.json" else [])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._tell({"id": "1"}, status=201)

    def do_DELETE(self) -> None:
        self._tell(None)

    def _tell(self, document: object, status: int = 200) -> None:
        self.tell(json.dumps(document).encode(), status=status, content_type="application/json")


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    with running_site(Site) as port:
        yield port


@pytest.fixture
def proxy(site: int) -> Iterator[Proxy]:
    with running_proxy() as proxy:
        proxy.leads = {"hub.example": site}
        yield proxy


@pytest.fixture
def tools(proxy: Proxy, tmp_path: Path) -> Tools:
    """As a command finds them in such an environment."""
    environ = {"PATH": os.environ["PATH"], **proxy.environment}
    return find_tools(tmp_path, Recorded().console, environ, tmp_path)


def run(tools: Tools, *argv: str, given: object = None) -> str:
    command = Command(argv=argv, cwd=DRIVERS, env=tools.environment, stdin=json.dumps(given), timeout=300)
    return command_run(command).output


def schemathesis(tools: Tools, url: str) -> None:
    program = str(Path(sys.executable).with_name("schemathesis"))
    assert "No issues found" in run(tools, program, "run", f"{url}/openapi.json", "--phases=fuzzing")


def locust(tools: Tools, url: str) -> None:
    options = ("--headless", "--skip-log", "--only-summary", "--exit-code-on-error", "0", "-u", "1", "-t", "15s")
    driver = ("-m", "locust", "-f", str(DRIVERS / "load.py"))
    said = run(tools, str(tools.python), "-I", *driver, *options, "--host", url, given=LOAD)
    [line] = [line for line in said.splitlines() if line.startswith('{"figures"')]
    figures = json.loads(line)["figures"]
    assert figures
    assert [one["num_failures"] for one in figures] == [0] * len(figures)


@pytest.mark.parametrize("tool", [schemathesis, locust])
def test_a_tool_asks_loopback_itself_and_others_through_the_proxy(
    tool: Callable[[Tools, str], None], site: int, proxy: Proxy, tools: Tools
) -> None:
    tool(tools, f"http://127.0.0.1:{site}")
    assert proxy.asked == []
    tool(tools, "http://hub.example")
    assert {urlsplit(asked.split()[1]).hostname for asked in proxy.asked} == {"hub.example"}


def test_so_does_the_browser(site: int, proxy: Proxy, tools: Tools, chromium: Path, tmp_path: Path) -> None:
    """What it asks its maker in passing is its own affair."""
    for url in (f"http://127.0.0.1:{site}/", "http://hub.example/"):
        walk = {"what": "fit", "chromium": str(chromium), "url": url, "probe": url, "origins": [], "widths": [360]}
        asked = {**walk, "folder": str(tmp_path), "journey": [], "words": {}}
        assert tools.drive("browse", asked, timeout=180) == {
            "done": 2,
            "complaints": [],
            "files": ["first-view-360.png", "after-the-journey-360.png"],
        }
    ours = [asked for asked in proxy.asked if "hub.example" in asked or "127.0.0.1" in asked]
    assert "GET http://hub.example/" in ours
    assert not any("127.0.0.1" in asked for asked in ours)
