"""Who takes nothing for a while: cut off, and nobody else."""

import socket
from typing import Any

import anyio
import pytest

from reverb_server import Settings, running
from tests.server.calls import PAIRS, call, joined, served, tcp_pair
from tests.server.reports import ends
from tests.virtual import anyio_backend as anyio_backend

FLOOD = b"Hello? Is there anybody there?\n" * 2000


@pytest.mark.parametrize("pair", PAIRS)
async def test_who_takes_no_byte_for_write_timeout_is_cut_off_as_slow(
    pair: Any, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, delay=0, write_timeout=8)) as server:
        with joined(server, pair) as caller, call(server) as other:
            await caller.fill(FLOOD)
            await anyio.sleep(6.5)  # it may have taken something in the last second
            assert ends(log) == []
            await anyio.sleep(2.6)  # a quarter of the timeout late at the most
            assert ends(log) == ["slow"]
            await served(other)


async def test_who_reads_slowly_but_steadily_is_never_cut_off(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, write_timeout=4, drain_timeout=0)) as server:
        with joined(server) as caller:  # TCP would move its window in real time
            await caller.fill(FLOOD)
            for _ in range(25):
                assert await caller.read(40_000)
                await anyio.sleep(3)
            assert ends(log) == []


async def test_who_took_something_and_then_nothing_is_slow(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, write_timeout=4, drain_timeout=0)) as server:
        with joined(server) as caller:
            await caller.fill(FLOOD)
            await caller.read(40_000)
            await anyio.sleep(3.9)
            assert ends(log) == []
            await anyio.sleep(2)
            assert ends(log) == ["slow"]


async def test_without_write_timeout_who_never_reads_may_stay(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=5, write_timeout=0, drain_timeout=0)) as server:
        with joined(server, tcp_pair) as caller:
            await caller.fill(FLOOD)
            await anyio.sleep(10_000)  # echoes fall due while others can't be sent
            assert ends(log) == []


async def test_who_has_nothing_to_take_is_not_slow(log: pytest.LogCaptureFixture) -> None:
    async with running(Settings(port=0, delay=60, write_timeout=1)) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            times = [instant for instant, _ in await caller.timed_lines(3)]
            assert times[2] - times[0] == pytest.approx(120)
            await caller.silence(1000)
            assert ends(log) == []


@pytest.mark.parametrize(
    ("write_timeout", "milliseconds"), [(30, 120_000), (0, 0), (1000, 2_000_000)]
)
async def test_the_kernel_waits_longer_than_write_timeout(
    write_timeout: float, milliseconds: int
) -> None:
    async with running(Settings(write_timeout=write_timeout), accepting=False) as server:
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()),
        ):
            given, _ = listener.accept()
            theirs = given.dup()  # the same connection
            server.adopt(given)
            option = theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert option == milliseconds
            assert theirs.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            theirs.close()
