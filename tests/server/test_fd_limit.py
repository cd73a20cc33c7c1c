"""What a client may send and hold, and how many there may be: what happens at each limit."""

from contextlib import ExitStack

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.net import fd_limit as limits
from tests.server.calls import call, code, echoes, joined, served
from tests.server.conftest import WatchedConnection
from tests.server.reports import ends
from tests.virtual import anyio_backend as anyio_backend


@pytest.mark.parametrize("size", [9, 70_000])
async def test_a_line_over_max_line_is_refused_and_everything_else_goes_on(size: int) -> None:
    async with running(Settings(port=0, delay=0, max_line=8)) as server:
        with joined(server) as caller:
            await caller.shout(b"12345678\r\n" + b"x" * size + b"\nok\n")
            caller.hang_up()
            lines = (await caller.rest()).splitlines(keepends=True)
    assert code(lines.pop(1)) == "line-too-long"
    assert sorted(lines) == echoes(b"12345678", b"ok")


async def test_100_mb_without_a_line_feed_cost_no_memory_and_one_error(
    connections: list[WatchedConnection],
) -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with joined(server) as caller, joined(server) as other:
            for _ in range(100):
                await caller.shout(b"x" * 1_000_000)
            await served(other)
            await caller.shout(b"\nok\n")
            assert code(await caller.line()) == "line-too-long"
            assert sorted(await caller.lines(3)) == echoes(b"ok")
            assert connections[0].peak < 300_000
            assert connections[0].held == 0


@pytest.mark.parametrize("flood", [b"Shout\n", b"\n"])
async def test_max_pending_is_what_is_held_at_most_and_nothing_is_dropped(
    flood: bytes, connections: list[WatchedConnection]
) -> None:
    bound = 65_536
    sent = 0
    async with running(
        Settings(port=0, delay=1, max_line=1000, max_pending=bound, write_timeout=0)
    ) as server:
        with joined(server) as caller:
            heard = 0

            async def listen() -> None:
                nonlocal heard
                while data := await caller.read():
                    heard += data.count(b"\n")

            async with anyio.create_task_group() as group:
                group.start_soon(listen)
                for _ in range(25):
                    await caller.shout(flood * 4000)
                    sent += 4000
                caller.hang_up()
    assert bound / 3 < connections[0].peak <= bound
    assert heard == 3 * sent


async def test_one_more_than_max_connections_is_told_and_closed_and_can_read_it(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, max_connections=2)) as server:
        with call(server) as one, call(server) as two:
            await served(one)
            await served(two)
            with call(server) as third:
                # What it has sent already must not turn the close into a reset.
                await third.shout(b"Not heard\n" * 1000)
                assert code(await third.line()) == "full"
                assert await third.rest() == b""
            await served(one)
        await anyio.sleep(1)
        with call(server) as fourth:
            await served(fourth)
    assert ends(log).count("full") == 1


async def test_a_refused_client_that_stays_is_closed_after_a_second(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, max_connections=1)) as server:
        with call(server) as one, call(server) as other:
            await served(one)
            begin = anyio.current_time()
            assert code(await other.line()) == "full"
            await anyio.sleep(0.9)
            assert ends(log) == []
            await anyio.sleep(0.2)
            assert ends(log) == ["full"]
            assert anyio.current_time() == pytest.approx(begin + 1.1)


async def test_32_are_refused_at_a_time_and_further_ones_just_closed(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, max_connections=1)) as server:
        with joined(server) as one, ExitStack() as stack:
            await served(one)
            crowd = [stack.enter_context(joined(server)) for _ in range(40)]
            assert ends(log) == ["full"] * 8
            told = [await caller.line() for caller in crowd]
            assert [code(line) for line in told[:32]] == ["full"] * 32
            assert told[32:] == [b""] * 8
            await served(one)
        await anyio.sleep(2)
    assert ends(log).count("full") == 40


async def test_in_plain_mode_one_more_is_closed_without_a_byte() -> None:
    async with running(Settings(port=0, mode="plain", max_connections=1)) as server:
        with call(server) as one, call(server) as other:
            await one.shout(b"x")
            assert await one.read() == b"x"
            assert await other.rest() == b""


def test_max_connections_comes_from_the_limit_of_open_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resource = pytest.importorskip("resource")
    for soft, most in [(1024, 1024 - 64), (20, 1), (resource.RLIM_INFINITY, 4096)]:
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert limits.max_connections() == most
