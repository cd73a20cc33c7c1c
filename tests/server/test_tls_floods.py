"""Records that bring nothing hold up nobody, and cost the connection."""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.net.server_tls import server_context
from reverb_server.net.stream import SocketStream
from reverb_server.net.tls import TLSStream
from tests.server.calls import Caller, call, served
from tests.server.records import DATA, HANDSHAKE, HELLO, Forger, forger
from tests.server.reports import reports
from tests.server.secured import calling, trusting
from tests.virtual import anyio_backend as anyio_backend

FLOODS: list[tuple[ssl.TLSVersion, Callable[[Forger], bytes]]] = [
    (ssl.TLSVersion.TLSv1_2, lambda forger: forger.record(HANDSHAKE, HELLO)),
    (ssl.TLSVersion.TLSv1_3, Forger.key_update),
]
FLOODED = pytest.mark.parametrize(("version", "wasted"), FLOODS, ids=["hellos", "key updates"])


@FLOODED
async def test_a_flood_of_records_without_data_is_cut_and_logged(
    version: ssl.TLSVersion,
    wasted: Callable[[Forger], bytes],
    cert: Path,
    tmp_path: Path,
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, tls_cert=cert)) as server:
        with call(server) as attacker, calling(server, trusting()) as other:
            await other.handshake()
            forged = await forger(attacker, version, tmp_path)
            await attacker.shout(b"".join(wasted(forged) for _ in range(2_000)))
            await served(other)
            with suppress(ConnectionResetError):
                await attacker.rest()
            await served(other)
    (report,) = [each for each in reports(log) if each["end"] == "reset"]
    assert report["reason"] == "the other side sends TLS records with nothing in them"


@FLOODED
async def test_one_read_does_not_go_through_all_that_brings_no_data(
    version: ssl.TLSVersion, wasted: Callable[[Forger], bytes], cert: Path, tmp_path: Path
) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        caller = Caller(ours)
        stream = TLSStream(SocketStream(theirs), server_context(cert, None, None))
        forged: list[Forger] = []

        async def agree() -> None:
            forged.append(await forger(caller, version, tmp_path))

        async with anyio.create_task_group() as group:
            group.start_soon(stream.handshake)
            group.start_soon(agree)
        (made,) = forged
        records = [wasted(made) for _ in range(200)] + [made.record(DATA, b"Hello?\n")]
        await caller.shout(b"".join(records))
        reads = 0
        while (data := stream.receive_now()) is None:
            assert stream.buffered
            reads += 1
        assert data == b"Hello?\n"
        assert reads > 2
        stream.close()


@FLOODED
async def test_records_without_data_among_others_are_no_flood(
    version: ssl.TLSVersion,
    wasted: Callable[[Forger], bytes],
    cert: Path,
    tmp_path: Path,
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, tls_cert=cert)) as server:
        with call(server) as caller:
            forged = await forger(caller, version, tmp_path)
            async with anyio.create_task_group() as group:
                group.start_soon(caller.rest)
                for _ in range(1_000):
                    await caller.shout(wasted(forged) + forged.record(DATA, b"Hello?\n"))
                caller.hang_up()
    (report,) = reports(log)
    assert (report["end"], report["shouts"]) == ("finished", "1000")
