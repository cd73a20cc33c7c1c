"""The pipe, where the server drains: what is read from then on goes to the next connection."""

import os
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import SocketStream

import reverb_tui.pipe
from reverb_tui.connection import leaving
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.pipe import TORN, run_pipe
from reverb_tui.pipe_connection import DRAINS
from reverb_tui.protocol.whole_lines import LONGEST_HELD
from tests.client.piping import in_thread
from tests.client.servers import Draining, Handler, Serving, echo_plainly, read_line, serving, three

ANSWER = b'\x10{"reverb":1,"reply":1,"delay":0,"delay_max":60,"mode":"concurrent"}\n'
WORD = b'\x10{"reverb":1,"code":"draining","error":"bye"}\n'
WITHIN = 20
"""Real seconds after which a pipe hangs."""


class Pipe:
    """A pipe that runs, with two real pipes at its ends."""

    def __init__(self) -> None:
        self.stdin, self._input = os.pipe()
        self._shown, self.stdout = os.pipe()
        self.output = bytearray()
        self.status: int | None = None
        self._reading = in_thread(self._read)

    def _read(self) -> None:
        with open(self._shown, "rb", buffering=0) as file:
            while data := file.read(65_536):
                self.output += data

    async def run(self, target: AnyTarget, **options: Any) -> None:
        self.status = await run_pipe(
            target, stdin=self.stdin, stdout=self.stdout, control=True, **options
        )

    def say(self, data: bytes) -> None:
        os.write(self._input, data)

    async def say_as_much_as_it_takes(self, data: bytes) -> bytes:
        """Say something again and again, until nothing is taken for a while; return all of it."""
        os.set_blocking(self._input, False)
        taken = b""
        while True:
            with anyio.move_on_after(0.3) as scope:
                await anyio.wait_writable(self._input)
            if scope.cancelled_caught:
                return taken
            taken += data[: os.write(self._input, data)]

    def end_input(self) -> None:
        os.close(self._input)

    def end_input_after(self, writing: threading.Thread) -> None:
        def end() -> None:
            writing.join()
            self.end_input()

        in_thread(end)

    def close(self) -> None:
        os.close(self.stdout)
        os.close(self.stdin)
        self._reading.join(WITHIN)

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():  # noqa: ASYNC110 (nothing tells of it)
            await anyio.sleep(0.005)


@asynccontextmanager
async def piping(target: AnyTarget, **options: Any) -> AsyncIterator[Pipe]:
    """Run a pipe while the block runs, and then to its end."""
    pipe = Pipe()
    try:
        with anyio.fail_after(WITHIN):
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: pipe.run(target, **options))
                yield pipe
    finally:
        pipe.close()


