"""The rate limits of two processes are one, through a real Redis; and people can log in while it is gone."""

from __future__ import annotations

import pytest

from tests.integration.backend.conftest import Prepare
from tests.real.backend import Backend
from tests.real.redis import Redis

ALLOWED = 4


@pytest.fixture
def replicas(prepare: Prepare, redis: Redis) -> list[Backend]:
    """Two that know nothing of each other but the Redis; data of their own each."""
    two = [prepare(RATE_LIMIT_STORAGE=redis.url, LOGIN_RATE=f"{ALLOWED}/hour") for _ in range(2)]
    for replica in two:
        replica.start()
    return two


def guess(backend: Backend) -> int:
    """The status of a login that fails."""
    answer = backend.client().post("/api/v1/auth/login", data={"username": "ann", "password": "a wrong password"})
    if answer.status_code == 429:
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code


def test_what_one_counts_the_other_knows(replicas: list[Backend]) -> None:
    first, second = replicas
    assert [guess(first) for _ in range(ALLOWED - 1)] == [401] * (ALLOWED - 1)
    assert guess(second) == 401
    assert [guess(second), guess(first), guess(second)] == [429, 429, 429]


def test_it_is_remembered_over_a_restart(replicas: list[Backend]) -> None:
    first, _ = replicas
    assert [guess(first) for _ in range(ALLOWED)] == [401] * ALLOWED
    first.stop()
    first.start()
    assert guess(first) == 429


def test_without_redis_each_counts_for_itself_and_says_so_once(replicas: list[Backend], redis: Redis) -> None:
    first, second = replicas
    assert guess(first) == 401
    redis.stop()

    assert [guess(first) for _ in range(ALLOWED)] == [401] * ALLOWED
    assert guess(first) == 429
    assert guess(second) == 401

    for replica in replicas:
        [warning] = [record for record in replica.records() if record["level"] == "warning" and _is_about_it(record)]
        assert redis.url not in str(warning)
        assert not [record for record in replica.records() if record["level"] == "error"]
        assert "Traceback" not in replica.log


def _is_about_it(record: dict[str, object]) -> bool:
    return "limit" in str(record["message"]).lower()
