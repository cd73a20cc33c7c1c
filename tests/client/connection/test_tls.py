"""The client over TLS: against a reverb, and against servers made by hand."""

import socket
import ssl
import threading
from contextlib import suppress

import anyio
import pytest

import reverb_server
import reverb_server.net.server_tls
from reverb_tui.connection.client import open_client
from reverb_tui.connection.connect import connect
from reverb_tui.connection.targets import Embedded, Target, TLSOptions
from reverb_tui.connection.tls import certificate_rows, read_files, secured
from reverb_tui.protocol.events import Ended, Ending, Event
from tests.client.certificates import Certificates
from tests.client.secured import (
    fingerprint_of,
    lines_of,
    read_to_end,
    rest,
    server_by_hand,
    settings,
    target,
)


async def test_half_close_still_gets_every_pending_echo(
    certificates: Certificates, version: str
) -> None:
    async with (
        reverb_server.running(settings(certificates.server, delay=0.05)) as server,
        open_client(target(server.port, certificates.ca)) as client,
    ):
        client.shout(b"Hello?")
        client.half_close()
        events = await rest(client)
        assert client.tls is not None
        assert client.tls.startswith(version)
    assert lines_of(events) == [b"\t HELLO?", b"\t Hello?", b"\t hello?"]
    assert events[-1] == Ended(Ending.AS_ASKED)


async def test_what_the_servers_certificate_says_is_known(
    certificates: Certificates, version: str
) -> None:
    async with (
        reverb_server.running(settings(certificates.server)) as server,
        open_client(target(server.port, certificates.ca)) as client,
    ):
        rows = dict(client.certificate)
    assert list(rows) == ["certificate", "subject", "issuer", "valid until", "fingerprint"]
    assert rows["certificate"] == "localhost, 127.0.0.1, 0:0:0:0:0:0:0:1"
    assert rows["issuer"].startswith("trustme ")
    assert rows["fingerprint"] == fingerprint_of(certificates.server)


def test_a_hostile_certificate_is_shown_not_obeyed() -> None:
    rows = certificate_rows(
        {
            "subject": ((("commonName", "\x1b[2J\nissuer"),),),
            "issuer": ((("organizationName", "\u202eevil\x9b"),),),
            "notAfter": "Jan  5 09:34:43 2018 GMT",
        }
    )
    assert rows == [
        ("certificate", "␛[2J␊issuer"),
        ("issuer", "⟨U+202E⟩evil⟨U+009B⟩"),
        ("valid until", "2018-01-05 09:34 UTC"),
    ]


async def test_without_tls_there_is_no_certificate() -> None:
    async with open_client(Embedded()) as client:
        assert client.certificate == []


@pytest.mark.parametrize("host", ["localhost", "localhost.", "127.0.0.1", "::1", "::1%lo"])
async def test_every_name_in_the_certificate_is_right(
    certificates: Certificates, host: str
) -> None:
    async with reverb_server.running(settings(certificates.server)) as server:
        stream = await connect(Target("127.0.0.1", server.port))
        await secured(stream, host, await read_files(TLSOptions(certificates.ca)))
        stream.close()


async def test_100_000_lines_come_back_three_times(
    certificates: Certificates, version: str
) -> None:
    async with (
        reverb_server.running(settings(certificates.server)) as server,
        open_client(target(server.port, certificates.ca), control=False) as client,
    ):
        client.send(b"line\n" * 100_000)
        client.half_close()
        events = await rest(client)
    assert len(lines_of(events)) == 300_000
    assert events[-1] == Ended(Ending.AS_ASKED)


async def test_what_tls_holds_back_is_sent_before_the_half_close(
    certificates: Certificates, version: str
) -> None:
    full = threading.Event()
    heard: list[int] = []

    def read_late(tls: ssl.SSLSocket) -> None:
        full.wait(20)
        heard.append(len(read_to_end(tls)))
        tls.sendall(b"all of it\n")
        tls.unwrap()

    with server_by_hand(certificates.server, read_late) as port:
        async with open_client(target(port, certificates.ca), control=False) as client:
            sent = 0
            while not client._stream.unsent:
                client.send(b"x" * 10_000)
                sent += 10_000
            client.half_close()
            events: list[Event] = []

            async def listen() -> None:
                events.extend(await rest(client))

            async with anyio.create_task_group() as group:
                group.start_soon(listen)
                await anyio.wait_all_tasks_blocked()  # from now on only the outbox can send it
                full.set()
    assert lines_of(events) == [b"all of it"]
    assert events[-1] == Ended(Ending.AS_ASKED)
    assert heard == [sent]


async def test_the_server_may_end_first(certificates: Certificates, version: str) -> None:
    def say_and_end(tls: ssl.SSLSocket) -> None:
        tls.sendall(b"bye\n")
        with suppress(OSError):  # the client leaves without waiting
            tls.unwrap()

    with server_by_hand(certificates.server, say_and_end) as port:
        async with open_client(target(port, certificates.ca), control=False) as client:
            events = await rest(client)
    assert lines_of(events) == [b"bye"]
    assert events[-1] == Ended(Ending.CLOSED)


@pytest.mark.parametrize("half_closed", [True, False])
async def test_an_end_without_close_notify_is_a_break(
    certificates: Certificates, version: str, half_closed: bool
) -> None:
    def vanish(tls: ssl.SSLSocket) -> None:
        if half_closed:
            read_to_end(tls)
        tls.sendall(b"some of i")
        tls.shutdown(socket.SHUT_RDWR)

    with server_by_hand(certificates.server, vanish) as port:
        async with open_client(target(port, certificates.ca), control=False) as client:
            if half_closed:
                client.half_close()
            events = await rest(client)
    assert lines_of(events) == [b"some of i"]
    assert events[-1] == Ended(
        Ending.RESET, "the other side closed the connection without ending it"
    )