class Said:
    """Everything on standard error so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    @property
    def lines(self) -> list[str]:
        self._text += self._capsys.readouterr().err
        return self._text.splitlines()


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    return Said(capsys)


def in_turn(first: Handler, then: Handler) -> Handler:
    """Serve the first connection in one way, and those after it in another."""
    handlers = iter([first])

    async def serve(stream: SocketStream) -> None:
        await next(handlers, then)(stream)

    return serve


def shouts(server: Draining) -> list[list[bytes]]:
    return [[line for line in lines if line] for lines in server.connections]


def echoes(*lines: bytes) -> Counter[bytes]:
    return Counter(b"".join(map(three, lines)).splitlines(keepends=True))


def came(pipe: Pipe) -> Counter[bytes]:
    return Counter(bytes(pipe.output).splitlines(keepends=True))


@pytest.mark.parametrize("lame", [True, False])
async def test_echoes_of_both_connections_come_and_all_is_well(lame: bool, said: Said) -> None:
    server = Draining(0.1, lame=lame)
    async with serving(server) as target, piping(target) as pipe:
        pipe.say(b"one\ntwo\n")
        await pipe.until(lambda: b"TWO" in pipe.output)
        server.drain()
        await pipe.until(lambda: server.ended and said.lines)
        server.succeed()
        pipe.say(b"three\n")
        await pipe.until(lambda: b"THREE" in pipe.output)
        pipe.say(b"four")
        pipe.end_input()
    assert shouts(server) == [[b"one", b"two"], [b"three", b"four"]]
    assert came(pipe) == echoes(b"one", b"two", b"three", b"four")
    assert pipe.status == 0
    assert said.lines == [f"reverb-tui: {DRAINS}"]


async def test_without_more_input_no_other_connection_is_made(said: Said) -> None:
    server = Draining(0.1)
    async with serving(server) as target, piping(target) as pipe:
        pipe.say(b"one\n")
        await pipe.until(lambda: b"ONE" in pipe.output)
        server.drain()
        await pipe.until(lambda: server.ended and said.lines)
        pipe.end_input()
    assert server.connections == [[b"one", b""]]
    assert (pipe.status, came(pipe)) == (0, echoes(b"one"))


async def test_a_line_belongs_to_one_connection(said: Said) -> None:
    server = Draining(0.1)
    async with serving(server) as target, piping(target) as pipe:
        pipe.say(b"one\n")
        await pipe.until(lambda: b"ONE" in pipe.output)
        pipe.say(b"two\nthr")
        await pipe.until(lambda: b"TWO" in pipe.output)
        server.drain()
        await pipe.until(lambda: server.ended and said.lines)
        server.succeed()
        pipe.say(b"ee\nfour\n")
        pipe.end_input()
    assert shouts(server) == [[b"one", b"two"], [b"three", b"four"]]
    assert (pipe.status, came(pipe)) == (0, echoes(b"one", b"two", b"three", b"four"))


async def test_what_may_not_have_been_heard_is_missing_and_not_sent_again(
    said: Said,
) -> None:
    server = Draining(0.1, lame=False)

    class Deaf:
        """A stream that brings nothing of a line that came when the server drained already."""

        def __init__(self, stream: SocketStream) -> None:
            self.send = stream.send
            self.send_eof = stream.send_eof
            self._receive = stream.receive

        async def receive(self) -> bytes:
            data = await self._receive()
            if data == b"late\n":
                server.drain()
                raise anyio.EndOfStream
            return data

    async with serving(lambda stream: server(Deaf(stream))) as target, piping(target) as pipe:  # type: ignore[arg-type]
        pipe.say(b"one\n")
        await pipe.until(lambda: b"ONE" in pipe.output)
        pipe.say(b"late\n")
        await pipe.until(lambda: server.ended and said.lines)
        server.succeed()
        pipe.say(b"two\n")
        pipe.end_input()
    assert shouts(server) == [[b"one"], [b"two"]]
    assert (pipe.status, came(pipe)) == (1, echoes(b"one", b"two"))
    assert said.lines == [
        f"reverb-tui: {DRAINS}",
        "reverb-tui: the server closed with 3 of 6 echoes missing",
    ]


async def test_servers_that_all_drain_are_given_up_after_a_while(
    monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    monkeypatch.setattr(reverb_tui.pipe, "TRY_FOR", 0.0)
    server = Draining(0.1, at_once=True)
    async with serving(server) as target, piping(target) as pipe:
        await pipe.until(lambda: server.ended and said.lines)
        pipe.say(b"one\n")
    pipe.end_input()
    assert (pipe.status, bytes(pipe.output)) == (1, b"")
    assert len(server.connections) == 2
    assert said.lines == [
        f"reverb-tui: {DRAINS}",
        "reverb-tui: the servers are draining; the rest of the input was not sent",
    ]


async def test_a_balancer_without_a_server_is_asked_until_it_has_one_again(
    serving: Serving, said: Said
) -> None:
    server = Draining(0)
    refused = 0
    away = False

    async def balance(stream: SocketStream) -> None:
        nonlocal refused
        if away:
            refused += 1
        else:
            await server(stream)

    async with serving(balance) as target, piping(target) as pipe:
        pipe.say(b"one\n")
        await pipe.until(lambda: b"one" in pipe.output)
        server.drain()
        await pipe.until(lambda: server.ended and said.lines)
        server.succeed()
        away = True
        pipe.say(b"two\n")
        await pipe.until(lambda: refused == 1)
        away = False
        pipe.end_input()
    assert (pipe.status, came(pipe)) == (0, echoes(b"one", b"two"))
    assert said.lines == [f"reverb-tui: {DRAINS}"]


async def test_input_waits_where_it_is_while_the_server_drains(said: Said) -> None:
    server = Draining(30)
    async with serving(server) as target, piping(target) as pipe:
        pipe.say(b"one\n")
        await pipe.until(lambda: b"ONE" in pipe.output)
        server.drain()
        await pipe.until(lambda: said.lines)
        taken = await pipe.say_as_much_as_it_takes(b"line\n" * 1000)
        assert len(taken) < 2**20
        server.succeed()
        server.hurry()
        pipe.end_input()
    lines = taken.split(b"\n")
    assert came(pipe) == echoes(b"one", *(lines if lines[-1] else lines[:-1]))
    assert pipe.status == 0


async def test_a_server_that_drains_and_reads_no_more_is_left(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its echoes are missing, and lines that nobody has read wait to be sent."""
    monkeypatch.setattr(leaving, "LAST_WORDS", 0.1)

    async def first(stream: SocketStream) -> None:
        await read_line(stream)
        await stream.send(ANSWER)
        await stream.receive()
        await stream.send(WORD)
        await anyio.sleep_forever()

    next_one = Draining(0)
    async with serving(in_turn(first, next_one)) as target, piping(target) as pipe:
        writing = in_thread(lambda: pipe.say(b"line\n" * 400_000))
        await pipe.until(lambda: said.lines)
        pipe.end_input_after(writing)
    missing = said.lines[1]
    assert "echoes missing" in missing
    assert pipe.status == 1
    assert shouts(next_one)
    sent = 400_000 - int(missing.split(" of ")[1].split()[0].replace(",", "")) // 3
    assert came(pipe) == Counter({b"\t LINE\n": sent, b"\t line\n": 2 * sent})


