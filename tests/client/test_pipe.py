"""The pipe: standard input to a server, what it sends to standard output."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketStream

import reverb_server
from reverb_server import Settings
from reverb_tui.connection.targets import Embedded, Target
from reverb_tui.pipe import INTERRUPTED, run_pipe
from tests.client.piping import piped
from tests.client.servers import Serving, echo_like_go, echo_plainly

NOW = Embedded(Settings(delay=0))
ECHOES = b"\t HELLO?\n\t Hello?\n\t hello?\n"


@pytest.mark.parametrize("data", [b"Hello?\n", b"Hello?"])
async def test_all_echoes_come_before_it_ends(data: bytes) -> None:
    assert await piped(Embedded(Settings(delay=0.02)), data) == (0, ECHOES)


@pytest.mark.parametrize("data", [b"", None])
async def test_no_input_is_the_end_and_all_is_well(data: bytes | None) -> None:
    assert await piped(Embedded(), data) == (0, b"")


async def test_a_file_is_read_and_a_file_is_written(tmp_path: Path) -> None:
    source, sink = tmp_path / "source", tmp_path / "sink"
    source.write_bytes(b"line\n" * 50_000)
    with source.open("rb") as stdin, sink.open("wb") as stdout:
        assert await run_pipe(NOW, stdin=stdin.fileno(), stdout=stdout.fileno()) == 0
    assert len(sink.read_bytes()) == 3 * 50_000 * len(b"\t line\n")


async def test_null_devices_are_input_and_output() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    assert await run_pipe(NOW, stdin=null, stdout=null) == 0
    os.close(null)


@pytest.mark.parametrize("size", [10, 8_000_000])
async def test_a_plain_echo_gets_and_gives_every_byte(serving: Serving, size: int) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    async with serving(echo_plainly) as target:
        assert await piped(target, data) == (0, data)


@pytest.mark.parametrize("handler", [echo_plainly, echo_like_go])
async def test_a_request_that_nobody_knows_is_hidden(serving: Serving, handler: Any) -> None:
    async with serving(handler) as target:
        status, output = await piped(target, b"Hello?\n", delay=0.5, mode="sequential")
    assert (status, output) == (0, b"Hello?\n" if handler is echo_plainly else ECHOES)


async def test_a_request_is_sent_only_for_a_delay_or_a_mode(serving: Serving) -> None:
    heard: list[bytes] = []

    async def handle(stream: SocketStream) -> None:
        heard.append(b"")
        async for data in stream:
            heard[-1] += data

    async with serving(handle) as target:
        await piped(target, b"a\n")
        await piped(target, b"a\n", delay=0.5)
    assert heard == [b"a\n", b'\x10{"reverb":1,"id":1,"delay":0.5}\na\n']


async def test_control_lines_never_reach_the_output_and_errors_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with reverb_server.running(Settings(port=0, delay=60)) as server:
        target = Target("127.0.0.1", server.port)
        data = b'\x10{"reverb":1,"id":7}\n' + b"x" * 70_000 + b"\nHello?\n"
        assert await piped(target, data, delay=0.01) == (0, ECHOES)
    assert capsys.readouterr().err.startswith("reverb-tui: ")


async def test_what_only_looks_like_a_control_line_comes_through(serving: Serving) -> None:
    data = b'\x10{"reverb":1,"reply":1}\n\x10\n\t \x10{"REVERB"\n\x10{'
    async with serving(echo_plainly) as target:
        assert await piped(target, data) == (0, data)


async def test_raw_lets_everything_through_and_the_server_may_end(serving: Serving) -> None:
    error = b'\x10{"reverb":1,"code":"full","error":"no"}\n'

    async def handle(stream: SocketStream) -> None:
        await stream.receive()
        await stream.send(error)

    reader, writer = os.pipe()
    async with serving(handle) as target:
        os.write(writer, b"QUIT\n")
        output, stdout = os.pipe()
        assert await run_pipe(target, stdin=reader, stdout=stdout, raw=True) == 0
        assert os.read(output, 1000) == error
    for descriptor in (reader, writer, output, stdout):
        os.close(descriptor)


@pytest.mark.parametrize("raw", [True, False])
async def test_crlf_converts_line_ends_wherever_reads_part(serving: Serving, raw: bool) -> None:
    async with serving(echo_plainly) as target:
        data = b"a\nb\r\nc\r\n\n" * 20_000
        expected = b"a\r\nb\r\nc\r\n\r\n" * 20_000
        assert await piped(target, data, crlf=True, raw=raw) == (0, expected)


async def test_nobody_to_read_is_a_quiet_end(capsys: pytest.CaptureFixture[str]) -> None:
    output, stdout = os.pipe()
    stdin, writer = os.pipe()
    os.close(output)
    os.write(writer, b"Hello?\n")
    with anyio.fail_after(10):
        assert await run_pipe(NOW, stdin=stdin, stdout=stdout) == 0
    for descriptor in (stdout, stdin, writer):
        os.close(descriptor)
    assert capsys.readouterr().err == ""


async def test_no_server_is_one_sentence_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    async with reverb_server.running(Settings(port=0)) as server:
        port = server.port
    assert await piped(Target("localhost", port), b"a") == (1, b"")
    assert capsys.readouterr().err.count("\n") == 1


async def test_input_that_cannot_be_read_is_one_sentence_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    assert await run_pipe(NOW, stdin=folder, stdout=None) == 1
    os.close(folder)
    assert "cannot read standard input" in capsys.readouterr().err


async def test_a_server_that_ends_first_is_one_sentence_and_status_1(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async def handle(stream: SocketStream) -> None:
        await stream.receive(1)
        await stream.send(b"half a l")

    async with serving(handle) as target:
        status, output = await piped(target, b"a" * 10_000_000)
    assert status == 1
    assert output in (b"half a l", b"")  # a reset may overtake it
    assert capsys.readouterr().err.count("\n") == 1


async def test_a_terminal_gets_only_what_is_safe_to_show() -> None:
    terminal, stdout = os.openpty()
    stdin, writer = os.pipe()
    os.write(writer, b"\x1b]0;title\x07")
    os.close(writer)
    assert await run_pipe(NOW, stdin=stdin, stdout=stdout) == 0
    shown = os.read(terminal, 1000).decode()
    assert shown.splitlines() == ["    ␛]0;TITLE␇", "    ␛]0;title␇", "    ␛]0;title␇"]
    for descriptor in (terminal, stdout, stdin):
        os.close(descriptor)


async def test_output_that_nobody_reads_holds_the_input_back() -> None:
    output, stdout = os.pipe()
    stdin, writer = os.pipe()
    os.set_blocking(writer, False)
    written = 0
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: run_pipe(NOW, stdin=stdin, stdout=stdout))
        while True:
            with anyio.move_on_after(0.5) as scope:
                await anyio.wait_writable(writer)
            if scope.cancelled_caught:
                break
            written += os.write(writer, b"line\n" * 1000)
        group.cancel_scope.cancel()
    assert 0 < written < 8 * 2**20
    for descriptor in (output, stdout, stdin, writer):
        os.close(descriptor)


def test_ctrl_c_ends_it_quietly_with_130() -> None:
    program = (
        "import sys; from reverb_tui.pipe import pipe;"
        "from reverb_tui.connection.connect import Embedded"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"{program}; sys.exit(pipe(Embedded()))"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"Hello?\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"\t HELLO?\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == INTERRUPTED
        assert process.stderr
        assert process.stderr.read() == b""


async def test_a_server_that_says_nothing_at_all_is_a_problem(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    async def swallow(stream: SocketStream) -> None:
        async for _ in stream:
            pass

    async with serving(swallow) as target:
        assert await piped(target, b"Hello?\n") == (1, b"")
    assert "nothing came back" in capsys.readouterr().err
