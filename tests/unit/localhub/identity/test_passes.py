"""A pass is for one Space and one user, for a day, and nobody else makes one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.localhub.hub import Hub
from deploy.localhub.identity import jws, oidc, passes
from deploy.localhub.identity.accounts import Grant, User
from deploy.localhub.runtime.model import Viewers
from deploy.localhub.spaces import Space
from tests.unit.localhub.recorder import Recorder

KEY, NOW = "of this test", 1_000_000
SPACE = "local/app"


def test_a_pass_names_its_holder_for_its_space() -> None:
    token = passes.issue(SPACE, "ann", key=KEY, now=NOW)
    assert passes.holder(token, SPACE, key=KEY, now=NOW + passes.LIFE) == "ann"


@pytest.mark.parametrize(
    ("space", "key", "now"),
    [("local/other", KEY, NOW), (SPACE, "another", NOW), (SPACE, KEY, NOW + passes.LIFE + 1)],
    ids=["foreign Space", "foreign key", "expired"],
)
def test_one_for_another_space_of_another_hub_or_of_yesterday_is_none(space: str, key: str, now: float) -> None:
    token = passes.issue(SPACE, "ann", key=KEY, now=NOW)
    assert passes.holder(token, space, key=key, now=now) is None


@pytest.mark.parametrize("token", ["", "..", "a.b.c", "e30.e30.", "ä.ö.ü", "\r\nSet-Cookie: a=b"])
def test_what_is_no_token_is_no_pass(token: str) -> None:
    assert passes.holder(token, SPACE, key=KEY, now=NOW) is None


def test_a_rewritten_one_is_none() -> None:
    header, _claims, signature = passes.issue(SPACE, "ann", key=KEY, now=NOW).split(".")
    other = passes.issue(SPACE, "eve", key="eve's", now=NOW).split(".")[1]
    assert passes.holder(f"{header}.{other}.{signature}", SPACE, key=KEY, now=NOW) is None


# On a Hub ------------------------------------------------------------------------------------------------


class Clock:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    hub = Hub(tmp_path, lambda _home, _on_change: Recorder(), time=clock)
    for name in ("app", "other"):
        space = Space(id=f"local/{name}", key="0" * 24, sdk="docker", creator="local", created="2026")
        hub.add_space(space)
    yield hub
    hub.close()


def viewers(hub: Hub) -> Viewers:
    return hub.publisher.viewers(SPACE)


def issued(hub: Hub, space: str = SPACE, user: str = "local") -> str:
    return passes.issue(space, user, key=hub.pass_key, now=hub.time().timestamp())


def test_members_come_in_by_token_and_by_pass(hub: Hub) -> None:
    assert viewers(hub).by_token(hub.owner_token.reveal())
    assert viewers(hub).by_pass(issued(hub))
    assert not viewers(hub).by_token("hf_wrong")
    assert not viewers(hub).by_pass(hub.owner_token.reveal())


def test_a_pass_ends_with_its_day(hub: Hub, clock: Clock) -> None:
    token = issued(hub)
    clock.now += timedelta(seconds=passes.LIFE + 1)
    assert not viewers(hub).by_pass(token)


def test_who_is_no_member_any_more_does_not_come_in(hub: Hub) -> None:
    hub.accounts.put_user(User(name="ann", organizations=("local",)))
    token = issued(hub, user="ann")
    assert viewers(hub).by_pass(token)
    hub.accounts.put_user(User(name="ann"))
    assert not viewers(hub).by_pass(token)
    assert not viewers(hub).by_pass(issued(hub, user="nobody"))


def test_a_token_for_one_repository_opens_that_one_alone(hub: Hub) -> None:
    for repository, good in ((SPACE, True), ("local/other", False)):
        token = hub.accounts.issue(Grant(user="local", role="write", repository=repository))
        assert viewers(hub).by_token(token.reveal()) is good


def test_an_identity_token_of_a_workflow_is_no_pass(hub: Hub) -> None:
    """Anybody may have one made, for whatever audience and with whatever claims."""
    claims = {"sub": f"/spaces/{SPACE}", "onBehalfOf": {"user": "local"}}
    token = oidc.make(claims, audience="x", key=hub.signing_key, now=hub.time().timestamp())
    assert jws.read(token, hub.signing_key, hub.time().timestamp())
    assert not viewers(hub).by_pass(token)


def test_the_key_outlives_the_hub_and_is_its_owners_alone(hub: Hub) -> None:
    again = Hub(hub.home, lambda _home, _on_change: Recorder(), time=hub.time)
    assert again.pass_key == hub.pass_key != hub.signing_key
    assert (hub.home / "passes.json").stat().st_mode & 0o777 == 0o600
    again.close()
