"""The limits that are options: what happens at each, and that nothing happens before."""

import json
import socket
from contextlib import ExitStack
from typing import Any

import anyio
import pytest

from reverb_server import Settings, limits, running
from reverb_server.control import request
from tests.server.calls import Caller, call, echoes, joined
from tests.server.conftest import WatchedConnection
from tests.server.reports import ends
from tests.virtual import anyio_backend as anyio_backend


def code(line: bytes) -> str:
    """The code of an error line, which must be one."""
    assert line.startswith(b"\x10"), line
    assert line.endswith(b"}\n"), line
    message: dict[str, Any] = json.loads(line[1:])
    assert message.keys() == {"reverb", "code", "error"}
    return str(message["code"])


async def served(caller: Caller) -> None:
    await caller.shout(b"Hello?\n")
    assert sorted(await caller.lines(3)) == echoes(b"Hello?")


# max-line


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


# max-pending


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


# max-connections


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


async def test_a_refused_client_that_stays_is_closed_after_a_second() -> None:
    async with running(Settings(port=0, delay=0, max_connections=1)) as server:
        with call(server) as one, call(server) as other:
            await served(one)
            begin = anyio.current_time()
            assert code(await other.line()) == "full"
            await anyio.sleep(0.9)
            assert server._refusing == 1
            await anyio.sleep(0.2)
            assert server._refusing == 0
            assert anyio.current_time() == pytest.approx(begin + 1.1)


async def test_32_are_refused_at_a_time_and_further_ones_just_closed(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, max_connections=1)) as server:
        with joined(server) as one, ExitStack() as stack:
            await served(one)
            crowd = [stack.enter_context(joined(server)) for _ in range(40)]
            assert server._refusing == 32
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


# idle-timeout


async def idle_after(caller: Caller, begin: float) -> float:
    """Wait until the server says that it is idle; return when that was."""
    line = await caller.line()
    instant = anyio.current_time() - begin
    assert code(line) == "idle"
    assert await caller.rest() == b""
    return instant


async def test_who_never_says_anything_is_idle_and_told(log: pytest.LogCaptureFixture) -> None:
    async with running(Settings(port=0, idle_timeout=5)) as server:
        with call(server) as caller:
            assert await idle_after(caller, anyio.current_time()) == pytest.approx(5)
    assert ends(log) == ["idle"]


async def test_idle_counts_from_the_last_echo_and_from_the_last_whole_line() -> None:
    async with running(Settings(port=0, delay=10, idle_timeout=5)) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            await caller.shout(b"Hello?\n")
            times = [instant - begin for instant, _ in await caller.timed_lines(3)]
            assert times == pytest.approx([0, 10, 20])
            await anyio.sleep(4)
            await caller.shout(request(1))
            await caller.line()
            assert await idle_after(caller, begin) == pytest.approx(29)


async def test_parts_of_a_line_do_not_keep_a_client_from_being_idle() -> None:
    async with running(Settings(port=0, idle_timeout=5)) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            async with anyio.create_task_group() as group:

                async def drip() -> None:
                    while True:
                        await caller.shout(b"x")
                        await anyio.sleep(1)

                group.start_soon(drip)
                assert await idle_after(caller, begin) == pytest.approx(5)
                group.cancel_scope.cancel()


async def test_idle_is_off_by_default_and_in_plain_mode_nothing_is_told(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0)) as server:
        with call(server) as caller:
            await caller.silence(100_000)
    async with running(Settings(port=0, mode="plain", idle_timeout=5)) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            assert await caller.rest() == b""
            assert anyio.current_time() - begin == pytest.approx(5)
    assert ends(log) == ["finished", "idle"]


# write-timeout


async def stall(caller: Caller) -> None:
    """Have much more to read than buffers take, and read nothing."""
    with anyio.move_on_after(1):
        while True:
            await caller.send_some(b"Hello? Is there anybody there?\n" * 2000)


@pytest.mark.parametrize("connect", [call, joined])
async def test_who_takes_no_byte_for_write_timeout_is_cut_off_as_slow(
    connect: Any, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, delay=0, write_timeout=8)) as server:
        with connect(server) as caller, call(server) as other:
            await stall(caller)
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
            await stall(caller)
            for _ in range(25):
                assert await caller.read(40_000)
                await anyio.sleep(3)
            assert ends(log) == []


async def test_who_took_something_and_then_nothing_is_slow(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, write_timeout=4, drain_timeout=0)) as server:
        with joined(server) as caller:
            await stall(caller)
            await caller.read(40_000)
            await anyio.sleep(3.9)
            assert ends(log) == []
            await anyio.sleep(2)
            assert ends(log) == ["slow"]


async def test_without_write_timeout_who_never_reads_may_stay(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=5, write_timeout=0, drain_timeout=0)) as server:
        with call(server) as caller:
            await stall(caller)
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
            theirs, _ = listener.accept()
            server.adopt(theirs)
            option = theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert option == milliseconds
            assert theirs.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
