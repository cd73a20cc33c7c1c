"""What a client gets back from a running server, over real sockets, in virtual time."""

import json
import random
from collections import Counter
from typing import Any

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.core.control import request
from reverb_server.settings import Mode
from tests.server.calls import call, echoes, joined, tcp_pair
from tests.virtual import anyio_backend as anyio_backend

LINE_MODES: list[Mode] = ["concurrent", "sequential"]


def message(line: bytes) -> dict[str, Any]:
    assert line.startswith(b"\x10")
    read: dict[str, Any] = json.loads(line[1:])
    return read


@pytest.mark.parametrize("delay", [0, 2.5])
@pytest.mark.parametrize("mode", LINE_MODES)
async def test_half_close_still_gets_every_echo(mode: Mode, delay: float) -> None:
    shouts = [b"One", b"Two", b"and a Last without line ending"]
    async with running(Settings(port=0, mode=mode, delay=delay)) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            await caller.shout(b"\n".join(shouts))
            caller.hang_up()
            heard = await caller.rest()
            took = anyio.current_time() - begin
    assert sorted(heard.splitlines(keepends=True)) == echoes(*shouts)
    assert took == (2 if mode == "concurrent" else 2 * len(shouts)) * delay


async def test_a_client_that_says_nothing_is_let_go_at_half_close() -> None:
    async with running(Settings(port=0)) as server:
        with call(server) as caller:
            caller.hang_up()
            assert await caller.rest() == b""


@pytest.mark.parametrize("delay", [0, 3])
async def test_plain_gives_back_every_byte_and_keeps_the_half_close(delay: float) -> None:
    # Long enough that neither side can take it in one go; no line ends anywhere.
    sent = random.Random(0).randbytes(3_000_000).replace(b"\n", b"\x10")
    async with running(Settings(port=0, mode="plain", delay=delay)) as server:
        with call(server) as caller:
            begin = anyio.current_time()

            async def shout() -> None:
                await caller.shout(sent)
                caller.hang_up()

            async with anyio.create_task_group() as group:
                group.start_soon(shout)
                heard = await caller.rest()
            assert anyio.current_time() == begin, "plain knows no delay"
    assert heard == sent


async def test_plain_answers_no_request_and_refuses_no_line() -> None:
    sent = request(1) + b"x" * 70_000 + b"\n"
    async with running(Settings(port=0, mode="plain")) as server:
        with call(server) as caller:
            await caller.shout(sent)
            caller.hang_up()
            assert await caller.rest() == sent


@pytest.mark.parametrize(
    ("backend", "mode", "delay", "count"),
    [
        ("asyncio", "concurrent", 0, 40_000),
        ("trio", "concurrent", 0.5, 40_000),
        ("trio", "sequential", 0, 10_000),
        ("asyncio", "sequential", 0.5, 30),
    ],
)
async def test_many_lines_come_back_three_times_each(mode: Mode, delay: float, count: int) -> None:
    shouts = [b"Line %d" % number for number in range(count)]
    async with running(Settings(port=0, mode=mode, delay=delay)) as server:
        with call(server) as caller:

            async def shout() -> None:
                await caller.shout(b"".join(line + b"\n" for line in shouts))
                caller.hang_up()

            async with anyio.create_task_group() as group:
                group.start_soon(shout)
                heard = await caller.rest()
    assert Counter(heard.splitlines(keepends=True)) == Counter(echoes(*shouts))


@pytest.mark.parametrize("mode", LINE_MODES)
async def test_a_slow_reader_loses_nothing(mode: Mode) -> None:
    shouts = [b"Line %d %s" % (number, b"x" * (number % 700)) for number in range(600)]
    async with running(Settings(port=0, mode=mode, delay=0)) as server:
        with joined(server, tcp_pair) as caller:
            heard = []

            async def shout() -> None:
                await caller.shout(b"".join(line + b"\n" for line in shouts))
                caller.hang_up()

            async with anyio.create_task_group() as group:
                group.start_soon(shout)
                while data := await caller.read(20_000):
                    heard.append(data)
                    await anyio.sleep(0.01)
    lines = b"".join(heard).splitlines(keepends=True)
    assert Counter(lines) == Counter(echoes(*shouts))


async def test_bytes_that_are_no_text_and_odd_line_endings_come_back() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await caller.shout(b"\xff\x00A\x0b\xc2\x85\r\n\n\r\r\n")
            caller.hang_up()
            assert Counter((await caller.rest()).split(b"\n")) == Counter(
                [b"\t \xff\x00A\x0b\xc2\x85"] * 2
                + [b"\t \xff\x00a\x0b\xc2\x85"]
                + [b"\t "] * 3
                + [b"\t \r"] * 3
                + [b""]
            )


