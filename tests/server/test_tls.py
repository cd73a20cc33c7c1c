"""TLS: what comes and goes is the same as without, and who can't agree on it disturbs nobody."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
import trustme

from reverb_server import CannotListen, Server, Settings, running
from reverb_server.contexts import server_context
from reverb_server.parting import part
from reverb_server.stream import SocketStream
from reverb_server.tls import TLSStream
from tests.server.calls import Caller, call, echoes
from tests.server.conftest import WatchedConnection
from tests.server.reports import ends, reports, warnings
from tests.virtual import anyio_backend as anyio_backend

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
AUTHORITY = trustme.CA()
OTHER_AUTHORITY = trustme.CA()


@pytest.fixture(scope="module")
def cert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key, for localhost."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    issued = AUTHORITY.issue_cert("localhost", "127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


def trusting(version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """What a client agrees on: just this version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)
    context.minimum_version = context.maximum_version = version
    return context


class TLSCaller(Caller):
    """A client's end, encrypted by the standard library's own sockets."""

    socket: ssl.SSLSocket

    async def _do(self, step: Any, *arguments: Any) -> Any:
        while True:
            try:
                return step(*arguments)
            except ssl.SSLWantReadError:
                await anyio.wait_readable(self.socket)
            except ssl.SSLWantWriteError:
                await anyio.wait_writable(self.socket)

    async def handshake(self) -> None:
        await self._do(self.socket.do_handshake)

    async def send_some(self, data: bytes | memoryview) -> int:
        return int(await self._do(self.socket.send, data))

    async def read(self, limit: int = 262_144) -> bytes:
        try:
            return bytes(await self._do(self.socket.recv, limit))
        except ssl.SSLZeroReturnError:  # the other side's close_notify, after ours
            return b""

    def hang_up(self) -> None:
        """Send close_notify."""
        with suppress(ssl.SSLWantReadError):
            self.socket.unwrap()


@contextmanager
def calling(server: Server, context: ssl.SSLContext) -> Iterator[TLSCaller]:
    with call(server) as caller:
        wrapped = context.wrap_socket(
            caller.socket,
            server_hostname="localhost",
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        )
        with wrapped:
            yield TLSCaller(wrapped)


async def served(caller: Caller) -> None:
    await caller.shout(b"Hello?\n")
    assert sorted(await caller.lines(3)) == echoes(b"Hello?")


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
    ours, theirs = socket.socketpair()
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


@pytest.mark.parametrize("version", VERSIONS)
async def test_100_000_lines_come_back_complete(version: ssl.TLSVersion, cert: Path) -> None:
    shouts = b"".join(b"Line %d\n" % number for number in range(100_000))
    async with running(Settings(port=0, delay=0.5, tls_cert=cert)) as server:
        with calling(server, trusting(version)) as caller:
            await caller.handshake()

            async def send() -> None:
                await caller.shout(shouts)
                caller.hang_up()

            async with anyio.create_task_group() as group:
                group.start_soon(send)
                heard = (await caller.rest()).split(b"\n")
    assert heard.pop() == b""
    expected = [b"\t Line %d" % number for number in range(100_000)]
    assert [line for line in heard if line.startswith(b"\t Line")] == expected
    assert len(heard) == 300_000


async def test_a_client_that_never_reads_is_bounded_and_slow(
    cert: Path, connections: list[WatchedConnection], log: pytest.LogCaptureFixture
) -> None:
    settings = Settings(port=0, delay=0, tls_cert=cert, write_timeout=8)
    async with running(settings) as server:
        with calling(server, trusting()) as caller:
            await caller.handshake()
            with anyio.move_on_after(1):
                while True:
                    await caller.send_some(b"Hello? Is there anybody there?\n" * 500)
            await anyio.sleep(11)
    assert ends(log) == ["slow"]
    assert connections[0].peak <= settings.max_pending


