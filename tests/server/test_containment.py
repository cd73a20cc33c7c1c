"""What happens in one connection, or at the door, is nobody else's trouble."""

import errno
import gc
import logging
import socket
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.accepting import accept
from reverb_server.reverb import Reverb
from tests.server.calls import Caller, call, echoes, joined
from tests.server.conftest import WatchedConnection
from tests.virtual import anyio_backend as anyio_backend


async def echoed(caller: Caller) -> None:
    """See that a client is served."""
    await caller.shout(b"Hello?\n")
    assert sorted(await caller.lines(3)) == echoes(b"Hello?")


async def all_tasks_rest() -> None:
    """Let everything happen that can happen before time goes on (a virtual instant)."""
    await anyio.sleep(0.001)


async def test_a_reset_frees_the_connection_and_disturbs_nobody(
    connections: list[WatchedConnection], caplog: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, delay=30)) as server:
        with call(server) as other, call(server) as rude:
            await other.shout(b"Hello?\n")
            await rude.shout(b"Not of interest\n" * 1_000)
            assert await rude.line() == b"\t NOT OF INTEREST\n"
            rude.reset()
            await all_tasks_rest()
            alive = [weakref.ref(connection) for connection in connections]
            connections.clear()
            gc.collect()
            assert [reference() is None for reference in alive].count(True) == 1
            assert sorted(await other.lines(3)) == echoes(b"Hello?")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_reset_frees_what_was_pending_at_once(
    connections: list[WatchedConnection],
) -> None:
    """Without the garbage collector: it may not come round for hundreds of connections."""
    gc.collect()
    gc.disable()
    try:
        async with running(Settings(port=0, delay=30)) as server:
            with call(server) as rude:
                await rude.shout(b"x" * 60_000 + b"\n")
                await rude.line()
                echo = weakref.ref(connections[0]._echo)
                rude.reset()
                connections.clear()
                await all_tasks_rest()
                assert echo() is None
    finally:
        gc.enable()


async def test_a_reset_of_who_does_not_read_is_noticed(
    connections: list[WatchedConnection],
) -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server, send_buffer=4096, receive_buffer=4096) as rude:
            with anyio.move_on_after(5):
                await rude.shout(b"x" * 60_000 + b"\n" + b"Hey\n" * 2_000_000)
            rude.reset()
            await all_tasks_rest()
            reference = weakref.ref(connections.pop())
            gc.collect()
            assert reference() is None


