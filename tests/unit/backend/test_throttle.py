"""How often one may try, by place, by name and by user, in one process and in Redis."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from fastapi.testclient import TestClient
from limits import parse_many

from app.config import load_settings
from app.factory import create_app
from app.identity import throttle as throttling
from app.identity.passwords import Passwords
from app.identity.throttle import REDIS_PAUSE_S, Throttle, site
from tests.real.redis import Redis

T = TypeVar("T")
AUTH = "/api/v1/auth"
RATES = {"login": parse_many("2/minute;3/hour"), "other": parse_many("2/minute")}


def carry_out(story: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        return await story()

    return asyncio.run(run())


@pytest.fixture
def limited(environ: dict[str, str]) -> Iterator[TestClient]:
    rates = {"LOGIN_RATE": "3/hour", "REGISTER_RATE": "2/hour"}
    with TestClient(create_app(load_settings(environ | rates)), client=("198.51.100.1", 1)) as client:
        yield client


def test_a_rate_is_for_one_thing_and_one_who() -> None:
    throttle = Throttle(RATES)

    async def story() -> list[int]:
        hits = [("login", "ann"), ("login", "ann"), ("login", "ann"), ("login", "bob"), ("other", "ann")]
        return [await throttle.hit(*hit) for hit in hits]

    assert [wait > 0 for wait in carry_out(story)] == [False, False, True, False, False]


def test_it_says_when_the_next_attempt_makes_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    throttle = Throttle(RATES, now=lambda: now[0])

    async def hit_after(seconds: float) -> int:
        now[0] += seconds
        return await throttle.hit("login", "ann")

    async def story() -> list[int]:
        pauses = (0, 10, 0, 49.5, 0.5, 1, 3538.5, 0.5)
        return [await hit_after(pause) for pause in pauses]

    # Two at 0 and 10; the minute that began at 0 ends at 60, the third then is the hour's last; it ends at 3600.
    assert carry_out(story) == [0, 0, 50, 1, 0, 3539, 1, 0]


def test_what_is_refused_does_not_count() -> None:
    throttle = Throttle(RATES)

    async def story() -> int:
        for _ in range(20):
            await throttle.hit("login", "ann")
        return max([await throttle.hit("login", "ann")])

    assert 0 < carry_out(story) <= 60


def test_attempts_at_once_are_counted_one_by_one() -> None:
    throttle = Throttle(RATES)

    async def story() -> list[int]:
        return await asyncio.gather(*(throttle.hit("other", "ann") for _ in range(20)))

    assert sum(wait == 0 for wait in carry_out(story)) == 2


def test_attempts_can_be_forgotten() -> None:
    throttle = Throttle(RATES)

    async def story() -> list[int]:
        hits = [await throttle.hit("login", "ann") for _ in range(3)]
        await throttle.forget("login", "ann")
        return [*hits, await throttle.hit("login", "ann")]

    assert [wait > 0 for wait in carry_out(story)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", "nowhere"),
        (None, "nowhere"),
    ],
)
def test_a_place_is_an_address_or_a_network_that_one_has(host: str | None, place: str) -> None:
    assert site(host) == place


def test_one_place_cannot_try_many_names(limited: TestClient) -> None:
    answers = [limited.post(f"{AUTH}/login", data={"username": f"u{n}", "password": "x"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[3].headers["Content-Type"] == "application/problem+json"
    assert 3590 <= int(answers[3].headers["Retry-After"]) <= 3600


def test_many_places_cannot_try_one_name_and_are_not_told_whether_it_exists(
    limited: TestClient, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited.post(f"{AUTH}/register", json={"username": "ann", "password": password})
    verified = []

    async def verify(_passwords: Passwords, given: str, stored: str | None) -> tuple[bool, None]:
        verified.append(given)
        return False, None

    monkeypatch.setattr(Passwords, "verify", verify)
    answers: dict[str, list[tuple[int, str | None]]] = {}
    for name in ("ann", "nobody"):
        for place in range(5):
            _come_from(limited, f"203.0.113.{place}")
            answer = limited.post(f"{AUTH}/login", data={"username": name.upper(), "password": password})
            answers.setdefault(name, []).append((answer.status_code, answer.json()["detail"]))
    assert [status for status, _ in answers["ann"]] == [401, 401, 401, 429, 429]
    assert answers["ann"] == answers["nobody"]
    assert len(verified) == 6


def _come_from(client: TestClient, host: str) -> None:
    client._transport.client = (host, 1)  # type: ignore[attr-defined]


def test_whoever_logs_in_has_their_failures_forgotten(limited: TestClient, password: str) -> None:
    limited.post(f"{AUTH}/register", json={"username": "ann", "password": password})
    given = ("wrong", "wrong", password, "wrong", "wrong", password)
    answers = []
    for place, word in enumerate(given):
        _come_from(limited, f"2001:db8:0:{place}::1")
        answers.append(limited.post(f"{AUTH}/login", data={"username": "ann", "password": word}).status_code)
    assert answers == [401, 401, 200, 401, 401, 200]


def test_one_place_cannot_register_without_end(limited: TestClient, password: str) -> None:
    bodies = [{"username": f"user{number}", "password": password} for number in range(3)]
    answers = [limited.post(f"{AUTH}/register", json=body).status_code for body in ({}, *bodies)]
    assert answers == [422, 201, 201, 429]  # what is not valid costs nothing
    _come_from(limited, "198.51.100.2")
    assert limited.post(f"{AUTH}/register", json=bodies[2]).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("me/password", {"current_password": "wrong", "new_password": "another good one"}),
        ("me/delete", {"password": "wrong"}),
    ],
)
def test_a_stolen_access_token_cannot_try_passwords_without_end(
    limited: TestClient, password: str, path: str, body: dict[str, str]
) -> None:
    limited.post(f"{AUTH}/register", json={"username": "ann", "password": password})
    login = limited.post(f"{AUTH}/login", data={"username": "ann", "password": password}).json()
    headers = {"Authorization": f"Bearer {login['access_token']}"}
    answers = [limited.post(f"{AUTH}/{path}", json=body, headers=headers).status_code for _ in range(4)]
    assert answers == [403, 403, 403, 429]


def test_replicas_count_in_redis_together_and_keep_no_names_there(redis: Redis) -> None:
    async def story() -> list[int]:
        replicas = [Throttle(RATES, redis=redis.url) for _ in range(2)]
        hits = [await replica.hit("other", "ann") for replica in (*replicas, *replicas)]
        await replicas[0].forget("other", "ann")
        hits.append(await replicas[1].hit("other", "ann"))
        keys = b"".join(await replicas[0]._shared.limiter.storage.bridge.storage.keys("*"))  # type: ignore[union-attr]
        assert b"other" in keys
        assert b"ann" not in keys
        for replica in replicas:
            await replica.close()
        return hits

    hits = carry_out(story)
    assert [wait > 0 for wait in hits] == [False, False, True, True, False]
    assert max(hits) <= 60


def test_without_redis_a_replica_counts_by_itself_until_it_is_back(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]

    async def story() -> list[int]:
        throttle = Throttle(RATES, redis=redis.url, clock=lambda: now[0])
        hits = [await throttle.hit("other", "ann") for _ in range(2)]
        redis.stop()
        hits += [await throttle.hit("other", "ann") for _ in range(3)]
        now[0] += REDIS_PAUSE_S
        hits.append(await throttle.hit("other", "ann"))  # it is asked, and still is not there
        redis.start()
        hits.append(await throttle.hit("other", "ann"))  # it is not asked yet
        now[0] += REDIS_PAUSE_S
        hits.append(await throttle.hit("other", "ann"))
        await throttle.close()
        return hits

    with caplog.at_level(logging.INFO, throttling.__name__):
        hits = carry_out(story)
    assert [wait > 0 for wait in hits] == [False, False, False, False, True, True, True, False]
    gone, back = caplog.messages
    assert gone.startswith("RATE_LIMIT_STORAGE does not answer, each replica counts by itself: ConnectionError")
    assert back == "RATE_LIMIT_STORAGE answers again"


def test_an_app_starts_and_serves_while_its_redis_is_away(environ: dict[str, str], password: str) -> None:
    away = {"RATE_LIMIT_STORAGE": "redis://:sekret@127.0.0.1:1/0", "REGISTER_RATE": "1/day"}
    with TestClient(create_app(load_settings(environ | away))) as client:
        names = ("ann", "bob")
        answers = [client.post(f"{AUTH}/register", json={"username": name, "password": password}) for name in names]
    assert [answer.status_code for answer in answers] == [201, 429]
