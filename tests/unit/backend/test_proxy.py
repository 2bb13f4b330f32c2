"""Who asks and by which scheme, as proxies in front tell it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.config import load_settings
from app.edge import forwarded
from app.factory import create_app


def applied(hops: int, *headers: tuple[str, str]) -> tuple[str, str]:
    scope: dict[str, Any] = {
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("10.9.9.9", 1234),
        "scheme": "http",
    }
    forwarded.apply(scope, hops=hops)
    return scope["client"][0], scope["scheme"]


@pytest.mark.parametrize(
    ("hops", "entries", "client"),
    [
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),  # the first was written by the client
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (2, "203.0.113.7", "203.0.113.7"),
        (0, "203.0.113.7", "10.9.9.9"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "[2001:DB8:0::7]", "2001:db8::7"),
        (1, "6.6.6.6, unknown", "10.9.9.9"),
        (1, "", "10.9.9.9"),
        (1, " , ", "10.9.9.9"),
        (1, '"; DROP TABLE', "10.9.9.9"),
        (1, "203.0.113.7%eth0", "10.9.9.9"),
    ],
)
def test_the_client_is_whom_the_outermost_proxy_of_ours_saw(hops: int, entries: str, client: str) -> None:
    assert applied(hops, ("x-forwarded-for", entries))[0] == client


def test_several_headers_are_one_list(client: TestClient) -> None:
    headers = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.7, 10.0.0.2")]
    assert applied(2, *headers)[0] == "203.0.113.7"


@pytest.mark.parametrize(
    ("hops", "entries", "scheme"),
    [
        (1, "https", "https"),
        (1, "http", "http"),
        (0, "https", "http"),
        (1, "gopher", "http"),
        (1, "http,https", "https"),
    ],
)
def test_the_scheme_is_the_one_that_the_proxy_was_asked_by(hops: int, entries: str, scheme: str) -> None:
    assert applied(hops, ("x-forwarded-proto", entries))[1] == scheme


def test_nothing_is_changed_without_a_proxy() -> None:
    assert applied(1) == ("10.9.9.9", "http")


def test_a_redirect_stays_with_https(client: TestClient) -> None:
    answer = client.get("/docs/", headers={"X-Forwarded-Proto": "https"}, follow_redirects=False)
    assert answer.headers["Location"] == "https://testserver/docs"


@pytest.mark.usefixtures("requests_logged")
@pytest.mark.parametrize(("environ_hops", "seen"), [("", "203.0.113.7"), ("2", "6.6.6.6"), ("0", "testclient")])
def test_how_many_proxies_there_are_is_a_setting(environ: dict[str, str], environ_hops: str, seen: str) -> None:
    lines: list[str] = []
    app = create_app(load_settings(environ | {"FORWARDED_HOPS": environ_hops}), write=lines.append)
    with TestClient(app) as client:
        client.get("/health", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"})
    assert json.loads(lines[0])["client"] == seen
