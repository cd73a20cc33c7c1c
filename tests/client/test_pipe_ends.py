"""The pipe's exit status, and what it says, where a server ends before everything has come."""

import os
import socket
import struct
from contextlib import suppress
from tempfile import TemporaryFile

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

import reverb_server
from reverb_server import Settings
from reverb_server.core import control
from reverb_server.net.daemon_thread import DaemonThread
from reverb_tui.connection.client import open_client
from reverb_tui.connection.targets import Target
from reverb_tui.echoes.in_flight import MOST
from reverb_tui.pipe import run_pipe
from reverb_tui.pipe_connection import PipeConnection
from tests.client.piping import piped
from tests.client.servers import Serving, echo_in_part, echo_plainly, three

ECHOES = [echo + b"\n" for text in (b"Hello?", b"") for echo in three(text).splitlines()]


@pytest.mark.parametrize("came", range(1, 7))
@pytest.mark.parametrize("data", [b"Hello?\n\n", b"\nHello?"])
async def test_missing_echoes_are_counted_and_status_1(
    came: int, data: bytes, serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(echo_in_part(*ECHOES[:came])) as target:
        # The fake understands a last line without LF no better than none.
        status, output = await piped(target, data)
    assert output == b"".join(ECHOES[:came])
    said = capsys.readouterr().err
    if came == 6:
        assert (status, said) == (0, "")
    else:
        assert status == 1
        assert said == f"reverb-tui: the server closed with {6 - came} of 6 echoes missing\n"


@pytest.mark.parametrize("come", [1, 0.999, 0.5])
async def test_of_many_shouts_too_all_echoes_are_counted(
    come: float, serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    shouts = [b"shout %d" % number for number in range(3 * MOST)]
    triples = [three(shout).splitlines(keepends=True) for shout in shouts]
    lines = [triple[stage] for stage in range(3) for triple in triples]
    lines = lines[: round(come * len(lines))]
    async with serving(echo_in_part(*lines)) as target:
        status, output = await piped(target, b"\n".join(shouts) + b"\n")
    missing = 9 * MOST - len(lines)
    assert output == b"".join(lines)
    assert status == (1 if missing else 0)
    sentence = f"the server closed with {missing:,} of {9 * MOST:,} echoes missing"
    assert (sentence in capsys.readouterr().err) == bool(missing)


@pytest.mark.parametrize(
    ("echoes", "missing"),
    [
        ([*ECHOES[:5], ECHOES[5][:-1]], 1),
        ([ECHOES[0][:-1]], 6),
        ([ECHOES[0][:3]], 6),
        (ECHOES[:3] * 2, 3),
        (ECHOES[::-1], 0),
    ],
)
async def test_torn_and_repeated_echoes_stand_for_no_others(
    echoes: list[bytes], missing: int, serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(echo_in_part(*echoes)) as target:
        status, output = await piped(target, b"Hello?\n\n")
    assert output == b"".join(echoes)
    assert status == (1 if missing else 0)
    assert (f"{missing} of 6 echoes missing" in capsys.readouterr().err) == bool(missing)


@pytest.mark.parametrize("came", [b"\t of contents", b"HEL", b"Welcome\n\t HEL"])
async def test_what_only_looks_torn_is_no_echo(came: bytes, serving: Serving) -> None:
    async with serving(echo_in_part(came)) as target:
        assert await piped(target, b"Hello?\n\n") == (0, came)


async def test_a_reset_says_how_many_echoes_it_cost(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async def reset(stream: SocketStream) -> None:
        await BufferedByteReceiveStream(stream).receive_exactly(len(b"Hello?\n\n"))
        await stream.send(b"".join(ECHOES[:2]))
        await anyio.sleep(0.1)
        sock = stream.extra(SocketAttribute.raw_socket)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with serving(reset) as target:
        status, _ = await piped(target, b"Hello?\n\n")
    assert status == 1
    assert "the connection broke with 4 of 6 echoes missing: " in capsys.readouterr().err


async def test_refused_lines_are_not_missing(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [b"x" * 20, b"short", *[b"y"] * (2 * MOST), b"z" * 30, b"last"]
    settings = Settings(host="127.0.0.1", port=0, delay=0, max_line=10)
    async with reverb_server.running(settings) as server:
        target = Target("127.0.0.1", server.port)
        status, output = await piped(target, b"\n".join(lines))
    assert status == 0
    assert output.count(b"\n") == 3 * (len(lines) - 2)
    assert capsys.readouterr().err.count("\n") == 2


async def test_an_answer_to_a_request_in_the_input_is_no_echo(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(host="127.0.0.1", port=0, delay=0)
    async with reverb_server.running(settings) as server:
        target = Target("127.0.0.1", server.port)
        status, output = await piped(target, b'\x10{"reverb":1,"id":7}\nHello?\n')
    assert (status, output) == (0, three(b"Hello?"))
    assert capsys.readouterr().err == ""


async def test_a_plain_echo_gives_back_echoes_too(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    data = b"hello\n\t hello\n\t HELLO\nand so on"
    async with serving(echo_plainly) as target:
        assert await piped(target, data) == (0, data)
    assert capsys.readouterr().err == ""


async def test_a_request_that_is_not_answered_is_a_problem(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async def complain(stream: SocketStream) -> None:
        async for _ in stream:
            await stream.send(b"500 what?\r\n")
        await stream.send_eof()

    async with serving(complain) as target:
        status, output = await piped(target, b"QUIT\n", delay=0.5)
    assert status == 1
    assert output.startswith(b"500 what?\r\n")
    assert "the server did not answer what it was asked" in capsys.readouterr().err


@pytest.mark.parametrize("half_close", [True, False])
async def test_without_half_close_a_server_that_ends_at_once_gives_every_answer(
    half_close: bool, serving: Serving
) -> None:
    async def like_smtp(stream: SocketStream) -> None:
        """Drop what was not said yet when the input ends."""
        await stream.send(b"220 hello\r\n")
        reader = BufferedByteReceiveStream(stream)
        commands: list[bytes] = []
        while commands[-1:] != [b"QUIT"]:
            commands.append(await reader.receive_until(b"\r\n", 100))
        with anyio.move_on_after(0.2):
            with suppress(anyio.EndOfStream):
                await reader.receive(1)
            return
        await stream.send(b"250 ok\r\n221 bye\r\n")

    async with serving(like_smtp) as target:
        data = b"EHLO x\nQUIT\n"
        status, output = await piped(target, data, raw=True, crlf=True, half_close=half_close)
    answers = b"" if half_close else b"250 ok\r\n221 bye\r\n"
    assert (status, output) == (0, b"220 hello\r\n" + answers)


async def test_without_half_close_missing_echoes_are_counted_all_the_same(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(echo_in_part(*ECHOES[:4], lines=2)) as target:
        status, _ = await piped(target, b"Hello?\n\n", half_close=False)
    assert status == 1
    assert "the server closed with 2 of 6 echoes missing" in capsys.readouterr().err


@pytest.mark.parametrize("code", ["full", "idle", "cut"])
async def test_who_is_sent_away_by_a_reverb_has_status_1_and_is_told_why_once(
    code: str, serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async def send_away(stream: SocketStream) -> None:
        await stream.send(control.error(code, "try again later"))
        await stream.send_eof()
        with suppress(anyio.EndOfStream):
            while True:
                await stream.receive()

    async with serving(send_away) as target:
        status, output = await piped(target, b"Hello?\n")
    assert (status, output) == (1, b"")
    assert capsys.readouterr().err == "reverb-tui: try again later\n"


async def test_input_that_waits_when_the_server_closes_its_side_is_told(serving: Serving) -> None:
    async def close_early(stream: SocketStream) -> None:
        await stream.receive(1)
        await stream.send_eof()
        await anyio.sleep_forever()

    problems: list[str] = []
    async with (
        serving(close_early) as target,
        open_client(target, control=False, raw=True, lines=False) as client,
    ):
        connection = PipeConnection(
            client, problems, raw=True, half_close=True, follows=False, changed=lambda: None
        )
        connection.send(bytes(64 * 1024 * 1024))  # more than any kernel holds
        with anyio.fail_after(20), DaemonThread() as writing:
            await connection.show(None, writing)
    assert problems == ["the server closed its side of the connection before everything was sent"]


async def test_input_that_comes_after_the_server_has_closed_its_side_is_told(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async def close_at_once(stream: SocketStream) -> None:
        await stream.send_eof()
        await anyio.sleep_forever()

    async with serving(close_at_once) as target:
        status, _ = await piped(target, bytes(64 * 1024 * 1024), raw=True)
    sentence = "the server closed its side of the connection before everything was sent"
    assert (status, capsys.readouterr().err) == (1, f"reverb-tui: {sentence}\n")


async def test_a_server_that_closes_its_side_when_it_has_everything_ends_it_well(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async def like_smtp(stream: SocketStream) -> None:
        await stream.receive()
        await stream.send(b"221 bye\r\n")

    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "wb", buffering=0) as more, TemporaryFile() as output:
        more.write(b"QUIT\r\n")  # and the input does not end
        async with serving(like_smtp) as target:
            with anyio.fail_after(20):
                status = await run_pipe(target, stdin=reader, stdout=output.fileno(), raw=True)
        output.seek(0)
        assert output.read() == b"221 bye\r\n"
    assert (status, capsys.readouterr().err) == (0, "")
