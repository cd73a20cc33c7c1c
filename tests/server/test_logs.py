"""What the log tells: one line for each connection, and nothing that a client can forge."""

import logging
import socket

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.core.reverb import Reverb
from reverb_server.net.connection_log import ConnectionRecord, End, cause, peer_name
from tests.server.calls import call, joined
from tests.server.reports import ends, reports, warnings
from tests.virtual import anyio_backend as anyio_backend


async def test_a_connection_is_one_line_with_its_figures_and_nothing_for_a_shout(
    log: pytest.LogCaptureFixture,
) -> None:
    log.set_level(logging.DEBUG, logger="reverb_server")
    async with running(Settings(port=0, delay=1)) as server:
        with call(server) as caller:
            peer = "{}:{}".format(*caller.socket.getsockname())
            await caller.shout(b"One\nTwo\n")
            caller.hang_up()
            heard = await caller.rest()
    (report,) = reports(log)
    assert len(log.records) == 1
    assert report.pop("worst") == "0.0000"
    assert report == {
        "peer": peer,
        "end": "finished",
        "shouts": "2",
        "echoes": "6",
        "bytes_in": "8",
        "bytes_out": str(len(heard)),
        "most_held": str(8 + 2 * 2 + 200),  # the lines, indented, and a block's cost
        "lasted": "2.000",
        "tls": None,
        "client": None,
        "via": None,
        "reason": None,
    }


async def test_a_client_that_is_gone_is_a_reset_with_its_reason(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=30)) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.line()
            caller.reset()
            await anyio.sleep(0.1)
    (report,) = reports(log)
    assert (report["end"], report["reason"]) == ("reset", "the other side reset the connection")


async def test_a_client_that_is_gone_with_nothing_pending_is_a_reset_too(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.lines(3)
            caller.reset()
            await anyio.sleep(0.1)
    assert ends(log) == ["reset"]


async def test_an_error_is_told_with_its_cause_and_a_clients_bytes_are_escaped(
    monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    def hear(self: Reverb, data: bytes, now: float) -> None:
        raise ValueError(data.decode("latin-1"))

    monkeypatch.setattr(Reverb, "hear", hear)
    evil = "\x1b]0;title\x07\nreverb-server: 1.2.3.4:5 finished: shouts=1\r\x85\u2028\x9b31m"
    async with running(Settings(port=0)) as server:
        with joined(server) as caller:
            await caller.shout(evil.encode())
            assert await caller.rest() == b""
    assert ends(log) == ["error"]
    (told,) = warnings(log)
    assert "ValueError: \\x1b]0;title\\x07" in told
    for line in told.split("\n")[1:]:
        assert line.startswith("    ")
        assert line.isascii()
        assert line.isprintable()


def test_a_report_is_one_printable_line_whatever_is_in_it() -> None:
    report = str(ConnectionRecord("peer", End.ERROR, reason="\x1b[31m\nfake\x00\x9b\u202e"))
    assert report.isascii()
    assert report.isprintable()
    assert cause(ValueError("a\nb")).endswith("    b")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (("127.0.0.1", 80), "127.0.0.1:80"),
        (("::1", 80, 0, 0), "[::1]:80"),
        ((3, 80), "3:80"),  # of a virtual machine (AF_VSOCK)
        ("", "unix"),
        (b"", "unix"),
        (None, "unix"),
    ],
)
def test_a_peer_has_a_name(address: object, name: str) -> None:
    assert peer_name(address) == name


async def test_an_adopted_tcp_connection_has_its_peers_name(log: pytest.LogCaptureFixture) -> None:
    async with running(Settings(), accepting=False) as server:
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as ours,
        ):
            server.adopt(listener.accept()[0])
            port = ours.getsockname()[1]
    assert reports(log)[0]["peer"] == f"127.0.0.1:{port}"


async def test_the_summary_is_of_now_and_counts_who_has_gone() -> None:
    async with running(Settings(port=0, delay=5)) as server:
        with call(server) as gone:
            await gone.shout(b"Hello?\n")
            gone.hang_up()
            await gone.rest()
        with call(server) as caller:
            await caller.shout(b"One\nTwo\n")
            await caller.lines(2)
            fields = dict(field.split("=") for field in server.summary().split())
            assert fields.pop("lateness_p50") == fields.pop("lateness_p99")
            assert fields == {
                "connections": "1",
                "pending": "2",
                "held": str(8 + 2 * 2 + 200),
                "shouts": "3",
                "echoes": "5",
            }
            caller.hang_up()
            await caller.rest()
