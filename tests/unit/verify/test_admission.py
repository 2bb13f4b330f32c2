"""Who may see a private Space comes in with a pass, and with the token of the Hub where that does not work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import httpx2
import pytest

from deploy.errors import SpaceNotFound
from deploy.secret import Secret
from deploy.verify.admission import Admission, Viewer
from deploy.verify.app import visiting

TOKEN, PASS = "hf_viewer", "a.pass.of-the-hub"
CAME_WITH_A_PASS = f"spaces-jwt={PASS}"


class Space(BaseHTTPRequestHandler):
    """A private one: 404 without a token, a pass or the cookie; then it says how one came and as whom."""

    kinds: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        kind = self.kinds
        address, authorization = self.path, self.headers.get("authorization", "")
        cookies = (self.headers.get("cookie") or "").split("; ")
        signed = kind["passes"] and f"__sign={PASS}" in address
        kept = kind["cookies"] and CAME_WITH_A_PASS in cookies and not (kind["jealous"] and authorization)
        self.send_response(200 if signed or kept or authorization == f"Bearer {TOKEN}" else 404)
        if signed and kind["leaves"]:
            self.send_header("set-cookie", f"{CAME_WITH_A_PASS}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned")
        body = f"{self.headers.get('cookie')} {authorization}".encode()
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def url() -> Iterator[str]:
    Space.kinds = {"passes": True, "leaves": True, "cookies": True, "jealous": False}
    with HTTPServer(("127.0.0.1", 0), Space) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def viewer(hidden: list[Secret] | None = None) -> Viewer:
    told: list[Secret] = [] if hidden is None else hidden
    return Viewer(token=Secret(TOKEN), sign=lambda: Secret(PASS), hide=told.append)


def test_with_a_pass_the_authorization_header_is_the_apps_own(url: str) -> None:
    with visiting(url, viewer()) as app:
        assert app.admission.obstacle == ""
        answer = app.ask("/me", headers={"Authorization": "Bearer of-the-app"})
        assert (answer.status, answer.body) == (200, f"{CAME_WITH_A_PASS} Bearer of-the-app")
        assert app.ask("/").body == f"{CAME_WITH_A_PASS} "


def test_what_it_came_with_shows_itself_nowhere(url: str) -> None:
    hidden: list[Secret] = []
    with visiting(url, viewer(hidden)) as app:
        assert PASS not in repr(app.admission)
    assert [one.reveal() for one in hidden] == [PASS, PASS]


def no_pass() -> Secret:
    raise SpaceNotFound("The Hub knows no owner/tasks (404).")


@pytest.mark.parametrize(
    ("kinds", "sign", "reason"),
    [
        ({}, None, "no pass was asked for"),
        ({}, no_pass, "The Hub knows no owner/tasks (404)."),
        ({"passes": False}, lambda: Secret(PASS), "a pass of the Hub is answered with 404 and leaves no cookie"),
        ({"leaves": False}, lambda: Secret(PASS), "a pass of the Hub is answered with 200 and leaves no cookie"),
        ({"cookies": False}, lambda: Secret(PASS), "a pass opens it with 200, and its cookie with 404"),
        ({"jealous": True}, lambda: Secret(PASS), "a pass opens it with 200, and its cookie with 404"),
    ],
    ids=["none", "no route", "not taken", "no cookie", "cookie not taken", "cookie not taken beside a login"],
)
def test_where_that_does_not_work_the_token_lets_in_and_why_is_known(
    kinds: dict[str, bool], sign: Any, reason: str, url: str
) -> None:
    Space.kinds |= kinds
    with visiting(url, Viewer(token=Secret(TOKEN), sign=sign)) as app:
        assert app.admission.obstacle.startswith("a private Space takes the Authorization header for itself")
        assert reason in app.admission.obstacle
        assert app.ask("/").status == 200


def test_a_space_that_does_not_answer_is_no_error_yet() -> None:
    with visiting("http://127.0.0.1:1", viewer()) as app:
        assert app.admission.obstacle
        assert app.ask("/").status == 0


def test_everybody_else_carries_nothing(url: str) -> None:
    with visiting(url) as app:
        assert app.admission == Admission()
        assert app.ask("/").body == "None "


def test_cookies_of_the_app_stay_beside_the_one_of_the_hub() -> None:
    request = httpx2.Request("GET", "http://x/", headers={"Cookie": "own=1", "Authorization": "Bearer own"})
    Admission(fields={"Cookie": Secret(CAME_WITH_A_PASS), "Authorization": Secret("Bearer hf")}).show(request)
    assert request.headers["Cookie"] == f"own=1; {CAME_WITH_A_PASS}"
    assert request.headers["Authorization"] == "Bearer own"


def test_a_browser_begins_with_the_pass() -> None:
    assert Admission(signature=Secret(PASS)).signed("http://x/a?b=c") == f"http://x/a?b=c&__sign={PASS}"
    assert Admission().signed("http://x/a") == "http://x/a"
