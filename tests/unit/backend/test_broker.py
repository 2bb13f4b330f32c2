"""Streams and who wakes them, without the app around them."""

from __future__ import annotations

import asyncio
import signal
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from app.data.changes import Change, Changes
from app.data.errors import SessionEnded
from app.live.broker import Broker, Refused
from app.live.stopping import when_told_to_stop
from app.live.stream import GRACE_S, SILENCE_S, Reset, Silence, Stream, follow
from tests.unit.backend.fast_time import run

ANN, BOB = uuid4(), uuid4()
FOREVER = 1_000.0


def deleted(version: int) -> Change:
    return Change(version=version, task_id=UUID(int=version), task=None)


class Told:
    """Stands in for the database: changes up to `newest`, or what goes wrong when it is asked."""

    def __init__(self, newest: int = 0, *, page: int = 2) -> None:
        self.newest = newest
        self.page = page
        self.asked: list[int] = []
        self.error: Exception | None = None

    async def look(self, seen: int) -> Changes:
        self.asked.append(seen)
        if self.error is not None:
            raise self.error
        if seen > self.newest:
            return Changes(newest=self.newest, reset=True, page=(), more=False)
        found = [deleted(version) for version in range(seen + 1, self.newest + 1)][: self.page]
        return Changes(newest=self.newest, reset=False, page=found, more=len(found) == self.page)


def test_a_stream_looks_again_when_what_it_found_was_taken() -> None:
    async def test() -> None:
        told, stream = Told(newest=3), Stream(ANN, seconds=FOREVER)
        events = follow(stream, told.look)

        assert [await anext(events) for _ in range(2)] == [deleted(1), deleted(2)]
        told.newest = 4
        assert told.asked == [0]

        assert [await anext(events) for _ in range(2)] == [deleted(3), deleted(4)]
        assert told.asked == [0, 2]

    run(test, seconds=FOREVER)


def test_news_while_a_stream_looks_is_not_lost() -> None:
    async def test() -> None:
        told, stream = Told(), Stream(ANN, seconds=FOREVER)

        async def look(seen: int) -> Changes:
            found = await told.look(seen)
            if len(told.asked) == 1:  # committed after this look, and said before it returns
                told.newest = 1
                stream.news.set()
            return found

        assert await anext(follow(stream, look)) == deleted(1)

    run(test, seconds=FOREVER)


def test_silence_is_broken_and_the_session_looked_after() -> None:
    async def test() -> None:
        told, stream = Told(), Stream(ANN, seconds=FOREVER)
        events = follow(stream, told.look, silence=0)

        assert [await anext(events) for _ in range(3)] == [Silence(), Silence(), Silence()]
        assert told.asked == [0, 0, 0]

        told.error = SessionEnded()
        assert [event async for event in events] == []

    run(test, seconds=FOREVER)


def test_after_a_reset_a_stream_goes_on_from_there() -> None:
    async def test() -> None:
        told, stream = Told(newest=5), Stream(ANN, seconds=FOREVER)
        stream.seen = 9
        events = follow(stream, told.look)
        assert await anext(events) == Reset(version=5)
        told.newest = 6
        stream.news.set()
        assert await anext(events) == deleted(6)

    run(test, seconds=FOREVER)


def test_a_database_that_is_gone_is_waited_for() -> None:
    async def test() -> None:
        told, stream = Told(newest=1), Stream(ANN, seconds=FOREVER)
        told.error = OperationalError("SELECT", None, Exception("gone"))
        events = follow(stream, told.look, silence=0)
        assert await anext(events) == Silence()
        told.error = None
        assert await anext(events) == deleted(1)

    run(test, seconds=FOREVER)


def test_a_stream_is_over_in_time() -> None:
    async def test() -> None:
        events = follow(Stream(ANN, seconds=2.5 * SILENCE_S), Told(newest=1).look)
        assert [event async for event in events] == [deleted(1), Silence(), Silence()]
        assert asyncio.get_running_loop().time() == pytest.approx(2.5 * SILENCE_S)

    run(test, seconds=FOREVER)


def test_a_step_that_never_ends_is_broken_off() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        in_time, told_to = Stream(ANN, seconds=30), Stream(ANN, seconds=FOREVER)
        loop.call_at(60, told_to.end)
        for stream, over in ((in_time, 30), (told_to, 60)):
            async with stream.limited():
                try:
                    await asyncio.Event().wait()
                finally:
                    stream.end()  # told to once more in that very moment, and after it
            stream.end()
            assert loop.time() == pytest.approx(over + GRACE_S)

    run(test, seconds=FOREVER)


def test_only_who_has_news_is_woken() -> None:
    async def test() -> None:
        broker = Broker()
        first, second, of_bob = (broker.open(user, seconds=FOREVER) for user in (ANN, ANN, BOB))
        broker.wake(ANN)
        assert [stream.news.is_set() for stream in (first, second, of_bob)] == [True, True, False]
        broker.wake(uuid4())

        broker.wake_all()
        assert of_bob.news.is_set()

    run(test, seconds=FOREVER)


def test_a_closed_stream_is_forgotten() -> None:
    async def test() -> None:
        broker = Broker()
        streams = [broker.open(ANN, seconds=FOREVER) for _ in range(2)]
        broker.close(streams[0])
        broker.close(streams[0])
        broker.wake(ANN)
        assert [stream.news.is_set() for stream in streams] == [False, True]
        assert len(broker) == 1

    run(test, seconds=FOREVER)


def test_the_newest_of_a_user_stay_and_there_is_an_end_to_all() -> None:
    async def test() -> None:
        broker = Broker(per_user=2, in_all=3)
        oldest, *others = (broker.open(ANN, seconds=FOREVER) for _ in range(3))
        assert oldest.over
        assert not any(stream.over for stream in others)

        broker.open(BOB, seconds=FOREVER)
        for _ in range(2):
            with pytest.raises(Refused):
                broker.open(BOB, seconds=FOREVER)
        broker.open(ANN, seconds=FOREVER)  # takes the place of her oldest
        assert len(broker) == 3

    run(test, seconds=FOREVER)


def test_the_signal_to_stop_is_heeded_and_passed_on() -> None:
    heard: list[str] = []
    kept = signal.signal(signal.SIGTERM, lambda *_: heard.append("server"))

    async def test() -> None:
        told = asyncio.Event()
        with when_told_to_stop(told.set):
            signal.raise_signal(signal.SIGTERM)
            await told.wait()
        signal.raise_signal(signal.SIGTERM)

    try:
        run(test, seconds=FOREVER)
        assert heard == ["server", "server"]
    finally:
        signal.signal(signal.SIGTERM, kept)


def test_a_signal_that_nobody_handles_ends_the_process_as_before() -> None:
    kept = signal.signal(signal.SIGTERM, signal.SIG_DFL)

    async def test() -> None:
        with when_told_to_stop(lambda: None):
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    try:
        run(test, seconds=FOREVER)
    finally:
        signal.signal(signal.SIGTERM, kept)
