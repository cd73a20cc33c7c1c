"""The figures of a server: nothing is counted twice, and no total goes back."""

import socket
from itertools import pairwise

import anyio
import pytest

from reverb_server import End, Figures, Server, Settings, running
from tests.server.calls import Caller, call, joined, served
from tests.virtual import anyio_backend as anyio_backend

TOTALS = ("accepted", "shouts", "echoes", "lost", "bytes_in", "bytes_out")


def totals(figures: Figures) -> list[float]:
    """Return all that may never go back, in one order."""
    return [
        *(getattr(figures, name) for name in TOTALS),
        *figures.ended.values(),
        *figures.lateness.counts,
        figures.lateness.sum,
    ]


async def ended(server: Server, count: int) -> Figures:
    """Wait until so many connections have ended, and return the figures of then."""
    while sum(server.figures().ended.values()) < count:  # noqa: ASYNC110 (nothing tells of it)
        await anyio.sleep(0.01)
    return server.figures()


async def test_a_server_that_nobody_called_has_done_nothing() -> None:
    async with running(Settings(), accepting=False) as server:
        figures = server.figures()
    assert set(figures.ended) == set(End)
    assert not any(totals(figures))
    assert figures.connections == figures.pending == figures.held == 0


async def test_the_figures_are_of_open_and_of_ended_connections() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as first, call(server) as second:
            for caller in (first, second):
                await served(caller)
            open_now = server.figures()
            first.hang_up()
            assert await first.rest() == b""
            one_ended = await ended(server, 1)
            second.hang_up()
            assert await second.rest() == b""
            both_ended = await ended(server, 2)
    for figures, connections in ((open_now, 2), (one_ended, 1), (both_ended, 0)):
        assert (figures.connections, figures.accepted) == (connections, 2)
        assert (figures.shouts, figures.echoes, figures.lost) == (2, 6, 0)
        assert (figures.bytes_in, figures.bytes_out) == (2 * 7, 6 * 9)
        assert figures.ended[End.FINISHED] == 2 - connections
        assert sum(figures.lateness.counts) == 6


async def test_what_is_pending_and_held_is_of_now() -> None:
    async with running(Settings(delay=1), accepting=False) as server:
        with joined(server) as caller:
            await caller.shout(b"Hello?\nHow are you?\n")
            await caller.lines(2)
            figures = server.figures()
            assert figures.pending == 2
            assert figures.held > 0
            await caller.lines(4)
            figures = server.figures()
            assert (figures.pending, figures.held) == (0, 0)
            assert (figures.shouts, figures.echoes) == (2, 6)


async def test_shouts_are_lost_by_who_goes_away_and_by_who_is_reset() -> None:
    async with running(Settings(port=0, delay=1), accepting=True) as server:
        with call(server) as caller:
            await caller.shout(b"One\nTwo\n")
            await caller.lines(2)
            caller.reset()
            figures = await ended(server, 1)
            assert (figures.lost, figures.ended[End.RESET]) == (2, 1)
        with call(server) as caller:
            await caller.shout(b"Three\n")
            await caller.line()
            await server.reset_all()
            figures = server.figures()
            assert (figures.lost, figures.ended[End.CUT]) == (3, 1)
    assert server.lost == 0  # which counts what a stop did not wait for


async def test_half_a_line_of_an_idle_client_is_no_shout_that_is_lost() -> None:
    async with running(Settings(delay=0, idle_timeout=5), accepting=False) as server:
        with joined(server) as caller:
            await caller.shout(b"Hel")
            await caller.rest()
            caller.hang_up()
            figures = await ended(server, 1)
    assert figures.ended[End.IDLE] == 1
    assert (figures.shouts, figures.lost) == (0, 0)


async def test_who_is_refused_is_counted_by_that_word() -> None:
    async with running(Settings(port=0, delay=0, max_connections=1)) as server:
        with call(server) as first, call(server) as second:
            await served(first)
            assert b"full" in await second.rest()
            figures = server.figures()
            assert figures.accepted == 2
            second.socket.close()
            figures = await ended(server, 1)
    assert (figures.accepted, figures.connections, figures.ended[End.FULL]) == (2, 1, 1)


async def test_no_total_goes_back_while_connections_come_and_go() -> None:
    seen: list[Figures] = []
    async with running(Settings(port=0, delay=0.1)) as server, anyio.create_task_group() as group:

        async def look() -> None:
            while True:
                seen.append(server.figures())
                seen.append(await server.figures_in_turns())
                await anyio.sleep(0.01)

        group.start_soon(look)
        for number in range(5):
            crowd = [Caller(socket.create_connection(server.addresses[0])) for _ in range(40)]
            for caller in crowd:
                await caller.shout(b"Hello?\n")
                await caller.line()
            await anyio.sleep(0.05 * number)
            for each, caller in enumerate(crowd):
                caller.reset() if each % 2 else caller.socket.close()
            await anyio.sleep(0.02)
        last = await ended(server, 200)
        group.cancel_scope.cancel()
    assert len(seen) > 20
    for before, after in pairwise([*seen, last]):
        assert all(old <= new for old, new in zip(totals(before), totals(after), strict=True))
    assert last.accepted == sum(last.ended.values()) == 200


async def test_a_connection_that_ends_between_two_turns_is_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reverb_server.net.server.COUNTED_IN_A_ROW", 1)
    async with running(Settings(port=0, delay=0)) as server:
        crowd = [Caller(socket.create_connection(server.addresses[0])) for _ in range(20)]
        for caller in crowd:
            await served(caller)
        for caller in crowd:
            caller.socket.close()
        figures = await server.figures_in_turns()
        assert (figures.shouts, figures.echoes) == (20, 60)
        figures = await ended(server, 20)
        assert (figures.shouts, figures.echoes) == (20, 60)


async def test_each_connection_tells_its_state() -> None:
    async with running(Settings(port=0, delay=0.5, mode="sequential")) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.line()
            await anyio.sleep(0.25)
            (state,) = server.connection_states()
            host, port = caller.socket.getsockname()
            assert state.peer == f"{host}:{port}"
            assert state.seconds == pytest.approx(0.25, abs=0.01)
            assert (state.mode, state.delay) == ("sequential", 0.5)
            assert (state.shouts, state.echoes, state.pending) == (1, 1, 1)
            assert state.held > 0


async def test_a_connection_that_has_ended_by_its_turn_is_left_out() -> None:
    async with running(Settings(mode="plain"), accepting=False) as server:
        with joined(server) as caller, joined(server):
            await caller.shout(b"x")
            await caller.read()
            states = server.connection_states()
            assert next(states).delay is None
            await server.reset_all()
            assert list(states) == []


async def test_a_server_knows_whether_it_was_asked_to_stop() -> None:
    async with running(Settings(delay=1), accepting=False) as server:
        assert not server.stopping
        with joined(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.line()
            async with anyio.create_task_group() as group:
                group.start_soon(server.drain)
                await anyio.sleep(0.1)
                assert server.stopping
                caller.socket.close()
    assert server.stopping
