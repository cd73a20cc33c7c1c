"""How a server stops: nothing is lost that can still be delivered."""

import socket

import anyio
import pytest

from reverb_server import Server, Settings, running
from reverb_server.core.control import request
from tests.server.calls import Caller, codes, echoes, unix_pair
from tests.server.conftest import WatchedConnection
from tests.server.reports import ends
from tests.virtual import anyio_backend as anyio_backend


async def test_a_stop_sends_all_pending_echoes_in_time_and_closes(
    log: pytest.LogCaptureFixture,
) -> None:
    async with anyio.create_task_group() as group:
        async with running(Settings(port=0, delay=3)) as server:
            caller = Caller(socket.create_connection(server.addresses[0]))
            begin = anyio.current_time()
            await caller.shout(b"Hello?\nlast")
            assert await caller.line() == b"\t HELLO?\n"
            timed: list[tuple[float, bytes]] = []

            async def listen() -> None:
                timed.extend(await caller.timed_lines(6))
                caller.socket.close()

            group.start_soon(listen)
        assert anyio.current_time() - begin == pytest.approx(6)
        assert server.lost == 0
    assert [line for _, line in timed[:5]] == [
        b"\t LAST\n",  # what has arrived is heard, and nothing more
        b"\t Hello?\n",
        b"\t last\n",
        b"\t hello?\n",
        b"\t last\n",
    ]
    assert [instant - begin for instant, _ in timed] == pytest.approx([0, 3, 3, 6, 6, 6], abs=0.01)
    assert ends(log) == ["drained"]


async def test_a_stop_takes_what_waits_in_the_queues_of_both_listeners() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        waiting = []
        for address in server.addresses:
            for _ in range(5):  # no task runs in between: nobody accepts
                sock = socket.create_connection(address)
                sock.sendall(b"Hello?\n")
                waiting.append(Caller(sock))
        assert "connections=0 " in server.summary()
    for caller in waiting:
        heard = await caller.rest()
        assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hello?")
        caller.socket.close()


@pytest.mark.parametrize("turns", range(8))
async def test_a_stop_at_any_moment_of_a_crowds_arrival_loses_nobodys_echoes(
    turns: int, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, delay=1)) as server:
        crowd = [Caller(socket.create_connection(server.addresses[0])) for _ in range(100)]
        for caller in crowd:
            await caller.shout(b"Hello?\n")
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
    for caller in crowd:
        heard = await caller.rest()
        assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hello?")
        caller.socket.close()
    assert ends(log) == ["drained"] * 100


async def test_who_is_told_twice_to_drain_still_gets_every_echo(
    connections: list[WatchedConnection],
) -> None:
    async with running(Settings(port=0, delay=1)) as server:
        caller = Caller(socket.create_connection(server.addresses[0]))
        await caller.shout(b"Hello?\n")
        await caller.line()
        for _ in range(3):
            connections[0].drain()
            await anyio.sleep(0.1)
    assert await caller.rest() == b"\t Hello?\n\t hello?\n"
    caller.socket.close()


async def test_a_stop_hears_no_more_than_what_had_arrived() -> None:
    async with anyio.create_task_group() as group, running(Settings(port=0, delay=1)) as server:
        caller = Caller(socket.create_connection(server.addresses[0]))
        await caller.shout(b"Before\n")
        await caller.line()
        await caller.shout(b"At the last moment\n")

        async def shout_on() -> None:
            await anyio.sleep(0.5)  # the stop began at the instant of the last shout
            await caller.shout(b"Too late\n")

        group.start_soon(shout_on)
    heard = await caller.rest()
    assert b"late" not in heard
    assert heard.count(b"At the last moment\n") == 1
    assert heard.endswith(b"\t at the last moment\n")
    caller.socket.close()


async def test_a_stop_hears_up_to_the_bound_of_what_had_arrived() -> None:
    async with running(Settings(port=0, delay=0, max_line=1000, max_pending=65_536)) as server:
        ours, theirs = unix_pair()
        ours.sendall(b"x\n" * 20_000)
        server.adopt(theirs)
        caller = Caller(ours)
        heard = bytearray()
    heard += await caller.rest()
    assert 3 * 5_000 < heard.count(b"\n") <= 3 * 20_000
    ours.close()


async def test_a_stop_does_not_hear_a_flood_out() -> None:
    settings = Settings(port=0, mode="plain", max_line=1000, max_pending=65_536)
    async with running(settings) as server:
        ours, theirs = unix_pair()
        ours.sendall(b"x" * 150_000)
        server.adopt(theirs)
    heard = await Caller(ours).rest()
    assert 32_768 <= len(heard) <= 65_536 + 4_096
    ours.close()


async def test_who_has_asked_is_told_that_the_server_drains_and_nobody_else() -> None:
    async with running(Settings(port=0, delay=1)) as server:
        polite, mute = (Caller(socket.create_connection(server.addresses[0])) for _ in range(2))
        await polite.shout(request(1))
        await polite.line()
        for caller in (polite, mute):
            await caller.shout(b"Hello?\n")
            await caller.line()
    assert codes(await polite.rest()) == ["draining"]
    assert codes(await mute.rest()) == []
    for caller in (polite, mute):
        caller.socket.close()


async def test_nobody_comes_in_while_it_drains() -> None:
    async with anyio.create_task_group() as group:
        refused: list[int] = []

        async def knock(server: Server) -> None:
            await anyio.sleep(0.5)
            for host, port in server.addresses:
                with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
                    refused.append(sock.connect_ex((host, port)))

        async with running(Settings(port=0, delay=1)) as server:
            with_pending = Caller(socket.create_connection(server.addresses[0]))
            await with_pending.shout(b"Hello?\n")
            await with_pending.line()
            group.start_soon(knock, server)
    assert refused
    assert 0 not in refused
    with_pending.socket.close()


async def test_a_socket_adopted_after_the_end_is_closed() -> None:
    async with running(Settings(), accepting=False) as server:
        pass
    ours, theirs = unix_pair()
    server.adopt(theirs)
    assert theirs.fileno() == -1
    assert ours.recv(1) == b""
    ours.close()
