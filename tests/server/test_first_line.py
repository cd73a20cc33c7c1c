"""A stop leaves nobody unheard who has connected: there is time for a first line."""

import socket

import anyio
import pytest

from reverb_server import Server, Settings, running
from reverb_server.core.control import request
from reverb_server.net.connection import FIRST_LINE
from tests.server.calls import Caller, codes, echoes, unix_pair
from tests.server.reports import ends
from tests.virtual import anyio_backend as anyio_backend


async def stop_and_say(server: Server, *sent: tuple[float, bytes]) -> tuple[float, bytes]:
    """Stop a server that a client has called; return how long that took, and what came back.

    Each piece that the client sends has its instant, in seconds from the stop on.
    """
    ours, theirs = unix_pair()
    server.adopt(theirs)
    caller = Caller(ours)
    heard = bytearray()
    begin = anyio.current_time()

    async def say() -> None:
        for instant, data in sent:
            await anyio.sleep_until(begin + instant)
            await caller.shout(data)
        heard.extend(await caller.rest())
        ours.close()

    async with anyio.create_task_group() as group:
        group.start_soon(say)
        await anyio.lowlevel.checkpoint()
        await server.drain()
        took = anyio.current_time() - begin
    return took, bytes(heard)


async def test_a_first_line_may_come_late(log: pytest.LogCaptureFixture) -> None:
    async with running(Settings(delay=1), accepting=False) as server:
        took, heard = await stop_and_say(server, (0.19, b"Hello?\n"))
    assert heard == b"\t HELLO?\n\t Hello?\n\t hello?\n"
    assert took == pytest.approx(2.19, abs=0.01)
    assert ends(log) == ["drained"]


async def test_nothing_more_is_heard_after_the_first_line() -> None:
    async with running(Settings(delay=1), accepting=False) as server:
        _, heard = await stop_and_say(server, (0.1, b"Hello?\n"), (0.15, b"more\n"))
    assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hello?")


async def test_a_line_in_pieces_is_waited_for_and_one_that_does_not_end_is_a_shout() -> None:
    async with running(Settings(delay=0), accepting=False) as server:
        _, heard = await stop_and_say(server, (0.05, b"Hel"), (0.1, b"lo?"), (0.15, b"\n"))
    assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hello?")
    async with running(Settings(delay=0), accepting=False) as server:
        took, heard = await stop_and_say(server, (0.05, b"Hel"))
    assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hel")
    assert took == pytest.approx(FIRST_LINE, abs=0.01)


async def test_a_request_is_a_first_line_and_is_told_of_the_stop() -> None:
    async with running(Settings(delay=0), accepting=False) as server:
        took, heard = await stop_and_say(server, (0.1, request(1)))
    assert codes(heard) == ["", "draining"]
    assert took == pytest.approx(0.1, abs=0.01)


async def test_who_says_nothing_holds_up_a_stop_no_longer(log: pytest.LogCaptureFixture) -> None:
    async with running(Settings(delay=60), accepting=False) as server:
        took, heard = await stop_and_say(server)
    assert heard == b""
    assert took == pytest.approx(FIRST_LINE, abs=0.01)
    assert ends(log) == ["drained"]


@pytest.mark.parametrize("drain_timeout", [0, 0.1])
async def test_it_is_within_the_time_of_the_drain(drain_timeout: float) -> None:
    settings = Settings(delay=60, drain_timeout=drain_timeout)
    async with running(settings, accepting=False) as server:
        took, _ = await stop_and_say(server)
    assert took <= drain_timeout
    assert server.lost == 0


async def test_a_plain_echo_waits_for_the_first_bytes() -> None:
    async with running(Settings(mode="plain"), accepting=False) as server:
        took, heard = await stop_and_say(server, (0.1, b"no line"))
    assert heard == b"no line"
    assert took == pytest.approx(0.1, abs=0.01)


async def test_who_has_said_something_is_not_waited_for() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with socket.create_connection(server.addresses[0]) as sock:
            caller = Caller(sock)
            await caller.shout(b"Hello?\n")
            await caller.lines(3)
            caller.hang_up()
            begin = anyio.current_time()
            await server.drain()
            assert anyio.current_time() - begin == pytest.approx(0, abs=0.01)
