"""The page that describes the API, and the telemetry that nobody asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.edge import telemetry
from tests.unit.backend.keys import KEYS


def test_the_docs_load_files_of_the_service_and_hold_no_script(client: TestClient) -> None:
    page = client.get("/docs").text
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert {link: client.get(f"/{link}").status_code for link in links} == dict.fromkeys(links, 200)
    assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=|https?:", page)


def test_the_docs_start_with_the_description_of_this_service(client: TestClient) -> None:
    start = client.get("/docs/start.js")
    assert start.headers["Content-Type"].startswith("text/javascript")
    assert '"openapi.json"' in start.text


@pytest.mark.parametrize(
    "path", ["/docs/files/../../main.py", "/docs/files/", "/docs/files/none.js", "/docs/files/%00"]
)
def test_nothing_else_is_a_file_of_the_docs(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("signal", ["", "_TRACES", "_METRICS", "_LOGS"])
def test_telemetry_is_on_when_it_has_somewhere_to_go(signal: str) -> None:
    assert telemetry.config({f"OTEL_EXPORTER_OTLP{signal}_ENDPOINT": "http://127.0.0.1:4318"}) == {
        "auto_configure": True
    }
    assert telemetry.config({f"OTEL_EXPORTER_OTLP{signal}_ENDPOINT": ""}) == telemetry.OFF
    assert telemetry.config({}) == telemetry.OFF


def test_without_telemetry_nothing_of_it_is_imported(backend: Path, tmp_path: Path) -> None:
    code = (
        "import sys, main; from fastapi.testclient import TestClient\n"
        "with TestClient(main.app) as client: client.get('/health')\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    environ = {"JWT_KEY_A": KEYS["A"], "DATA_DIR": str(tmp_path), "LOG_LEVEL": "error"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=backend, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
