"""How a server stops: nothing is lost that can still be delivered, and what is lost is counted."""

import json
import socket
from collections import Counter
from contextlib import suppress

import anyio
import pytest

from reverb_server import Server, Settings, running
from reverb_server.control import request
from tests.server.calls import Caller, call, echoes, joined
from tests.server.conftest import WatchedConnection
from tests.server.reports import ends, reports
from tests.virtual import anyio_backend as anyio_backend


class Leave(Exception):
    """What leaves the block."""


def codes(data: bytes) -> list[str]:
    """The codes of the error lines in what came."""
    lines = [line for line in data.split(b"\n") if line.startswith(b"\x10")]
    return [json.loads(line[1:]).get("code", "") for line in lines]


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
        assert server._served == 0
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
            while not server._draining:
                await anyio.lowlevel.checkpoint()
            await anyio.sleep(0.5)
            await caller.shout(b"Too late\n")

        group.start_soon(shout_on)
    heard = await caller.rest()
    assert b"late" not in heard
    assert heard.count(b"At the last moment\n") == 1
    assert heard.endswith(b"\t at the last moment\n")
    caller.socket.close()


async def test_a_stop_hears_up_to_the_bound_of_what_had_arrived() -> None:
    async with running(Settings(port=0, delay=0, max_line=1000, max_pending=65_536)) as server:
        ours, theirs = socket.socketpair()
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
        ours, theirs = socket.socketpair()
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


async def test_what_is_due_after_drain_timeout_is_cut_told_and_counted(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=6, drain_timeout=10)) as server:
        begin = anyio.current_time()
        ours, theirs = socket.socketpair()
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
            ours, theirs = socket.socketpair()
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
            ours, theirs = socket.socketpair()
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
    ours, theirs = socket.socketpair()
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


async def test_who_is_cut_in_the_middle_of_a_line_is_told_nothing_within_it(
    connections: list[WatchedConnection],
) -> None:
    ours, theirs = socket.socketpair()
    with suppress(Leave):
        async with running(Settings(delay=0, max_line=100, max_pending=4096)) as server:
            server.adopt(theirs)
            while not (connections and connections[0]._echo.rest):
                ours.sendall(b"Yo\n" * 80)  # 1200 bytes of echoes, of which 1024 leave at a time
                await anyio.lowlevel.checkpoint()
            raise Leave
    with ours:
        heard = await Caller(ours).rest()
    assert b"\x10" not in heard.replace(b"\n\x10", b"\n")


async def test_a_cancelled_block_drops_what_is_pending_at_once() -> None:
    begin = anyio.current_time()
    with anyio.move_on_after(5):
        async with running(Settings(delay=60), accepting=False) as server:
            with joined(server) as caller:
                await caller.shout(b"Hello?\n")
                await anyio.sleep_forever()
    assert anyio.current_time() - begin == pytest.approx(5)


async def test_a_drained_client_that_sends_on_can_read_its_last_echo() -> None:
    """Closing with unread input would send a reset, which destroys what was not read yet."""
    async with running(Settings(port=0, delay=0)) as server:
        caller = Caller(socket.create_connection(server.addresses[0]))
        await caller.shout(b"Hello?\n")
        await caller.line()

        async def shout_on() -> None:
            with anyio.move_on_after(0.5):
                while True:
                    await caller.send_some(b"more\n")
                    await anyio.sleep(0.01)

        async with anyio.create_task_group() as group:
            group.start_soon(shout_on)
            await server.drain()
    assert (await caller.rest()).startswith(b"\t Hello?\n\t hello?\n")
    caller.socket.close()


async def test_who_does_not_close_is_waited_for_a_second_and_no_longer() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server):
            await anyio.sleep(1)
            begin = anyio.current_time()
            await server.drain()
            assert anyio.current_time() - begin == pytest.approx(1)


async def test_a_socket_adopted_after_the_end_is_closed() -> None:
    async with running(Settings(), accepting=False) as server:
        pass
    ours, theirs = socket.socketpair()
    server.adopt(theirs)
    assert theirs.fileno() == -1
    assert ours.recv(1) == b""
    ours.close()
