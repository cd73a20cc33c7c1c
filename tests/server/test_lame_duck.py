"""A lame duck: a server that has said that it will stop, and still serves."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from reverb_server import Server, Settings, running
from reverb_server.core.control import request
from tests.server.calls import Caller, codes, echoes
from tests.virtual import anyio_backend as anyio_backend


@asynccontextmanager
async def stopping(settings: Settings) -> AsyncIterator[tuple[Server, Caller]]:
    """Have a server that is asked to stop as the block begins, and a client that has asked."""
    async with running(settings) as server:
        polite = Caller(socket.create_connection(server.addresses[0]))
        await polite.shout(request(1))
        await polite.line()
        async with anyio.create_task_group() as group:
            group.start_soon(server.drain)
            await anyio.lowlevel.checkpoint()
            yield server, polite
        polite.socket.close()


async def test_it_tells_at_once_serves_on_and_then_drains() -> None:
    async with stopping(Settings(port=0, delay=0, lame_duck=5)) as (server, polite):
        begin = anyio.current_time()
        assert codes(await polite.line()) == ["draining"]
        assert anyio.current_time() == pytest.approx(begin, abs=0.01)
        assert server.stopping
        await anyio.sleep_until(begin + 4.9)
        with socket.create_connection(server.addresses[0]) as sock:
            late = Caller(sock)
            for caller in (polite, late):
                await caller.shout(b"Hello?\n")
                assert sorted(await caller.lines(3)) == echoes(b"Hello?")
            assert await late.rest() == b""
        assert await polite.rest() == b""
        assert anyio.current_time() == pytest.approx(begin + 5, abs=0.01)
    assert server.lost == 0


async def test_who_asks_later_is_told_after_the_answer_and_everybody_once() -> None:
    async with stopping(Settings(port=0, delay=0, lame_duck=5)) as (server, polite):
        mute, late = (Caller(socket.create_connection(server.addresses[0])) for _ in range(2))
        await mute.shout(b"Hello?\n")
        await late.shout(request(1) + request(2))
        assert codes(await late.rest()) == ["", "", "draining"]
        assert codes(await mute.rest()) == []
        assert codes(await polite.rest()) == ["draining"]
        for caller in (mute, late):
            caller.socket.close()


async def test_being_told_to_hurry_it_drains_and_then_cuts() -> None:
    begin = anyio.current_time()
    settings = Settings(port=0, delay=60, lame_duck=1000, drain_timeout=1000)
    async with stopping(settings) as (server, polite):
        assert codes(await polite.line()) == ["draining"]
        await polite.shout(b"Hello?\n")
        assert await polite.line() == b"\t HELLO?\n"
        server.hurry()
        await polite.silence(30)
        server.hurry()
    assert server.lost == 1
    assert anyio.current_time() - begin == pytest.approx(30, abs=0.1)


async def test_cut_ends_it_at_once() -> None:
    begin = anyio.current_time()
    async with stopping(Settings(port=0, lame_duck=1000)) as (server, _):
        server.cut()
    assert anyio.current_time() - begin == pytest.approx(0, abs=0.1)
    with socket.socket() as sock:
        assert sock.connect_ex(server.addresses[0]) != 0


async def test_a_block_that_fails_waits_for_no_lame_duck() -> None:
    begin = anyio.current_time()
    with pytest.raises(ZeroDivisionError):
        async with running(Settings(port=0, lame_duck=1000)):
            raise ZeroDivisionError
    assert anyio.current_time() - begin == pytest.approx(0, abs=0.1)
