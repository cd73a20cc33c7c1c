"""What is lost when a server can't wait any longer is told, and counted."""

from collections import Counter
from contextlib import suppress

import anyio
import pytest

from reverb_server import Settings, running
from tests.server.calls import Caller, codes, joined, unix_pair
from tests.server.conftest import WatchedConnection
from tests.server.reports import ends, reports
from tests.virtual import anyio_backend as anyio_backend


class Leave(Exception):
    """What leaves the block."""


async def test_what_is_due_after_drain_timeout_is_cut_told_and_counted(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=6, drain_timeout=10)) as server:
        begin = anyio.current_time()
        ours, theirs = unix_pair()
        server.adopt(theirs)
        caller = Caller(ours)
        await caller.shout(b"one\n")
        await caller.lines(1)
        await anyio.sleep(4)
        await caller.shout(b"two\nthree\n")
        await caller.lines(2)
    assert anyio.current_time() - begin == pytest.approx(14)
    # one: 6 and 12, in time; two and three: 10, and 16, which is too late.
    heard = await caller.rest()
    assert heard.startswith(b"\t one\n\t two\n\t three\n\t one\n\x10")
    assert codes(heard) == ["cut"]
    assert server.lost == 2
    assert ends(log) == ["cut"]
    ours.close()


async def test_echoes_that_nobody_takes_count_as_lost(log: pytest.LogCaptureFixture) -> None:
    """Exactly those shouts are counted of which a client then misses an echo."""
    for _ in range(3):
        async with running(Settings(port=0, delay=0, drain_timeout=2, write_timeout=0)) as server:
            ours, theirs = unix_pair()
            server.adopt(theirs)
            caller = Caller(ours)
            numbers = iter(range(1_000_000))
            with anyio.move_on_after(1):
                while True:
                    line = b"Shout %d\n" % next(numbers)
                    await caller.shout(line * 50)
        heard = Counter((await caller.rest()).split(b"\n"))
        report = reports(log)[-1]
        complete = sum(count for line, count in heard.items() if line.startswith(b"\t shout "))
        assert server.lost > 0
        missing = int(report["shouts"]) - complete
        assert missing <= server.lost <= missing + 1
        ours.close()


async def test_a_second_signal_cuts_at_once() -> None:
    async with anyio.create_task_group() as group:
        settings = Settings(port=0, delay=60, drain_timeout=1000)
        async with running(settings) as server:
            ours, theirs = unix_pair()
            server.adopt(theirs)
            caller = Caller(ours)
            await caller.shout(b"Hello?\n")
            await caller.line()
            begin = anyio.current_time()

            async def cut() -> None:
                await anyio.sleep(5)
                server.cut()

            group.start_soon(cut)
    assert anyio.current_time() - begin == pytest.approx(5)
    assert codes(await caller.rest()) == ["cut"]
    assert server.lost == 1
    ours.close()


async def test_leaving_by_an_exception_cuts_and_tells(log: pytest.LogCaptureFixture) -> None:
    ours, theirs = unix_pair()
    begin = anyio.current_time()
    caller = Caller(ours)
    try:
        async with running(Settings(port=0, delay=60)) as server:
            server.adopt(theirs)
            await caller.shout(b"Hello?\n")
            await caller.line()
            await caller.shout(b"unread\n" * 100)
            raise Leave
    except Leave:
        pass
    assert anyio.current_time() - begin < 0.1
    assert codes(await caller.rest()) == ["cut"]
    assert server.lost == 1
    assert ends(log) == ["cut"]
    ours.close()


async def test_a_cancelled_block_drops_what_is_pending_at_once() -> None:
    begin = anyio.current_time()
    with anyio.move_on_after(5):
        async with running(Settings(delay=60), accepting=False) as server:
            with joined(server) as caller:
                await caller.shout(b"Hello?\n")
                await anyio.sleep_forever()
    assert anyio.current_time() - begin == pytest.approx(5)


async def test_who_is_cut_in_the_middle_of_a_line_is_told_nothing_within_it(
    connections: list[WatchedConnection],
) -> None:
    ours, theirs = unix_pair()
    with suppress(Leave):
        settings = Settings(delay=0, max_line=100, max_pending=4096)
        async with running(settings, accepting=False) as server:
            server.adopt(theirs)
            while not (connections and connections[0].echo.rest):
                ours.sendall(b"Yo\n" * 80)  # 1200 bytes of echoes, of which 1024 leave at a time
                await anyio.lowlevel.checkpoint()
            raise Leave
    with ours:
        heard = await Caller(ours).rest()
    assert b"\x10" not in heard.replace(b"\n\x10", b"\n")
