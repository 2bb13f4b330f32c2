"""Who is let in to a private Space, and that the app sees nothing of what let them in."""

from __future__ import annotations

import pytest

from deploy.localhub.runtime.address.access import Access
from deploy.localhub.runtime.address.heads import Head
from deploy.localhub.runtime.model import Viewers

TOKEN, PASS = "hf_good", "good.of.space"
VIEWERS = Viewers(by_token=lambda token: token == TOKEN, by_pass=lambda token: token == PASS)
PRIVATE = Access(private=True, viewers=VIEWERS)
PUBLIC = Access(viewers=VIEWERS)


def request(target: str = "/", **fields: str) -> Head:
    lines = [f"GET {target} HTTP/1.1", "Host: space.test", *(f"{name}: {value}" for name, value in fields.items())]
    return Head.parse("\r\n".join([*lines, "", ""]).encode())


def seen_by_the_app(access: Access, asked: Head) -> Head:
    admitted = access.admit(asked)
    assert admitted is not None
    return admitted.request


@pytest.mark.parametrize(
    "asked",
    [
        request(Authorization=f"Bearer {TOKEN}"),
        request(f"/?__sign={PASS}"),
        request(f"/?a=b&__sign={PASS}&c"),
        request(f"/?%5f_sign={PASS}"),
        request(Cookie=f"spaces-jwt={PASS}"),
        request(Cookie=f"a=b; spaces-jwt={PASS}; c=d"),
        request("/?__sign=wrong", Cookie=f"spaces-jwt={PASS}"),
        request(f"/?__sign={PASS}", Cookie="spaces-jwt=wrong", Authorization="Bearer of-the-app"),
    ],
)
def test_a_token_a_pass_and_the_cookie_let_in_and_the_app_sees_none_of_them(asked: Head) -> None:
    seen = seen_by_the_app(PRIVATE, asked).encode().decode()
    assert TOKEN not in seen
    assert PASS not in seen
    assert "__sign" not in seen
    assert "spaces-jwt" not in seen


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request(Authorization="Bearer wrong"),
        request(Authorization=f"Basic {TOKEN}"),
        request(Authorization=f"Bearer {PASS}"),
        request(f"/?__sign={TOKEN}"),
        request("/?__sign="),
        request("/?__sign=wrong"),
        request(f"/?sign={PASS}"),
        request(Cookie="spaces-jwt=wrong"),
        request(Cookie=f"jwt={PASS}"),
        request(Referer=f"http://space.test/?__sign={PASS}"),
    ],
)
def test_everything_else_does_not(asked: Head) -> None:
    assert PRIVATE.admit(asked) is None


def test_nobody_comes_in_where_the_gate_is_shut() -> None:
    assert Access.shut().admit(request(f"/?__sign={PASS}", Authorization=f"Bearer {TOKEN}")) is None


def test_a_pass_in_the_address_leaves_a_cookie_and_the_others_leave_none() -> None:
    admitted = PRIVATE.admit(request(f"/?__sign={PASS}"))
    assert admitted is not None
    assert admitted.cookie == f"spaces-jwt={PASS}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"
    for asked in (request(Cookie=f"spaces-jwt={PASS}"), request(Authorization=f"Bearer {TOKEN}")):
        other = PRIVATE.admit(asked)
        assert other is not None
        assert other.cookie is None
    public = PUBLIC.admit(request(f"/?__sign={PASS}"))
    assert public is not None
    assert public.cookie is None


def test_with_a_pass_the_authorization_header_is_the_apps_own() -> None:
    for asked in (
        request(f"/?__sign={PASS}", Authorization="Bearer of-the-app"),
        request(Cookie=f"spaces-jwt={PASS}", Authorization="Bearer of-the-app"),
    ):
        assert seen_by_the_app(PRIVATE, asked).get("Authorization") == "Bearer of-the-app"


@pytest.mark.parametrize(
    ("target", "left"),
    [
        (f"/a?__sign={PASS}", "/a"),
        (f"/a?b=%20c&__sign={PASS}", "/a?b=%20c"),
        (f"/a?__sign={PASS}&b", "/a?b"),
        ("/a?b=c&&d", "/a?b=c&&d"),
        ("/a?", "/a?"),
        (f"http://space.test/a?b&__sign={PASS}", "http://space.test/a?b"),
    ],
)
@pytest.mark.parametrize("access", [PRIVATE, PUBLIC])
def test_the_rest_of_an_address_stays_as_it_was_sent(target: str, left: str, access: Access) -> None:
    seen = seen_by_the_app(access, request(target, Cookie=f"spaces-jwt={PASS}"))
    assert seen.first == f"GET {left} HTTP/1.1".encode()


def test_other_cookies_stay_and_the_page_one_comes_from_keeps_its_secret() -> None:
    asked = request(Cookie=f"a=b; spaces-jwt={PASS}; c=d=e", Referer=f"http://space.test/?x&__sign={PASS}")
    seen = seen_by_the_app(PRIVATE, asked)
    assert (seen.get("Cookie"), seen.get("Referer")) == ("a=b; c=d=e", "http://space.test/?x")


def test_a_request_without_a_pass_is_handed_on_as_it_came() -> None:
    asked = request("/a?b", Cookie="a=b;c", Referer="http://else.test/?q", Authorization=f"Bearer {TOKEN}")
    assert seen_by_the_app(PUBLIC, asked) == asked