@pytest.mark.parametrize("when", ["hear", "speak at once", "speak later"])
async def test_an_error_in_a_connection_is_logged_once_and_ends_only_that(
    when: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hear, speak = Reverb.hear, Reverb.speak
    broken: list[Reverb] = []

    def hear_or_fail(self: Reverb, data: bytes, now: float) -> None:
        if b"Boom" in data:
            broken.append(self)
            if when == "hear":
                raise ZeroDivisionError("in hear")
        hear(self, data, now)

    def speak_or_fail(self: Reverb, now: float, limit: int) -> bytes:
        if self in broken and (when == "speak at once" or now > began):
            raise ZeroDivisionError("in speak")
        return speak(self, now, limit)

    monkeypatch.setattr(Reverb, "hear", hear_or_fail)
    monkeypatch.setattr(Reverb, "speak", speak_or_fail)
    async with running(Settings(port=0, delay=1)) as server:
        with joined(server) as other, joined(server) as unlucky:
            began = anyio.current_time()
            await other.shout(b"Hello?\n")
            await unlucky.shout(b"Boom\n")
            await unlucky.rest()
            assert sorted(await other.lines(3)) == echoes(b"Hello?")
            await echoed(other)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "ZeroDivisionError: in " in caplog.text
    assert record.levelname == "ERROR"


async def test_an_error_while_the_writer_speaks_is_contained_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    speak = Reverb.speak

    def speak_or_fail(self: Reverb, now: float, limit: int) -> bytes:
        if self.shouts >= 100_000 and self.echoes > 200_000:
            raise ZeroDivisionError("in speak")
        return speak(self, now, limit)

    monkeypatch.setattr(Reverb, "speak", speak_or_fail)
    async with running(Settings(port=0, delay=0)) as server:
        with joined(server) as other, joined(server) as unlucky:

            async def shout() -> None:
                with suppress(OSError):
                    await unlucky.shout(b"Boom\n" * 150_000)

            async with anyio.create_task_group() as group:
                group.start_soon(shout)
                with suppress(OSError):
                    while await unlucky.read():
                        pass
            await echoed(other)
    assert "ZeroDivisionError: in speak" in caplog.text
    problems = [each.levelname for each in caplog.records if each.levelno > logging.INFO]
    assert problems == ["ERROR"]


class Door:
    """A listening socket whose accept does what a list says, and then what it is there for."""

    def __init__(self, listener: socket.socket, problems: list[int]) -> None:
        self._listener = listener
        self._problems = problems

    def fileno(self) -> int:
        return self._listener.fileno()

    def accept(self) -> tuple[socket.socket, Any]:
        if self._problems:
            raise OSError(self._problems.pop(0), "a problem at the door")
        return self._listener.accept()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


async def knock(
    listener: socket.socket, problems: list[int], then: Callable[[Caller], Any] = echoed
) -> None:
    """Serve one connection that comes through a door with problems."""
    async with running(Settings(delay=0), accepting=False) as server:
        with socket.create_connection(listener.getsockname()) as sock:
            async with anyio.create_task_group() as group:
                door: Any = Door(listener, problems)
                group.start_soon(accept, door, server.adopt)
                await then(Caller(sock))
                group.cancel_scope.cancel()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
async def test_exhaustion_in_accept_is_logged_once_and_survived(
    number: int, listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    begin = anyio.current_time()
    await knock(listener, [number] * 5)
    assert anyio.current_time() == pytest.approx(begin + 0.5)
    first, last = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "cannot accept connections" in first.getMessage()
    assert "accepting connections again" in last.getMessage()


async def test_a_connection_aborted_before_accept_is_ignored(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    await knock(listener, [errno.ECONNABORTED, errno.EPROTO, errno.ECONNABORTED])
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_connection_that_cannot_be_tuned_does_not_end_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Some systems refuse to set options of a connection that was reset before it was accepted.
    real = socket.socket.setsockopt
    refused: list[object] = []

    def setsockopt(self: socket.socket, *arguments: Any) -> None:
        if not refused and arguments[:2] == (socket.SOL_SOCKET, socket.SO_KEEPALIVE):
            refused.append(arguments)
            raise OSError(errno.EINVAL, "Invalid argument")
        real(self, *arguments)

    async with running(Settings(port=0, delay=0)) as server:
        monkeypatch.setattr(socket.socket, "setsockopt", setsockopt)
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as ours,
        ):
            server.adopt(listener.accept()[0])
            await echoed(Caller(ours))
        with call(server) as caller:
            await echoed(caller)
    assert refused


async def test_many_connections_at_once_are_all_served() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with ExitStack() as stack:
            for caller in [stack.enter_context(call(server)) for _ in range(300)]:
                await echoed(caller)


async def test_reading_from_a_busy_socket_starves_nobody() -> None:
    async with running(Settings(port=0, mode="plain")) as server:
        with joined(server) as busy, joined(server) as other:
            stop = False

            async def flood() -> None:
                while not stop:
                    await busy.send_some(b"x" * 65_536)

            async def swallow() -> None:
                while True:
                    await busy.read()

            async with anyio.create_task_group() as group:
                group.start_soon(flood)
                group.start_soon(swallow)
                for _ in range(100):
                    begin = time.monotonic()
                    await other.shout(b"ping")
                    assert await other.read() == b"ping"
                    assert time.monotonic() - begin < 0.5
                group.cancel_scope.cancel()


class Endless:
    """A stand-in for a socket that always has data; counts what is read of it."""

    def __init__(self) -> None:
        self.reads = 0
        self._real, self._peer = socket.socketpair()
        self._peer.send(b"x")
        self.family = self._real.family

    def recv(self, limit: int) -> bytes:
        self.reads += 1
        return b"x" * limit

    def send(self, data: bytes | memoryview) -> int:
        return len(data)

    def setblocking(self, flag: bool) -> None:
        pass

    def fileno(self) -> int:
        return self._real.fileno()

    def getpeername(self) -> str:
        return ""

    def close(self) -> None:
        self._real.close()
        self._peer.close()


async def test_a_socket_that_always_has_data_gives_others_a_turn_after_each_read() -> None:
    endless: Any = Endless()
    async with running(Settings(mode="plain"), accepting=False) as server:
        server.adopt(endless)
        turns = 0
        while endless.reads < 50:
            await anyio.lowlevel.checkpoint()
            turns += 1
    assert turns >= 40
