"""Rate limits in a window of time."""

from __future__ import annotations

import pytest

from deploy.localhub.misbehaviour.quotas import Quotas


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quotas(clock: Clock) -> Quotas:
    quotas = Quotas(clock)
    quotas.set("api", 2, 10)
    return quotas


def test_a_window_ends_and_the_next_begins_with_the_next_request(quotas: Quotas, clock: Clock) -> None:
    assert [quotas.use("api", "ann").allowed for _ in range(3)] == [True, True, False]
    clock.now += 9.5
    assert quotas.use("api", "ann").seconds == 1
    clock.now += 0.5
    assert quotas.use("api", "ann").allowed


def test_callers_and_kinds_have_their_own(quotas: Quotas) -> None:
    for _ in range(3):
        quotas.use("api", "ann")
    assert quotas.use("api", "bob").allowed
    assert quotas.use("resolvers", "ann").allowed


def test_headers_are_those_of_the_hub(quotas: Quotas) -> None:
    assert quotas.use("api", "ann").headers() == {
        "RateLimit": '"api";r=1;t=10',
        "RateLimit-Policy": '"fixed window";"api";q=2;w=10',
    }


def test_without_a_limit_of_its_own_a_kind_is_hardly_limited(quotas: Quotas) -> None:
    quotas.reset()
    assert quotas.use("api", "ann").left > 50_000