async def test_a_slow_reader_gets_every_echo_whole(cert: Path) -> None:
    shouts = b"".join(b"%06d" % number + b"x" * 493 + b"\n" for number in range(8_000))
    async with running(Settings(port=0, delay=0, tls_cert=cert)) as server:
        with calling(server, trusting()) as caller:
            await caller.handshake()

            async def send() -> None:
                await caller.shout(shouts)
                caller.hang_up()

            heard = []
            async with anyio.create_task_group() as group:
                group.start_soon(send)
                await anyio.sleep(20)  # meanwhile all buffers are full
                while data := await caller.read(1_000):
                    heard.append(data)
    lines = b"".join(heard).splitlines()
    assert {len(line) for line in lines} == {501}
    assert sorted(lines)[::3] == sorted(b"\t " + line.upper() for line in shouts.splitlines())


class Stuck:
    """A stream whose close_notify did not fit into the kernel's buffer."""

    unsent = 0

    def half_close(self) -> None:
        self.unsent = 2

    async def wait_writable(self) -> None:
        await anyio.lowlevel.checkpoint()

    def send_now(self, data: bytes) -> int:
        self.unsent -= 1
        return 0

    async def receive(self) -> bytes:
        assert self.unsent == 0
        return b""


async def test_a_stop_does_not_hear_a_flood_out(
    cert: Path, connections: list[WatchedConnection]
) -> None:
    settings = Settings(port=0, mode="plain", max_line=1000, max_pending=65_536, tls_cert=cert)
    async with running(settings) as server:
        with calling(server, trusting()) as caller:
            await caller.handshake()
            flooded = anyio.Event()

            async def flood() -> None:
                with suppress(OSError):
                    for _ in range(10_000):
                        await caller.send_some(b"x" * 16_384)

            async def swallow() -> None:
                while await caller.read():
                    if connections[0].report.bytes_in > 500_000:
                        flooded.set()

            async with anyio.create_task_group() as group:
                group.start_soon(flood)
                group.start_soon(swallow)
                await flooded.wait()
                report = connections[0].report
                before = report.bytes_in
                connections[0].drain()
                await server.drain()
                group.cancel_scope.cancel()
    assert report.end == "drained"
    assert report.bytes_in - before <= 65_536 + 16_384  # its bound, and what it had decrypted


async def test_a_close_notify_that_did_not_fit_is_sent_before_the_end() -> None:
    stuck: Any = Stuck()
    await part(stuck)
    assert stuck.unsent == 0


# Client certificates


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_certificate_is_demanded(
    version: ssl.TLSVersion, cert: Path, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    authority = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(authority))
    settings = Settings(port=0, delay=0, tls_cert=cert, tls_client_ca=authority)
    async with running(settings) as server:
        right = trusting(version)
        AUTHORITY.issue_cert("client@example.org").configure_cert(right)
        with calling(server, right) as caller:
            await caller.handshake()
            await served(caller)
        wrong = trusting(version)
        OTHER_AUTHORITY.issue_cert("client@example.org").configure_cert(wrong)
        for refused in (trusting(version), wrong):
            problems = pytest.raises((ssl.SSLError, ConnectionResetError))
            with calling(server, refused) as caller, problems:
                await handshake_and_read(caller)
    assert [end for end in ends(log) if end == "handshake"] == ["handshake"] * 2
    reasons = [report["reason"] for report in reports(log) if report["end"] == "handshake"]
    assert reasons[0] == "peer did not return a certificate"
    assert "certificate" in reasons[1] or "issuer" in reasons[1]
    assert warnings(log) == []


async def handshake_and_read(caller: TLSCaller) -> None:
    await caller.handshake()
    await caller.read()


# Who can't agree


async def test_a_handshake_must_be_done_within_10_seconds(
    cert: Path, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, tls_cert=cert)) as server:
        with call(server) as mute:
            begin = anyio.current_time()
            assert await mute.rest() == b""
            assert anyio.current_time() - begin == pytest.approx(10)
    (report,) = reports(log)
    assert (report["end"], report["reason"]) == ("handshake", "it took too long")


