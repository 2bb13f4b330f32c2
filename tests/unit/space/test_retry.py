"""What fails in passing is asked again, patiently; what fails for good is not."""

from __future__ import annotations

import httpx2
import pytest

from deploy.space.retry import RetryPolicy, repeat

REQUEST = httpx2.Request("GET", "https://hub.example/api/spaces/a/b/runtime")
CUT = httpx2.ReadError("cut", request=REQUEST)


def refused(status: int, **headers: str) -> httpx2.HTTPStatusError:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.HTTPStatusError("no", request=REQUEST, response=httpx2.Response(status, headers=sent))


class Script:
    """Fails with the given errors, then answers; remembers the pauses."""

    def __init__(self, *errors: Exception, retries: RetryPolicy | None = None) -> None:
        self.errors = list(errors)
        self.pauses: list[float] = []
        self.calls = 0
        self.retries = retries or RetryPolicy()

    def call(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    def run(self) -> str:
        return repeat(self.call, self.retries, sleep=self.pauses.append)


def test_a_good_answer_is_asked_for_once() -> None:
    script = Script()
    assert (script.run(), script.calls, script.pauses) == ("answer", 1, [])


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_asked_again(status: int) -> None:
    script = Script(refused(status))
    assert (script.run(), script.pauses) == ("answer", [1.0])


@pytest.mark.parametrize(
    "error",
    [CUT, httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow"), httpx2.RemoteProtocolError("half an answer")],
    ids=["cut", "refused", "slow", "half"],
)
def test_no_answer_is_asked_again(error: Exception) -> None:
    assert Script(error).run() == "answer"


def test_pauses_grow() -> None:
    script = Script(CUT, CUT, CUT, CUT, retries=RetryPolicy(pause=0.5))
    assert (script.run(), script.pauses) == ("answer", [0.5, 1.0, 2.0, 4.0])


def test_patience_ends_with_the_last_failure() -> None:
    last = refused(503)
    script = Script(CUT, CUT, last, CUT, retries=RetryPolicy(attempts=3))
    with pytest.raises(httpx2.HTTPStatusError) as caught:
        script.run()
    assert caught.value is last
    assert (script.calls, len(script.pauses)) == (3, 2)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 412, 413, 422, 501])
def test_what_asking_again_cannot_help_is_not_asked_again(status: int) -> None:
    script = Script(refused(status))
    with pytest.raises(httpx2.HTTPStatusError):
        script.run()
    assert (script.calls, script.pauses) == (1, [])


@pytest.mark.parametrize("error", [ValueError("here"), KeyError("stage"), KeyboardInterrupt()])
def test_what_is_not_a_failure_of_the_network_is_not_asked_again(error: Exception) -> None:
    script = Script(error)
    with pytest.raises(type(error)):
        script.run()
    assert script.calls == 1


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (refused(503, retry_after="7"), 7.0),
        (refused(429, retry_after="7"), 7.0),
        (refused(429, ratelimit='"api";r=0;t=17'), 18.0),
        (refused(429, ratelimit='"api";r=0;t=17', retry_after="7"), 18.0),
        (refused(429, ratelimit='"api";r=0; t=0'), 1.0),
        (refused(503, ratelimit='"api";r=0;t=17'), 1.0),
        (refused(408, ratelimit='"api";r=0;t=17'), 1.0),
        (refused(429, ratelimit="nonsense"), 1.0),
        (refused(503, retry_after="Sun, 22 Nov 2026 20:00:00 GMT"), 1.0),
        (refused(503, retry_after="-5"), 1.0),
    ],
    ids=[
        "Retry-After",
        "Retry-After with 429",
        "the window",
        "the window before Retry-After",
        "the window over",
        "the window counts for 429",
        "and for nothing below",
        "not a window",
        "a date",
        "negative",
    ],
)
def test_the_pause_is_as_long_as_the_hub_asks(error: Exception, pause: float) -> None:
    script = Script(error)
    assert (script.run(), script.pauses) == ("answer", [pause])


@pytest.mark.parametrize("asked", ["121", "86400"])
def test_a_pause_that_is_too_long_is_a_failure_at_once(asked: str) -> None:
    script = Script(refused(429, retry_after=asked), retries=RetryPolicy(longest=120))
    with pytest.raises(httpx2.HTTPStatusError):
        script.run()
    assert script.pauses == []


def test_the_longest_pause_is_still_waited() -> None:
    script = Script(refused(429, ratelimit='"api";r=0;t=119'), retries=RetryPolicy(longest=120))
    assert (script.run(), script.pauses) == ("answer", [120.0])


def test_what_must_not_happen_twice_is_repeated_only_when_nothing_was_done() -> None:
    pauses: list[float] = []
    script = Script(refused(429, retry_after="7"), refused(429))
    assert repeat(script.call, script.retries, sleep=pauses.append, unless_begun=True) == "answer"
    assert pauses == [7.0, 2.0]


@pytest.mark.parametrize("error", [CUT, refused(408), refused(500), refused(503)])
def test_what_must_not_happen_twice_is_not_repeated_after_a_failure_that_may_hide_a_success(error: Exception) -> None:
    script = Script(error)
    with pytest.raises(type(error)):
        repeat(script.call, script.retries, sleep=script.pauses.append, unless_begun=True)
    assert (script.calls, script.pauses) == (1, [])


@pytest.mark.parametrize("attempts", [1, 2, 3, 4, 5])
def test_attempts_count_the_first_call_too(attempts: int) -> None:
    script = Script(*[CUT] * 9, retries=RetryPolicy(attempts=attempts))
    with pytest.raises(httpx2.ReadError):
        script.run()
    assert script.calls == attempts


def test_unless_told_otherwise_there_are_five_attempts_and_two_minutes_of_waiting() -> None:
    script = Script(*[CUT] * 9)
    with pytest.raises(httpx2.ReadError):
        script.run()
    assert script.calls == 5
    assert Script(refused(429, ratelimit='"api";r=0;t=119')).run() == "answer"
    with pytest.raises(httpx2.HTTPStatusError):
        Script(refused(429, ratelimit='"api";r=0;t=120')).run()
