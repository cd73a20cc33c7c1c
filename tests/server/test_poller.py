"""Both kinds of poller: what they promise, and a server that keeps either."""

import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from reverb_server import Settings, running
from reverb_server.net import server
from reverb_server.net.clock import YIELD_AFTER, Clock
from reverb_server.net.poller import Poller, TaskPoller, make_poller
from tests.server.calls import call, echoes

MakePoller = Callable[[Clock, TaskGroup], Poller]


def task_poller(_clock: Clock, group: TaskGroup) -> Poller:
    return TaskPoller(group)


@pytest.fixture(params=[make_poller, task_poller], ids=["best", "tasks"])
def make(request: pytest.FixtureRequest) -> MakePoller:
    """Make a poller of each kind that there is."""
    chosen: MakePoller = request.param
    return chosen


@asynccontextmanager
async def polling(make: MakePoller) -> AsyncIterator[Poller]:
    async with anyio.create_task_group() as group:
        poller = make(Clock(), group)
        group.start_soon(poller.run)
        yield poller
        group.cancel_scope.cancel()
    poller.close()


class Calls:
    """A reader that calls a function."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function

    def ready(self) -> None:
        self._function()


class Ear:
    """One end of a connection, and what was heard at the other when the poller called."""

    def __init__(self) -> None:
        self.mouth, self._ear = socket.socketpair()
        self._ear.setblocking(False)
        self.descriptor = self._ear.fileno()
        self.heard = b""
        self.calls = 0
        self._called = anyio.Event()

    def ready(self) -> None:
        self.calls += 1
        self.heard += self._ear.recv(4)
        self._called.set()
        self._called = anyio.Event()

    async def wait_until_heard(self, data: bytes) -> None:
        with anyio.fail_after(10):
            while self.heard != data:
                await self._called.wait()

    def close(self) -> None:
        self.mouth.close()
        self._ear.close()


@pytest.fixture
def ears() -> Iterator[list[Ear]]:
    made: list[Ear] = []
    yield made
    for ear in made:
        ear.close()


def new(ears: list[Ear]) -> Ear:
    ears.append(Ear())
    return ears[-1]


async def test_whoever_has_something_to_read_is_called_until_all_is_read(
    make: MakePoller, ears: list[Ear]
) -> None:
    async with polling(make) as poller:
        one, other = new(ears), new(ears)
        for ear in (one, other):
            poller.add(ear.descriptor, ear)
        one.mouth.sendall(b"Hello? Is there anybody there?")
        await one.wait_until_heard(b"Hello? Is there anybody there?")
        assert other.calls == 0
        other.mouth.sendall(b"Yes")
        await other.wait_until_heard(b"Yes")


async def test_the_end_of_the_input_is_a_call(make: MakePoller, ears: list[Ear]) -> None:
    async with polling(make) as poller:
        ear = new(ears)
        ended = anyio.Event()

        def end() -> None:
            poller.remove(ear.descriptor)
            ended.set()

        poller.add(ear.descriptor, Calls(end))
        ear.mouth.shutdown(socket.SHUT_WR)
        with anyio.fail_after(10):
            await ended.wait()


async def test_nobody_is_called_after_removal_and_again_after_addition(
    make: MakePoller, ears: list[Ear]
) -> None:
    async with polling(make) as poller:
        one, other = new(ears), new(ears)
        poller.add(one.descriptor, one)
        poller.add(other.descriptor, other)
        poller.remove(one.descriptor)
        poller.remove(one.descriptor)  # twice is as good as once
        one.mouth.sendall(b"one")
        other.mouth.sendall(b"other")
        await other.wait_until_heard(b"other")
        assert one.calls == 0
        poller.add(one.descriptor, one)
        await one.wait_until_heard(b"one")


async def test_who_is_removed_by_another_of_the_same_turn_is_not_called(
    make: MakePoller, ears: list[Ear]
) -> None:
    async with polling(make) as poller:
        pair = new(ears), new(ears)
        called: list[int] = []
        happened = anyio.Event()

        def call(index: int) -> None:
            called.append(index)
            happened.set()
            for ear in pair:
                poller.remove(ear.descriptor)

        for ear in pair:
            ear.mouth.sendall(b"now")
        poller.add(pair[0].descriptor, Calls(lambda: call(0)))
        poller.add(pair[1].descriptor, Calls(lambda: call(1)))
        with anyio.fail_after(10):
            await happened.wait()
        third = new(ears)
        poller.add(third.descriptor, third)
        third.mouth.sendall(b"then")
        await third.wait_until_heard(b"then")
        assert len(called) == 1


async def test_a_flood_lets_other_tasks_have_their_turn(make: MakePoller, ears: list[Ear]) -> None:
    async with polling(make) as poller:
        ear = new(ears)
        ear.mouth.sendall(b"x" * 4000)
        poller.add(ear.descriptor, ear)
        turns = 0
        with anyio.fail_after(10):
            while len(ear.heard) < 4000:
                await checkpoint()
                turns += 1
        assert turns > 100


async def test_who_takes_long_each_time_does_not_keep_the_others_from_their_turn(
    make: MakePoller, ears: list[Ear]
) -> None:
    async with polling(make) as poller:
        slow, other = new(ears), new(ears)
        calls = 0

        def take_long() -> None:  # and leave something to be read
            nonlocal calls
            calls += 1
            begin = time.monotonic()
            while time.monotonic() < begin + 2 * YIELD_AFTER:
                pass

        slow.mouth.sendall(b"slow")
        poller.add(slow.descriptor, Calls(take_long))
        while not calls:
            await checkpoint()
        other.mouth.sendall(b"a few words, four bytes at a time")
        poller.add(other.descriptor, other)
        await other.wait_until_heard(b"a few words, four bytes at a time")
        assert calls < 100


async def test_one_that_is_removed_and_closed_at_once_disturbs_nobody(
    make: MakePoller, ears: list[Ear]
) -> None:
    async with polling(make) as poller:
        other, gone = new(ears), new(ears)
        poller.add(other.descriptor, other)
        poller.add(gone.descriptor, gone)
        poller.remove(gone.descriptor)
        gone.close()
        await checkpoint()
        other.mouth.sendall(b"Hello?")
        await other.wait_until_heard(b"Hello?")
        assert gone.calls == 0


@pytest.mark.parametrize("delay", [0.0, 0.05])
async def test_a_server_echoes_everything(
    make: MakePoller, delay: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "make_poller", make)
    shouts = [b"shout %d" % number for number in range(20_000)]
    async with running(Settings(port=0, delay=delay)) as one:
        with call(one) as caller, anyio.fail_after(30):

            async def shout_all() -> None:
                await caller.shout(b"\n".join(shouts))
                caller.hang_up()

            async with anyio.create_task_group() as group:
                group.start_soon(shout_all)
                received = await caller.rest()
    assert sorted(received.splitlines(keepends=True)) == echoes(*shouts)


async def test_a_drain_hears_what_had_arrived(
    make: MakePoller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "make_poller", make)
    async with running(Settings(port=0, delay=0.05)) as one:
        with call(one) as caller, anyio.fail_after(30):
            await caller.shout(b"Hello?\n")
            assert await caller.line() == b"\t HELLO?\n"
            await caller.shout(b"Anybody?\n")
            async with anyio.create_task_group() as group:
                group.start_soon(one.drain)
                received = await caller.rest()
    heard = [b"\t HELLO?\n", *received.splitlines(keepends=True)]
    assert sorted(heard) == echoes(b"Hello?", b"Anybody?")


@pytest.mark.skipif(sys.platform != "linux", reason="epoll is Linux's")
async def test_on_linux_the_best_poller_has_no_tasks() -> None:
    async with anyio.create_task_group() as group:
        poller = make_poller(Clock(), group)
        assert not isinstance(poller, TaskPoller)
    poller.close()
