"""Heads of HTTP messages, and what the proxy changes in them."""

from __future__ import annotations

import pytest

from deploy.localhub.runtime.address.forwarding import for_app
from deploy.localhub.runtime.address.heads import Head

REQUEST = b"GET /a?b=c HTTP/1.1\r\nHost: space.test\r\nX-Odd:  spaced \r\nconnection: keep-alive\r\n\r\n"


def test_what_is_not_changed_stays_as_it_was() -> None:
    head = Head.parse(REQUEST)
    assert head.get("x-odd") == "spaced"
    assert head.get("absent") == ""
    assert head.encode() == REQUEST.replace(b":  spaced ", b": spaced")


def test_fields_are_replaced_whatever_their_case() -> None:
    head = Head.parse(REQUEST).having({"Connection": "close", "X-Odd": None})
    assert head.encode() == b"GET /a?b=c HTTP/1.1\r\nHost: space.test\r\nConnection: close\r\n\r\n"


def test_a_field_is_added_beside_others_of_its_name() -> None:
    head = Head.parse(REQUEST).adding("Set-Cookie", "a=b").adding("Set-Cookie", "c=d")
    assert head.all("set-cookie") == ("a=b", "c=d")


def test_a_request_goes_to_another_target() -> None:
    head = Head.parse(REQUEST)
    assert head.target == b"/a?b=c"
    assert head.to(b"/d").encode() == REQUEST.replace(b"/a?b=c", b"/d").replace(b":  spaced ", b": spaced")


def test_the_app_learns_who_asked_and_by_what_name() -> None:
    lying = REQUEST.replace(b"X-Odd", b"X-Forwarded-For: 6.6.6.6\r\nx-for_app-proto: https\r\nX-Odd")
    head = for_app(Head.parse(lying), "127.0.0.1")
    assert head.get("X-Forwarded-For") == "127.0.0.1"
    assert head.get("X-Forwarded-Proto") == "http"
    assert head.get("X-Forwarded-Host") == "space.test"
    assert head.get("Connection") == "close"


def test_an_upgrade_keeps_its_connection() -> None:
    upgrade = REQUEST.replace(b"connection: keep-alive", b"Connection: Upgrade\r\nUpgrade: websocket")
    assert for_app(Head.parse(upgrade), "127.0.0.1").get("Connection") == "Upgrade"


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nName : value\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\n: value\r\n\r\n",
    ],
)
def test_what_servers_may_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not a"):
        Head.parse(raw)


def test_the_status_of_a_response() -> None:
    assert Head.parse(b"HTTP/1.1 204 No Content\r\n\r\n").status == 204
    with pytest.raises(ValueError, match="status line"):
        _ = Head.parse(b"SSH-2.0-OpenSSH hello\r\n\r\n").status
