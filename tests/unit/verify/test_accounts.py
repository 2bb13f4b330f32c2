"""Accounts that checks make are few, shared, patient with throttling, and gone in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from deploy.proof import NotRun
from deploy.secret import Secret
from deploy.verify.accounts import MARK, PATIENCE, Accounts, NoWayIn
from deploy.verify.acts import Account
from deploy.verify.app import App
from tests.unit.verify.builders import URL
from tests.unit.verify.subjects import People, not_yet, scenario

REGISTER, LOGIN, DELETE = "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/me/delete"


@contextmanager
def accounts(
    root: Path,
    app: People,
    *,
    pauses: list[float] | None = None,
    toml: str = "",
    on_left: Callable[[tuple[str, ...]], object] = lambda _: None,
) -> Iterator[Accounts]:
    with httpx2.Client(transport=httpx2.MockTransport(app)) as client:
        waited: list[float] = [] if pauses is None else pauses
        given = scenario(root, toml).scenario
        with Accounts(App(URL, client), given, sleep=waited.append, on_left=on_left) as made:
            yield made


def test_owner_and_stranger_are_two_and_each_logs_in_once(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app) as made:
        assert made.owner() is made.owner()
        assert made.owner().account != made.stranger().account
        assert all(name.startswith(MARK) for name in app.users)
        assert len(app.users) == 2
    assert app.asked.count(("POST", LOGIN)) == 2


def test_in_the_end_nobody_is_left(tmp_path: Path) -> None:
    app = People({"ann": "her own"})
    with accounts(tmp_path, app) as made:
        made.owner()
        made.make()
    assert app.users == {"ann": "her own"}


def test_nobody_is_left_after_ctrl_c_either(tmp_path: Path) -> None:
    app = People()

    def interrupted() -> None:
        with accounts(tmp_path, app) as made:
            made.owner()
            assert len(app.users) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert app.users == {}


def test_an_account_whose_registration_was_not_heard_of_is_deleted_too(tmp_path: Path) -> None:
    class Forgetful(People):
        def __call__(self, request: httpx2.Request) -> httpx2.Response:
            answer = super().__call__(request)
            return httpx2.Response(504) if request.url.path == REGISTER else answer

    app = Forgetful()
    with accounts(tmp_path, app) as made, pytest.raises(NoWayIn, match="504"):
        made.make()
    assert app.users == {}


def test_one_that_a_check_has_deleted_is_not_asked_for_again(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app) as made:
        made.make()
        app.users.clear()
        assert made.delete_all() == ()


def test_one_that_cannot_be_deleted_is_named(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app) as made:
        account = made.make()
        app.refused[DELETE] = [httpx2.Response(500)]
        assert made.delete_all() == (account.username,)


def test_a_changed_password_is_the_one_it_is_deleted_with(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app) as made:
        account = made.make()
        changed = made.invent()
        app.users[account.username] = changed.password.reveal()
        made.replace(account, type(account)(username=account.username, password=changed.password))
    assert app.users == {}


@pytest.mark.parametrize("path", [REGISTER, LOGIN])
def test_who_is_throttled_comes_again_when_told_to(path: str, tmp_path: Path) -> None:
    app = People(refused={path: [not_yet(30)]})
    pauses: list[float] = []
    with accounts(tmp_path, app, pauses=pauses) as made:
        made.owner()
    assert pauses == [30]


@pytest.mark.parametrize("answer", [not_yet(PATIENCE + 1), httpx2.Response(429), httpx2.Response(503)])
def test_who_is_refused_without_a_time_that_is_near_does_not_wait(answer: httpx2.Response, tmp_path: Path) -> None:
    app = People(refused={LOGIN: [answer]})
    pauses: list[float] = []
    with accounts(tmp_path, app, pauses=pauses) as made, pytest.raises(NoWayIn) as caught:
        made.owner()
    assert caught.value.status == answer.status_code
    assert pauses == []


def test_an_app_without_registration_is_not_asked_for_it(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app, toml='[scenario]\nregister = ""') as made, pytest.raises(NotRun, match="register"):
        made.make()
    assert app.asked == []


def test_an_app_without_logins_is_not_asked_for_one(tmp_path: Path) -> None:
    app = People({"check-ann": "her own"})
    ann = Account(username="check-ann", password=Secret("her own"))
    with accounts(tmp_path, app, toml='[scenario]\nlogin = ""') as made, pytest.raises(NotRun, match="log in"):
        made.log_in(ann)
    assert app.asked == []


def test_whom_the_app_does_not_let_go_is_named(tmp_path: Path) -> None:
    app, left = People(), list[tuple[str, ...]]()
    with accounts(tmp_path, app, toml='[scenario]\ndelete_account = ""', on_left=left.append) as made:
        account = made.owner().account
    assert left == [(account.username,)]
    assert {path for _, path in app.asked} == {REGISTER, LOGIN}


def test_after_a_restart_everybody_is_new(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app) as made:
        before = made.owner()
        made.delete_all()
        assert app.users == {}
        assert made.owner().account != before.account
    assert app.users == {}


def test_a_restart_that_forgot_everybody_is_no_reason_to_worry(tmp_path: Path) -> None:
    class Forgetful(People):
        def __call__(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.path == DELETE and not self.users:
                return httpx2.Response(401)
            return super().__call__(request)

    app = Forgetful()
    with accounts(tmp_path, app) as made:
        made.owner()
        app.users.clear()
        made.delete_all()
        assert made.left == ()


def test_one_whose_session_ended_is_logged_in_again_to_be_deleted(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app) as made:
        made.owner()
        app.refused[DELETE] = [httpx2.Response(401)]
    assert app.users == {}


# Those that are left -------------------------------------------------------------------------------------


def test_one_that_a_check_says_is_gone_is_not_looked_for(tmp_path: Path) -> None:
    app = People()
    with accounts(tmp_path, app) as made:
        made.forget(made.make())
        assert made.left == ()
    assert ("POST", LOGIN) not in app.asked


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, None])
def test_the_names_of_those_that_stay_are_told_however_it_ends(
    error: type[BaseException] | None, tmp_path: Path
) -> None:
    app, told = People(), list[tuple[str, ...]]()

    def used() -> None:
        with accounts(tmp_path, app, on_left=told.append) as made:
            made.owner()
            gone = made.make()
            del app.users[gone.username]
            app.refused[DELETE] = [httpx2.Response(500)] * 2
            if error:
                raise error

    if error:
        with pytest.raises(error):
            used()
    else:
        used()
    assert told == [tuple(app.users)]


def test_whoever_does_not_wait_for_the_deletion_is_told_of_the_rest(tmp_path: Path) -> None:
    told: list[tuple[str, ...]] = []

    class Slow(People):
        def __call__(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.path == DELETE and len(self.users) == 1:
                raise KeyboardInterrupt
            return super().__call__(request)

    app = Slow()

    def used() -> None:
        with accounts(tmp_path, app, on_left=told.append) as made:
            made.owner()
            made.stranger()

    with pytest.raises(KeyboardInterrupt):
        used()
    assert told == [tuple(app.users)]
    assert len(app.users) == 1


def test_nobody_is_told_when_nobody_is_left(tmp_path: Path) -> None:
    told: list[tuple[str, ...]] = []
    with accounts(tmp_path, People(), on_left=told.append) as made:
        made.owner()
    assert told == []