async def test_a_line_that_is_torn_at_the_end_does_not_join_the_next_ones(said: Said) -> None:
    async def first(stream: SocketStream) -> None:
        await read_line(stream)
        await stream.send(ANSWER)
        await read_line(stream)
        await stream.send(WORD + b"\t ON")

    next_one = Draining(0)
    async with serving(in_turn(first, next_one)) as target, piping(target) as pipe:
        pipe.say(b"one\n")
        await pipe.until(lambda: len(said.lines) == 2)
        pipe.say(b"two\n")
        pipe.end_input()
    assert bytes(pipe.output) == b"\t ON\n" + three(b"two")
    assert pipe.status == 1
    assert said.lines[1] == "reverb-tui: the server closed with 3 of 3 echoes missing"


async def test_the_rest_of_a_line_that_was_begun_is_dropped_and_told(said: Said) -> None:
    long = b"x" * (LONGEST_HELD + 1)
    server = Draining(0)
    async with serving(server) as target, piping(target) as pipe:
        pipe.say(b"one\n")
        await pipe.until(lambda: b"one" in pipe.output)
        writing = in_thread(lambda: pipe.say(long))
        await pipe.until(lambda: sum(map(len, server.connections[0])) > LONGEST_HELD)
        writing.join()
        server.drain()
        await pipe.until(lambda: f"reverb-tui: {DRAINS}" in said.lines)
        server.succeed()
        pipe.say(b"rest\ntwo\n")
        pipe.end_input()
    assert shouts(server)[1] == [b"two"]
    assert pipe.output.endswith(three(b"two"))
    assert pipe.status == 1
    assert f"reverb-tui: {TORN}" in said.lines


async def test_the_beginning_of_a_line_goes_to_who_turns_out_to_be_no_reverb() -> None:
    async with serving(echo_plainly) as target, piping(target) as pipe:
        pipe.say(b"login: ")
        await pipe.until(lambda: pipe.output == b"login: ")
        pipe.end_input()
    assert pipe.status == 0