@pytest.mark.parametrize("sent", [b"", b"Hello?\n", b"GET / HTTP/1.0\r\n\r\n", bytes(range(256))])
async def test_a_port_scan_and_a_client_without_tls_are_one_short_line_of_the_log(
    sent: bytes, cert: Path, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, tls_cert=cert)) as server:
        with call(server) as caller:
            await caller.shout(sent)
            caller.hang_up()
            with suppress(ConnectionResetError):
                assert b"reverb" not in await caller.rest()
    (record,) = log.records
    (report,) = reports(log)
    assert report["end"] == "handshake"
    assert len(record.getMessage()) < 200


async def test_tls_1_1_is_refused(cert: Path, log: pytest.LogCaptureFixture) -> None:
    assert ssl.TLSVersion.TLSv1_2 <= server_context(cert, None, None).minimum_version
    context = trusting()
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with running(Settings(port=0, tls_cert=cert)) as server:
        problems = pytest.raises((ssl.SSLError, ConnectionResetError))
        with calling(server, context) as caller, problems:
            await caller.handshake()
    assert ends(log) == ["handshake"]


async def test_a_full_server_just_closes_before_the_handshake(cert: Path) -> None:
    async with running(Settings(port=0, delay=0, tls_cert=cert, max_connections=1)) as server:
        with calling(server, trusting()) as one, call(server) as other:
            await one.handshake()
            assert await other.rest() == b""
            await served(one)


async def test_a_stop_gives_a_handshake_a_second(cert: Path) -> None:
    async with running(Settings(port=0, tls_cert=cert)) as server:
        with call(server):
            await anyio.sleep(0.5)
            with call(server):  # this one still waits to be accepted
                begin = anyio.current_time()
                await server.drain()
                assert anyio.current_time() - begin == pytest.approx(1)


# Files


@pytest.fixture
def files(tmp_path: Path, cert: Path) -> Path:
    """A folder with files of all kinds."""
    shutil.copy(cert, tmp_path / "right.pem")
    (tmp_path / "empty.pem").touch()
    (tmp_path / "random.pem").write_bytes(bytes(range(256)))
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    other = AUTHORITY.issue_cert("localhost")
    other.private_key_pem.write_to_path(str(tmp_path / "other-key.pem"))
    return tmp_path


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["missing.pem"], "No such file"),
        (["empty.pem"], "not a matching"),
        (["random.pem"], "not a matching"),
        (["ca.pem"], "not a matching"),
        (["."], "not a matching"),
        (["right.pem", "other-key.pem"], "not a matching"),
        (["right.pem", "missing.pem"], "No such file"),
        (["right.pem", "right.pem", "empty.pem"], "not a matching"),
    ],
)
async def test_bad_files_are_one_sentence_with_their_names(
    names: list[str], why: str, files: Path
) -> None:
    fields = dict(zip(["tls_cert", "tls_key", "tls_client_ca"], names, strict=False))
    settings: Any = {field: files / name for field, name in fields.items()}
    with pytest.raises(CannotListen) as refusal:
        async with running(Settings(port=0, **settings)):
            pytest.fail("it ran")
    sentence = str(refusal.value)
    assert sentence.startswith(f"cannot serve TLS with {files / names[0]}")
    assert why in sentence
    assert "\n" not in sentence


async def test_a_new_certificate_holds_for_new_connections_and_drops_none(files: Path) -> None:
    path = files / "right.pem"
    async with running(Settings(port=0, delay=0, tls_cert=path)) as server:
        with calling(server, trusting()) as before:
            await before.handshake()
            new = AUTHORITY.issue_cert("localhost")
            new.private_key_and_cert_chain_pem.write_to_path(str(path))
            server.reload_certificate()
            with calling(server, trusting()) as after:
                await after.handshake()
                own = before.socket.getpeercert(binary_form=True)
                assert own != after.socket.getpeercert(binary_form=True)
                await served(after)
            path.write_text("broken")
            with pytest.raises(CannotListen):
                server.reload_certificate()
            with calling(server, trusting()) as later:
                await later.handshake()
                await served(later)
            await served(before)