async def test_a_delay_request_moves_pending_echoes_earlier() -> None:
    async with running(Settings(port=0, delay=50)) as server:
        with joined(server) as caller:
            begin = anyio.current_time()
            await caller.shout(b"Hey\n")
            assert await caller.line() == b"\t HEY\n"
            await anyio.sleep(1)
            await caller.shout(request(7, delay=2))
            assert message(await caller.line()) == {
                "reverb": 1,
                "reply": 7,
                "delay": 2,
                "delay_max": 60,
                "mode": "concurrent",
                "pending": 1,
            }
            assert await caller.timed_lines(2) == [
                (begin + 2, b"\t Hey\n"),
                (begin + 4, b"\t hey\n"),
            ]


async def test_a_delay_request_moves_pending_echoes_later_and_never_before_itself() -> None:
    async with running(Settings(port=0, delay=2)) as server:
        with joined(server) as caller:
            begin = anyio.current_time()
            await caller.shout(b"Hey\n")
            assert await caller.line() == b"\t HEY\n"
            await anyio.sleep(1)
            await caller.shout(request(1, delay=10))
            await caller.line()
            await anyio.sleep(7)  # 8 s: with a delay of 2 s both would be long gone
            await caller.shout(request(2, delay=0.5))
            heard = await caller.timed_lines(3)
            # By the delay in force they were planned earlier than the answer: so they go first.
            assert heard[:2] == [(begin + 8, b"\t Hey\n"), (begin + 8, b"\t hey\n")]
            assert message(heard[2][1])["delay"] == 0.5


async def test_a_mode_request_holds_for_later_shouts() -> None:
    async with running(Settings(port=0, delay=1)) as server:
        with joined(server) as caller:
            begin = anyio.current_time()
            await caller.shout(b"A\nB\n" + request(1, mode="sequential") + b"C\nD\n")
            caller.hang_up()
            heard = [
                (instant - begin, line)
                for instant, line in await caller.timed_lines(13)
                if not line.startswith(b"\x10")
            ]
            assert await caller.rest() == b""
    assert heard == [
        (0, b"\t A\n"),
        (0, b"\t B\n"),
        (1, b"\t A\n"),
        (1, b"\t B\n"),
        (2, b"\t a\n"),
        (2, b"\t b\n"),
        (2, b"\t C\n"),
        (3, b"\t C\n"),
        (4, b"\t c\n"),
        (4, b"\t D\n"),
        (5, b"\t D\n"),
        (6, b"\t d\n"),
    ]


async def test_a_delay_belongs_to_one_connection() -> None:
    async with running(Settings(port=0, delay=1)) as server:
        with joined(server) as quick, joined(server) as other:
            begin = anyio.current_time()
            await quick.shout(request(1, delay=0) + b"a\n")
            await other.shout(b"a\n")
            assert [instant - begin for instant, _ in await quick.timed_lines(4)] == [0, 0, 0, 0]
            assert [instant - begin for instant, _ in await other.timed_lines(3)] == [0, 1, 2]


async def test_who_never_asks_never_sees_a_control_line() -> None:
    shouts = [b"\x10", b"\x10{}", b'\x10{"reverb":1}', b'\x10{"reverb":1,"reply":1}', b"{}"]
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await caller.shout(b"\n".join(shouts))
            caller.hang_up()
            heard = await caller.rest()
    assert sorted(heard.splitlines(keepends=True)) == echoes(*shouts)


async def test_a_request_that_cannot_be_granted_changes_nothing() -> None:
    async with running(Settings(port=0, delay=1)) as server:
        with joined(server) as caller:
            for number, wrong in enumerate(
                [b'"delay":61', b'"delay":true', b'"delay":NaN', b'"mode":"plain"']
            ):
                await caller.shout(b'\x10{"reverb":1,"id":%d,%s}\n' % (number, wrong))
                answer = message(await caller.line())
                assert answer["reply"] == number
                assert answer["code"].startswith("bad-")
                assert answer["error"]
            await caller.shout(request(9))
            answer = message(await caller.line())
            assert (answer["delay"], answer["mode"]) == (1, "concurrent")


async def test_a_line_that_is_too_long_is_refused_and_the_rest_goes_on() -> None:
    longest = b"x" * 65_536
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await caller.shout(b"Before\n" + longest + b"y\n" + longest + b"\r\nAfter\n")
            caller.hang_up()
            heard = (await caller.rest()).splitlines(keepends=True)
    told = [line for line in heard if line.startswith(b"\x10")]
    assert [message(line)["code"] for line in told] == ["line-too-long"]
    assert sorted(set(heard) - set(told)) == sorted(set(echoes(b"Before", longest, b"After")))
    assert len(heard) == 1 + 9


async def test_an_endless_line_is_refused_once_while_it_goes_on() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await caller.shout(b"x" * 5_000_000)
            assert message(await caller.line())["code"] == "line-too-long"
            await caller.silence()
            await caller.shout(b"\nAfter\n")
            assert sorted(await caller.lines(3)) == echoes(b"After")
