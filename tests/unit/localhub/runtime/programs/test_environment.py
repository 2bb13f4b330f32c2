"""What of the Hub's environment reaches what it starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from deploy.localhub.runtime.programs.environment import for_app, for_installer

ENVIRON = {
    "PATH": "/usr/bin:/bin",
    "LANG": "en_US.UTF-8",
    "SSL_CERT_FILE": "/ca.pem",
    "https_proxy": "http://proxy:1",
    "HOME": "/home/me",
    "PIP_INDEX_URL": "https://index.test",
    "HF_TOKEN": "hf_x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "PYTHONPATH": "/mine",
}
NEVER = "localhost,.localhost,127.0.0.1,127.0.0.0/8,::1"


def test_an_app_gets_nothing_of_a_persons_own() -> None:
    assert for_app(ENVIRON, Path("/venv/bin")) == {
        "PATH": "/venv/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "SSL_CERT_FILE": "/ca.pem",
        "REQUESTS_CA_BUNDLE": "/ca.pem",
        "https_proxy": "http://proxy:1",
        "NO_PROXY": NEVER,
        "no_proxy": NEVER,
    }


def test_pip_gets_its_settings_too() -> None:
    assert set(for_installer(ENVIRON)) - set(for_app(ENVIRON)) == {"HOME", "PIP_INDEX_URL"}


def test_programs_of_the_hubs_own_environment_are_not_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    path = os.pathsep.join(["/usr/bin", str(tmp_path / "bin"), ""])
    assert for_app({"PATH": path})["PATH"] == "/usr/bin"
