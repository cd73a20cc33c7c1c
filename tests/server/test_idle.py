"""Who says nothing for a while: told and let go, where that is wanted."""

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.core.control import request
from tests.server.calls import Caller, call, code
from tests.server.reports import ends
from tests.virtual import anyio_backend as anyio_backend


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
