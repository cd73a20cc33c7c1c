"""The delay and the mode of all connections, changed by the program that has the server."""

import anyio
import pytest

from reverb_server import BadSettings, Server, Settings, WrongThread, running
from tests.server.calls import call, joined
from tests.virtual import anyio_backend as anyio_backend


async def test_a_delay_moves_what_is_pending_and_what_comes_later() -> None:
    async with running(Settings(port=0, delay=60)) as server:
        with call(server) as caller, joined(server) as other:
            begin = anyio.current_time()
            for each in (caller, other):
                await each.shout(b"Hello?\n")
                assert await each.line() == b"\t HELLO?\n"
            server.set_delay(2)
            for each in (caller, other):
                assert await each.line() == b"\t Hello?\n"
                assert await each.line() == b"\t hello?\n"
            assert anyio.current_time() == begin + 4
        with call(server) as later:
            await later.shout(b"Yooo-hooo!\n")
            timed = await later.timed_lines(3)
            assert timed[2][0] - timed[0][0] == 4


async def test_a_mode_holds_for_shouts_from_now_on() -> None:
    async with running(Settings(port=0, delay=1)) as server:
        with call(server) as caller:
            await caller.shout(b"One\n")
            await caller.line()
            server.set_mode("sequential")
            await caller.shout(b"Two\n")
            came = await caller.lines(5)
        assert came == [b"\t One\n", b"\t one\n", b"\t TWO\n", b"\t Two\n", b"\t two\n"]
        with call(server) as later:
            await later.shout(b"A\nB\n")
            assert await later.lines(4) == [b"\t A\n", b"\t A\n", b"\t a\n", b"\t B\n"]


async def test_a_client_may_still_change_its_own() -> None:
    async with running(Settings(port=0, delay=1)) as server:
        server.set_delay(9)
        with call(server) as caller:
            await caller.shout(b'\x10{"reverb":1,"id":1,"delay":3}\nHello?\n')
            assert b'"delay":3' in await caller.line()
            timed = await caller.timed_lines(2)
            assert timed[1][0] - timed[0][0] == 3


@pytest.mark.parametrize("seconds", [-1, 61, True, float("nan")])
async def test_a_delay_that_can_not_be_changes_nothing(seconds: float) -> None:
    async with running(Settings(port=0, delay=1)) as server:
        with pytest.raises(BadSettings, match=r"^delay .* is out of range"):
            server.set_delay(seconds)
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            timed = await caller.timed_lines(2)
            assert timed[1][0] - timed[0][0] == 1


async def test_plain_is_a_mode_from_start_to_end() -> None:
    async with running(Settings(port=0)) as server:
        with pytest.raises(BadSettings, match="mode can't change from concurrent to plain"):
            server.set_mode("plain")  # type: ignore[arg-type]
        with pytest.raises(BadSettings, match="mode 'loud' is unknown"):
            server.set_mode("loud")  # type: ignore[arg-type]
    async with running(Settings(port=0, mode="plain")) as server:
        with pytest.raises(BadSettings, match="mode can't change from plain to concurrent"):
            server.set_mode("concurrent")
        with call(server) as caller:
            server.set_delay(1)  # which a plain echo does not have
            await caller.shout(b"Hello?")
            assert await caller.read() == b"Hello?"


async def test_another_thread_is_refused() -> None:
    def change(server: Server) -> None:
        with pytest.raises(WrongThread):
            server.set_delay(1)
        with pytest.raises(WrongThread):
            server.set_mode("sequential")

    async with running(Settings(port=0)) as server:
        await anyio.to_thread.run_sync(change, server)
