"""However much a client sends, and however little it reads, the server holds a bounded amount."""

from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.core import control
from reverb_server.core.control import request
from reverb_server.settings import Mode
from tests.server.calls import Caller, call, joined, tcp_pair, unix_pair
from tests.server.conftest import WatchedConnection
from tests.virtual import anyio_backend as anyio_backend

FLOOD = 64 * 1_048_576
TAKEN = 8 * 1_048_576


async def flood(caller: Caller, chunks: Iterator[bytes], limit: int = FLOOD) -> bytes:
    """Send until nothing has moved for a (virtual) while; return what was taken."""
    taken: list[bytes] = []
    total = 0
    while total < limit:
        chunk = next(chunks)
        while chunk:
            with anyio.move_on_after(70):
                sent = await caller.send_some(chunk)
                taken.append(chunk[:sent])
                total += sent
                chunk = chunk[sent:]
                continue
            return b"".join(taken)
    return b"".join(taken)


async def test_a_flooder_that_never_reads_is_taken_little_of_and_gets_all_once_it_reads() -> None:
    chunk = b"".join(b"Shout %d\n" % number for number in range(5_000))
    async with running(Settings(port=0, delay=0, write_timeout=0, drain_timeout=0)) as server:
        with joined(server, tcp_pair) as flooder:
            taken = await flood(flooder, cycle([chunk]))
            assert len(taken) < TAKEN

            with call(server) as other:
                await other.shout(b"Hello?\n")
                assert await other.lines(3) == [b"\t HELLO?\n", b"\t Hello?\n", b"\t hello?\n"]

            flooder.hang_up()
            heard = await flooder.rest()
    shouts = taken.count(b"\n") + (not taken.endswith(b"\n"))
    assert heard.count(b"\n") == 3 * shouts
    assert heard.count(b"\t SHOUT 1\n") == taken.count(b"Shout 1\n")
    assert heard.count(b"\t shout 4999\n") == taken.count(b"Shout 4999\n")


FLOODS = {
    "lines": b"".join(b"Shout %d\n" % number for number in range(5_000)),
    "blank lines": b"\n" * 65_536,
    "long lines": (b"x" * 65_000 + b"\n") * 3,
    "no line ending": b"x" * 65_536,
    "requests": request(1) * 3_000,
    "changes of delay": (request(1, delay=1) + request(1, delay=2)) * 1_000,
    "requests between blank lines": (b"\n" + request(1)) * 3_000,
    "letters that grow": "ΐ\n".encode() * 20_000,
    "not UTF-8": b"\xff\n" * 30_000,
}


@pytest.mark.parametrize(
    ("kind", "mode", "delay", "backend"),
    [
        (*case, backend)
        for case, backend in zip(
            product(FLOODS, ["concurrent", "sequential", "plain"], [0, 30]),
            cycle(["asyncio", "trio", "trio", "asyncio"]),
        )
    ],
)
async def test_what_a_connection_holds_is_bounded(
    kind: str, mode: Mode, delay: float, connections: list[WatchedConnection]
) -> None:
    async with running(
        Settings(port=0, mode=mode, delay=delay, write_timeout=0, drain_timeout=0)
    ) as server:
        with joined(server) as flooder:
            await flood(flooder, cycle([FLOODS[kind]]), limit=TAKEN)
            assert connections[0].peak <= Settings().max_pending


@pytest.mark.parametrize("letter", ["x", "ΐ"])
@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
async def test_echoes_that_nobody_reads_do_not_come_on_top_of_the_bound(
    letter: str, mode: Mode, connections: list[WatchedConnection]
) -> None:
    line = letter.encode() * 500 + b"\n"
    async with running(
        Settings(port=0, mode=mode, delay=30, write_timeout=0, drain_timeout=0)
    ) as server:
        with joined(server) as caller:

            async def read_what_comes_at_once() -> None:
                with anyio.move_on_after(25):
                    while True:
                        await caller.read()

            async with anyio.create_task_group() as group:
                group.start_soon(read_what_comes_at_once)
                with anyio.move_on_after(25):
                    await caller.shout(line * 10_000)
            await anyio.sleep(300)
            assert connections[0].peak <= Settings().max_pending


async def test_one_byte_at_a_time_is_bounded_too(connections: list[WatchedConnection]) -> None:
    async with running(Settings(port=0, delay=60, write_timeout=0, drain_timeout=0)) as server:
        with joined(server) as flooder:
            for _ in range(6_000):
                with anyio.move_on_after(1) as waiting:
                    await flooder.send_some(b"\n")
                    await anyio.lowlevel.checkpoint()
                if waiting.cancelled_caught:
                    break
            assert connections[0].peak <= Settings().max_pending


async def test_two_reverbs_joined_to_each_other_stay_bounded(
    connections: list[WatchedConnection],
) -> None:
    async with (
        running(Settings(port=0, delay=1, write_timeout=0, drain_timeout=0)) as one,
        running(Settings(port=0, delay=1, write_timeout=0, drain_timeout=0)) as two,
    ):
        left, right = unix_pair()
        left.send(b"Hello?\n")
        one.adopt(left)
        two.adopt(right)
        await anyio.sleep(300)
        assert max(connection.peak for connection in connections) <= Settings().max_pending
        with joined(one) as caller:
            await caller.shout(b"Still there?\n")
            assert await caller.line() == b"\t STILL THERE?\n"


async def test_two_reverbs_do_not_answer_each_others_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered: list[int] = []
    state = control.state

    def counted(request_id: int, **in_force: Any) -> bytes:
        answered.append(request_id)
        return state(request_id, **in_force)

    monkeypatch.setattr(control, "state", counted)
    async with running(Settings(port=0)) as one, running(Settings(port=0)) as two:
        left, right = unix_pair()
        left.send(request(1))
        one.adopt(left)
        two.adopt(right)
        await anyio.sleep(8)
    assert answered == [1]
