"""What happens in one connection is nobody else's trouble."""

import gc
import logging
import weakref
from collections.abc import Iterator
from contextlib import suppress

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.core.reverb import Reverb
from tests.server.calls import call, echoes, joined, served, tcp_pair
from tests.server.conftest import WatchedConnection
from tests.virtual import anyio_backend as anyio_backend


@pytest.fixture(autouse=True)
def only_new_objects() -> Iterator[None]:
    """Collect garbage of this module alone: a worker has half a million other objects."""
    gc.freeze()
    yield
    gc.unfreeze()


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
                echo = weakref.ref(connections[0].echo)
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
        with joined(server, tcp_pair) as rude:
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
            await served(other)
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
            await served(other)
    assert "ZeroDivisionError: in speak" in caplog.text
    problems = [each.levelname for each in caplog.records if each.levelno > logging.INFO]
    assert problems == ["ERROR"]
