"""The alarm clock of a server, in virtual time."""

import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
from anyio.lowlevel import checkpoint

from reverb_server.net import clock as clock_module
from reverb_server.net.clock import Alarm, Clock
from tests.virtual import anyio_backend as anyio_backend


class Calls:
    """A sleeper that calls a function."""

    def __init__(self, function: Callable[[float], object]) -> None:
        self._function = function

    def ring(self, now: float) -> None:
        self._function(now)


def alarm_that(clock: Clock, function: Callable[[float], object]) -> Alarm:
    return Alarm(clock, Calls(function))


@asynccontextmanager
async def ticking() -> AsyncIterator[Clock]:
    clock = Clock()
    async with anyio.create_task_group() as group:
        group.start_soon(clock.run)
        yield clock
        group.cancel_scope.cancel()


async def test_alarms_ring_at_their_instants_in_order() -> None:
    rung: list[tuple[str, float]] = []
    async with ticking() as clock:
        begin = anyio.current_time()
        for name, seconds in [("c", 7.5), ("a", 0.25), ("b", 7.25)]:
            alarm_that(clock, lambda now, name=name: rung.append((name, now - begin))).set(  # type: ignore[misc]
                begin + seconds
            )
        await anyio.sleep(100)
    assert rung == [("a", 0.25), ("b", 7.25), ("c", 7.5)]


async def test_alarms_of_one_instant_ring_in_the_order_of_setting() -> None:
    rung: list[int] = []
    async with ticking() as clock:
        instant = anyio.current_time() + 1
        for number in range(200):
            alarm_that(clock, lambda _, number=number: rung.append(number)).set(instant)  # type: ignore[misc]
        await anyio.sleep(2)
    assert rung == list(range(200))


async def test_an_earlier_alarm_wakes_a_clock_that_sleeps() -> None:
    rung: list[float] = []
    async with ticking() as clock:
        begin = anyio.current_time()
        alarm = alarm_that(clock, lambda now: rung.append(now - begin))
        other = alarm_that(clock, lambda now: rung.append(now - begin))
        alarm.set(begin + 50)
        await anyio.sleep(10)
        other.set(begin + 20)
        await anyio.sleep(1)
        alarm.set(begin + 15)
        await anyio.sleep(100)
    assert rung == [15, 20]


async def test_a_later_instant_does_not_postpone_an_alarm() -> None:
    rung: list[float] = []
    async with ticking() as clock:
        begin = anyio.current_time()
        alarm = alarm_that(clock, lambda now: rung.append(now - begin))
        alarm.set(begin + 5)
        alarm.set(begin + 9)
        await anyio.sleep(100)
    assert rung == [5]


async def test_an_alarm_may_be_set_anew_while_it_rings() -> None:
    rung: list[float] = []
    async with ticking() as clock:
        begin = anyio.current_time()

        def ring(now: float) -> None:
            rung.append(now - begin)
            if len(rung) < 4:
                alarm.set(now + 2)

        alarm = alarm_that(clock, ring)
        alarm.set(begin + 1)
        await anyio.sleep(100)
    assert rung == [1, 3, 5, 7]


async def test_an_alarm_set_in_the_past_rings_at_once() -> None:
    rung: list[float] = []
    async with ticking() as clock:
        await anyio.sleep(5)
        now = anyio.current_time()
        alarm_that(clock, rung.append).set(now - 3)
        await anyio.sleep(0.25)
        assert rung == [now]


async def test_a_cancelled_alarm_does_not_ring_and_is_forgotten() -> None:
    rung: list[float] = []
    async with ticking() as clock:
        alarm = alarm_that(clock, rung.append)
        alarm.set(anyio.current_time() + 1)
        await checkpoint()
        alarm.cancel()
        alarm.cancel()  # once more is no error
        await anyio.sleep(10)
        assert not rung
        assert not clock._alarms


def never(now: float) -> None:
    raise AssertionError("it rang")


async def test_the_clock_keeps_nothing_alive_that_was_cancelled_or_superseded() -> None:
    async with ticking() as clock:
        sleeper = Calls(never)
        alarm = Alarm(clock, sleeper)
        alarm.set(anyio.current_time() + 50)
        alarm.set(anyio.current_time() + 40)
        reference = weakref.ref(sleeper)
        alarm.cancel()
        del sleeper, alarm
        assert reference() is None


async def test_the_heap_does_not_grow_with_what_was_struck_out() -> None:
    async with ticking() as clock:
        begin = anyio.current_time()
        kept = [alarm_that(clock, lambda _: None) for _ in range(100)]
        for alarm in kept:
            alarm.set(begin + 1_000)
        restless = alarm_that(clock, lambda _: None)
        for step in range(10_000):
            restless.set(begin + 900 - step / 100)
            assert len(clock._heap) <= 2 * 101 + 1
        for alarm in kept:
            alarm.cancel()
        assert len(clock._heap) <= clock_module.SMALL_HEAP + 1


async def test_what_is_left_after_a_rebuild_rings_in_order() -> None:
    rung: list[float] = []
    async with ticking() as clock:
        begin = anyio.current_time()
        alarms = [alarm_that(clock, lambda now: rung.append(now - begin)) for _ in range(500)]
        for number, alarm in enumerate(alarms):
            alarm.set(begin + (number * 7) % 500)
        for number, alarm in enumerate(alarms):
            if number % 5:
                alarm.cancel()
        await anyio.sleep(1_000)
    assert rung == sorted((number * 7) % 500 for number in range(0, 500, 5))


async def test_a_thousand_alarms_due_at_once_let_others_run() -> None:
    rung: list[float] = []
    between: list[int] = []
    begun = anyio.Event()

    def ring(now: float) -> None:
        rung.append(now)
        begun.set()

    async with ticking() as clock:
        instant = anyio.current_time() + 1
        for _ in range(1_000):
            alarm_that(clock, ring).set(instant)
        await begun.wait()
        while len(rung) < 1_000:
            between.append(len(rung))
            await checkpoint()
    turns = sorted({*between, 1_000})
    # Twice in a row at most: trio takes its tasks in any order at each turn.
    assert max(b - a for a, b in zip([0, *turns], turns, strict=False)) <= 130


async def test_an_alarm_that_is_always_due_lets_others_run() -> None:
    async with ticking() as clock:
        rung = 0

        def ring(now: float) -> None:
            nonlocal rung
            rung += 1
            alarm.set(now)

        alarm = alarm_that(clock, ring)
        alarm.set(anyio.current_time())
        for _ in range(10):
            await checkpoint()
        assert 0 < rung < 10_000
        alarm.cancel()
