"""The two sessions of the book, to the byte and to the instant, over real sockets."""

from contextlib import AbstractContextManager
from typing import Protocol

import anyio
import pytest

from reverb_server import Server, Settings, running
from tests.server.calls import Caller, call, joined
from tests.virtual import anyio_backend as anyio_backend


class Way(Protocol):
    def __call__(self, server: Server) -> AbstractContextManager[Caller]: ...


@pytest.fixture(params=[call, joined], ids=["tcp", "socketpair"])
def way(request: pytest.FixtureRequest) -> Way:
    connect: Way = request.param
    return connect


async def converse(
    caller: Caller, shouts: list[tuple[float, bytes]], count: int
) -> list[tuple[float, bytes]]:
    """Shout at the given seconds from now; return each line with its second from now."""
    begin = anyio.current_time()

    async def shout() -> None:
        for second, line in shouts:
            await anyio.sleep_until(begin + second)
            await caller.shout(line + b"\n")
        caller.hang_up()

    async with anyio.create_task_group() as group:
        group.start_soon(shout)
        heard = await caller.timed_lines(count)
    assert await caller.rest() == b""
    return [(instant - begin, line) for instant, line in heard]


async def test_sequential_transcript(way: Way) -> None:
    async with running(Settings(port=0, mode="sequential", delay=1)) as server:
        with way(server) as caller:
            heard = await converse(
                caller,
                [(0, b"Hello?"), (3, b"Is there anybody there?"), (3.5, b"Yooo-hooo!")],
                9,
            )
    assert heard == [
        (0, b"\t HELLO?\n"),
        (1, b"\t Hello?\n"),
        (2, b"\t hello?\n"),
        (3, b"\t IS THERE ANYBODY THERE?\n"),
        (4, b"\t Is there anybody there?\n"),
        (5, b"\t is there anybody there?\n"),
        (5, b"\t YOOO-HOOO!\n"),
        (6, b"\t Yooo-hooo!\n"),
        (7, b"\t yooo-hooo!\n"),
    ]


async def test_concurrent_transcript(way: Way) -> None:
    async with running(Settings(port=0, delay=1)) as server:
        with way(server) as caller:
            heard = await converse(caller, [(0, b"Is there anybody there?"), (1, b"Yooo-hooo!")], 6)
    assert heard == [
        (0, b"\t IS THERE ANYBODY THERE?\n"),
        (1, b"\t Is there anybody there?\n"),
        (1, b"\t YOOO-HOOO!\n"),
        (2, b"\t is there anybody there?\n"),
        (2, b"\t Yooo-hooo!\n"),
        (3, b"\t yooo-hooo!\n"),
    ]


async def test_no_drift_over_many_echoes() -> None:
    async with running(Settings(port=0, mode="sequential", delay=0.25)) as server:
        with joined(server) as caller:
            begin = anyio.current_time()
            await caller.shout(b"tick\n" * 30)
            heard = await caller.timed_lines(90)
    # Each shout takes two delays, and the next one begins at the instant of its quiet echo.
    assert [instant - begin for instant, _ in heard] == [
        0.25 * (2 * shout + stage) for shout in range(30) for stage in range(3)
    ]
