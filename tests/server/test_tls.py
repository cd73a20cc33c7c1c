"""TLS: what comes and goes is the same as without."""

import socket
import ssl
from contextlib import ExitStack
from pathlib import Path

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.net.server_tls import server_context
from reverb_server.net.stream import SocketStream
from reverb_server.net.tls import TLSStream
from tests.server.calls import echoes, joined, unix_pair
from tests.server.conftest import WatchedConnection
from tests.server.reports import ends
from tests.server.secured import VERSIONS, TLSCaller, calling, trusting
from tests.virtual import anyio_backend as anyio_backend


@pytest.mark.parametrize("version", VERSIONS)
async def test_after_close_notify_the_pending_echoes_still_come_and_then_the_servers(
    version: ssl.TLSVersion, cert: Path, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, delay=5, tls_cert=cert)) as server:
        with calling(server, trusting(version)) as caller:
            await caller.handshake()
            begin = anyio.current_time()
            await caller.shout(b"Hello?\n")
            assert await caller.line() == b"\t HELLO?\n"
            caller.hang_up()
            timed = await caller.timed_lines(2)
            assert [line for _, line in timed] == [b"\t Hello?\n", b"\t hello?\n"]
            assert [instant - begin for instant, _ in timed] == pytest.approx([5, 10], abs=0.1)
            assert await caller.read() == b""  # without close_notify it is an SSLEOFError
    assert ends(log) == ["finished"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_when_the_server_ends_first_its_close_notify_comes_after_the_last_echo(
    version: ssl.TLSVersion, cert: Path, log: pytest.LogCaptureFixture
) -> None:
    heard: list[bytes] = []
    settings = Settings(port=0, delay=4, tls_cert=cert)
    async with anyio.create_task_group() as group, running(settings) as server:
        stack = ExitStack()
        caller = stack.enter_context(calling(server, trusting(version)))
        await caller.handshake()
        await caller.shout(b"Hello?\n")
        heard.append(await caller.line())

        async def listen() -> None:
            with stack:
                heard.append(await caller.rest())

        group.start_soon(listen)
    assert sorted(b"".join(heard).splitlines(keepends=True)) == echoes(b"Hello?")
    assert ends(log) == ["drained"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_end_without_close_notify_gets_its_echoes_too(
    version: ssl.TLSVersion, cert: Path, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, delay=5, tls_cert=cert)) as server:
        with calling(server, trusting(version)) as caller:
            await caller.handshake()
            await caller.shout(b"Hello?\n")
            with socket.socket(fileno=caller.socket.fileno()) as bare:
                bare.shutdown(socket.SHUT_WR)
                assert sorted(await caller.lines(3)) == echoes(b"Hello?")
                bare.detach()
            assert await caller.read() == b""
    assert ends(log) == ["finished"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_had_come_before_a_half_close_can_be_received_after_it(
    version: ssl.TLSVersion, cert: Path
) -> None:
    ours, theirs = unix_pair()
    stream = TLSStream(SocketStream(theirs), server_context(cert, None, None))
    ours.setblocking(False)
    wrapped = trusting(version).wrap_socket(
        ours, server_hostname="localhost", do_handshake_on_connect=False
    )
    with wrapped:
        caller = TLSCaller(wrapped)
        async with anyio.create_task_group() as group:
            group.start_soon(stream.handshake)
            await caller.handshake()
        for letter in (b"a", b"b", b"c"):  # a record each
            await caller.shout(letter * 10_000)
        assert await stream.receive() == b"a" * 10_000
        stream.half_close()
        assert await stream.receive() == b"b" * 10_000
        assert await stream.receive() == b"c" * 10_000
        stream.close()


@pytest.mark.parametrize(("backend", "version"), [("asyncio", VERSIONS[0]), ("trio", VERSIONS[1])])
async def test_100_000_lines_come_back_complete(version: ssl.TLSVersion, cert: Path) -> None:
    shouts = b"".join(b"Line %d\n" % number for number in range(100_000))
    heard = bytearray()
    async with running(Settings(port=0, delay=0.5, tls_cert=cert)) as server:
        with calling(server, trusting(version)) as caller:
            await caller.handshake()

            async with anyio.create_task_group() as group:
                group.start_soon(caller.shout, shouts)
                while heard.count(b"\n") < 300_000:
                    heard += await caller.read()
            caller.hang_up()
            assert await caller.read() == b""
    expected = [b"\t Line %d\n" % number for number in range(100_000)]
    lines = heard.splitlines(keepends=True)
    assert [line for line in lines if line.startswith(b"\t Line")] == expected


async def test_a_client_that_never_reads_is_bounded_and_slow(
    cert: Path, connections: list[WatchedConnection], log: pytest.LogCaptureFixture
) -> None:
    settings = Settings(port=0, delay=0, tls_cert=cert, write_timeout=8)
    async with running(settings) as server:
        with calling(server, trusting(), joined) as caller:
            await caller.handshake()
            await caller.fill(b"Hello? Is there anybody there?\n" * 500)
            await anyio.sleep(11)
    assert ends(log) == ["slow"]
    assert connections[0].peak <= settings.max_pending


async def test_a_slow_reader_gets_every_echo_whole(cert: Path) -> None:
    shouts = b"".join(b"%06d" % number + b"x" * 493 + b"\n" for number in range(8_000))
    async with running(Settings(port=0, delay=0, tls_cert=cert)) as server:
        with calling(server, trusting(), joined) as caller:
            await caller.handshake()
            sent = anyio.Event()

            async def send() -> None:
                await caller.shout(shouts)
                sent.set()

            heard = bytearray()
            async with anyio.create_task_group() as group:
                group.start_soon(send)
                await anyio.sleep(20)
                assert not sent.is_set(), "all buffers are full"
                while len(heard) < 3 * (len(shouts) + 2 * 8_000):
                    heard += await caller.read(1_000)
            caller.hang_up()
            assert await caller.read() == b""
    lines = heard.splitlines()
    assert {len(line) for line in lines} == {501}
    assert sorted(lines)[::3] == sorted(b"\t " + line.upper() for line in shouts.splitlines())
