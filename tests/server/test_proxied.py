"""Clients behind a proxy are named by its header; whoever breaks the rules disturbs nobody."""

import logging
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.core.proxy_header import V2
from reverb_server.settings import ProxyProtocol
from tests.server.calls import Caller, call, code, echoes, joined, served
from tests.server.reports import ends, reports
from tests.server.secured import AUTHORITY, TLSCaller, trusting
from tests.virtual import anyio_backend as anyio_backend

V1_HEADER = b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"
V2_HEADER = (
    V2
    + b"\x21\x11\0\x11"
    + bytes([192, 0, 2, 1, 198, 51, 100, 2])
    + struct.pack("!HH", 56324, 443)
    + b"\x04\0\x02\r\n"  # a TLV
)
LOCAL = V2 + b"\x20\x11\0\x0c" + bytes(12)
HEADERS = [V1_HEADER, V2_HEADER]
ON: list[ProxyProtocol] = ["accept", "require"]


def settings(proxy_protocol: ProxyProtocol = "require", **others: Any) -> Settings:
    return Settings(port=0, proxy_protocol=proxy_protocol, **{"delay": 0, **others})


def own_name(caller: Caller) -> str:
    return "{}:{}".format(*caller.socket.getsockname())


async def heard_all(caller: Caller) -> bytes:
    caller.hang_up()
    return await caller.rest()


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("proxy_protocol", ON)
async def test_the_log_names_the_client_and_the_proxy_it_came_by(
    proxy_protocol: ProxyProtocol, header: bytes, log: pytest.LogCaptureFixture
) -> None:
    async with running(settings(proxy_protocol)) as server:
        with call(server) as caller:
            proxy = own_name(caller)
            await caller.shout(header + b"Hello?\n")
            assert sorted((await heard_all(caller)).splitlines(True)) == echoes(b"Hello?")
    (report,) = reports(log)
    assert (report["peer"], report["via"]) == ("192.0.2.1:56324", proxy)
    assert (report["end"], report["bytes_in"]) == ("finished", "7")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("proxy_protocol", ON)
async def test_a_header_may_come_byte_by_byte(
    proxy_protocol: ProxyProtocol, header: bytes, log: pytest.LogCaptureFixture
) -> None:
    async with running(settings(proxy_protocol)) as server:
        with call(server) as caller:
            for byte in header + b"Hello?\n":
                await caller.shout(bytes([byte]))
                await anyio.sleep(0.001)
            assert sorted((await heard_all(caller)).splitlines(True)) == echoes(b"Hello?")
    assert reports(log)[0]["peer"] == "192.0.2.1:56324"


async def test_what_comes_with_a_header_is_the_clients_however_much_it_is() -> None:
    shouts = [b"%d" % number for number in range(3000)]
    async with running(settings()) as server:
        with call(server) as caller:
            await caller.shout(V1_HEADER + b"\n".join(shouts) + b"\n")
            caller.hang_up()
            assert sorted((await caller.rest()).splitlines(True)) == echoes(*shouts)


async def test_plain_mode_gets_the_clients_bytes_and_no_header() -> None:
    async with running(settings(mode="plain")) as server:
        with call(server) as caller:
            await caller.shout(V2_HEADER + V1_HEADER)
            assert await heard_all(caller) == V1_HEADER


async def test_an_unknown_client_is_named_as_the_proxy(log: pytest.LogCaptureFixture) -> None:
    async with running(settings()) as server:
        with call(server) as caller:
            name = own_name(caller)
            await caller.shout(b"PROXY UNKNOWN\r\nHello?\n")
            assert len((await heard_all(caller)).splitlines()) == 3
    assert (reports(log)[0]["peer"], reports(log)[0]["via"]) == (name, None)


@pytest.mark.parametrize(("path", "name"), [(b"", "unix"), (b"/run/a b\n", "unix:/run/a\\x20b\\n")])
async def test_a_client_of_a_unix_socket_and_a_proxy_on_one_are_named(
    path: bytes, name: str, log: pytest.LogCaptureFixture
) -> None:
    header = V2 + b"\x21\x31\0\xd8" + path.ljust(108, b"\0") + bytes(108)
    async with running(settings()) as server:
        with joined(server) as caller:
            await caller.shout(header)
            await served(caller)
            await heard_all(caller)
    (report,) = reports(log)
    assert (report["peer"], report["via"]) == (name, "unix")


@pytest.mark.parametrize(
    "shouted",
    [b"Hello?\n", b"Please\n", b"PROXY\n", b"\r\n\r\nHello?\n", b"PROX", b"\xff\x00\n"],
)
async def test_a_client_without_a_header_is_served_where_none_is_required(
    shouted: bytes, log: pytest.LogCaptureFixture
) -> None:
    async with running(settings("accept")) as proxied, running(Settings(port=0, delay=0)) as usual:
        heard = []
        for server in (proxied, usual):
            with call(server) as caller:
                await caller.shout(shouted)
                heard.append(await heard_all(caller))
    assert heard[0] == heard[1] != b""
    assert [(each["end"], each["via"]) for each in reports(log)] == [("finished", None)] * 2


async def test_the_beginning_of_a_header_that_stays_alone_is_a_clients_after_10_seconds() -> None:
    async with running(settings("accept")) as server:
        with call(server) as caller:
            await caller.shout(b"PROX")
            await anyio.sleep(11)
            await caller.shout(b"imity\n")
            assert sorted(await caller.lines(3)) == echoes(b"PROXimity")


async def test_a_silent_client_is_served_as_long_after_as_it_likes() -> None:
    async with running(settings("accept")) as server:
        with call(server) as caller:
            await caller.silence(3600)
            await served(caller)


async def test_a_silent_client_is_idle_when_it_would_be_without_proxies(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(settings("accept", idle_timeout=30)) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            assert code(await caller.line()) == "idle"
            assert anyio.current_time() - begin == pytest.approx(30)
    assert ends(log) == ["idle"]


async def test_a_client_that_was_named_is_idle_as_well(log: pytest.LogCaptureFixture) -> None:
    async with running(settings(idle_timeout=30)) as server:
        with call(server) as caller:
            await caller.shout(V1_HEADER)
            assert code(await caller.line()) == "idle"
    assert reports(log)[0]["peer"] == "192.0.2.1:56324"


BAD = [
    (b"Hello?\n", "the connection begins without a PROXY header"),
    (b"PROXY TCP4 nowhere\r\n", "the PROXY line is not TCP4 or TCP6"),
    (b"PROXY " + bytes(200), "longer than 107 bytes"),
    (V2 + b"\x21\x11\xff\xff", "more than 4096"),
]


@pytest.mark.parametrize(("sent", "why"), BAD)
async def test_a_bad_header_is_refused_at_once_and_told_in_the_log(
    sent: bytes, why: str, log: pytest.LogCaptureFixture
) -> None:
    async with running(settings()) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            await caller.shout(sent)
            with suppress(ConnectionResetError):
                assert await caller.rest() == b""
            assert anyio.current_time() - begin < 1
            name = own_name(caller)
    (report,) = reports(log)
    assert (report["peer"], report["end"]) == (name, "header")
    assert why in report["reason"]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("proxy_protocol", ON)
async def test_a_header_that_is_cut_is_refused(
    proxy_protocol: ProxyProtocol, header: bytes, log: pytest.LogCaptureFixture
) -> None:
    async with running(settings(proxy_protocol)) as server:
        with call(server) as caller:
            await caller.shout(header[:-1])
            assert await heard_all(caller) == b""
    (report,) = reports(log)
    assert (report["end"], report["reason"]) == (
        "header",
        "the connection ended within its PROXY header",
    )


@pytest.mark.parametrize("sent", [b"", b"P", V2, V1_HEADER[:-1]])
async def test_no_header_within_10_seconds_is_refused(
    sent: bytes, log: pytest.LogCaptureFixture
) -> None:
    async with running(settings()) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            await caller.shout(sent)
            assert await caller.rest() == b""
            assert anyio.current_time() - begin == pytest.approx(10)
    (report,) = reports(log)
    assert report["end"] == "header"
    assert report["reason"] == "no whole PROXY header came within 10 seconds"


async def test_a_dripped_header_costs_10_seconds(log: pytest.LogCaptureFixture) -> None:
    async with running(settings()) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            with suppress(OSError):
                for byte in V2 + b"\x21\x11\x0f\xf0" + bytes(4000):
                    await caller.shout(bytes([byte]))
                    await anyio.sleep(0.5)
            assert anyio.current_time() - begin < 12
    assert ends(log) == ["header"]


async def test_a_source_that_is_not_believed_is_refused_where_a_header_is_required(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(settings(proxy_from="192.0.2.0/24,::1")) as server:
        with call(server) as caller:
            begin = anyio.current_time()
            with suppress(ConnectionResetError):
                await caller.shout(V1_HEADER)
                assert await caller.rest() == b""
            assert anyio.current_time() == begin
            name = own_name(caller)
    (report,) = reports(log)
    assert (report["peer"], report["end"], report["via"]) == (name, "header", None)
    assert report["reason"] == "PROXY headers are believed from 192.0.2.0/24,::1 alone"


async def test_a_spoofed_header_is_a_shout_where_none_is_required(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(settings("accept", proxy_from="192.0.2.0/24")) as server:
        with call(server) as caller:
            name = own_name(caller)
            await caller.shout(V1_HEADER)
            lines = await caller.lines(3)
            await heard_all(caller)
    assert sorted(lines) == echoes(V1_HEADER[:-2])
    assert (reports(log)[0]["peer"], reports(log)[0]["via"]) == (name, None)


async def look(caller: Caller, *, reset: bool = False, sent: bytes = b"") -> None:
    """Look whether the server is there, as balancers do."""
    await caller.shout(sent)
    if reset:
        caller.reset()
        await anyio.sleep(0.1)
    else:
        await heard_all(caller)


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("sent", [b"", LOCAL, b"PROXY UNKNOWN\r\n"])
@pytest.mark.parametrize("proxy_protocol", ON)
async def test_a_health_check_is_one_line_at_debug(
    proxy_protocol: ProxyProtocol, sent: bytes, reset: bool, log: pytest.LogCaptureFixture
) -> None:
    log.set_level(logging.DEBUG, logger="reverb_server")
    async with running(settings(proxy_protocol)) as server:
        with call(server) as caller:
            await look(caller, reset=reset, sent=sent)
    (record,) = log.records
    assert record.levelname == "DEBUG"
    assert len(reports(log)) == 1


@pytest.mark.parametrize("proxy_protocol", ON)
async def test_a_proxy_that_names_itself_and_says_nothing_is_a_health_check(
    proxy_protocol: ProxyProtocol, log: pytest.LogCaptureFixture
) -> None:
    async with running(settings(proxy_protocol)) as server:
        for shouted in (b"", b"Hello?\n"):
            with call(server) as caller:
                name, port = own_name(caller), caller.socket.getsockname()[1]
                header = f"PROXY TCP4 127.0.0.1 127.0.0.1 {port} {server.port}\r\n"
                await look(caller, sent=header.encode() + shouted)
    (report,) = reports(log)
    assert (report["peer"], report["shouts"], report["via"]) == (name, "1", None)


async def test_a_health_check_may_shout(log: pytest.LogCaptureFixture) -> None:
    async with running(settings()) as server:
        with call(server) as caller:
            await caller.shout(LOCAL)
            await served(caller)
            await heard_all(caller)
    assert log.records == []


async def test_a_client_that_a_proxy_names_is_told_at_info_also_if_it_says_nothing(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(settings()) as server:
        with call(server) as caller:
            await look(caller, sent=V1_HEADER)
    assert ends(log) == ["finished"]


async def test_without_proxies_a_connection_that_says_nothing_is_told_at_info(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(settings("off")) as server:
        with call(server) as caller:
            await look(caller)
    assert ends(log) == ["finished"]


@pytest.mark.parametrize("header", [b"", *HEADERS])
async def test_a_header_comes_before_tls(
    header: bytes, cert: Path, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    authority = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(authority))
    context = trusting()
    AUTHORITY.issue_cert("client@example.org", common_name='Eve "x" (y)').configure_cert(context)
    proxied = settings("accept", tls_cert=cert, tls_client_ca=authority)
    async with running(proxied) as server:
        with call(server) as caller:
            await caller.shout(header)
            with context.wrap_socket(
                caller.socket, server_hostname="localhost", do_handshake_on_connect=False
            ) as sock:
                secured = TLSCaller(sock)
                await secured.handshake()
                await served(secured)
                secured.hang_up()
                await secured.rest()
    (record,) = [each.__dict__["connection"] for each in log.records]
    assert (record.tls, record.client) == ("TLSv1.3", 'Eve "x" (y)')
    assert 'client="Eve \\"x\\" (y)"' in str(record)
    assert record.peer.startswith("192.0.2.1:" if header else "127.0.0.1:")


async def test_a_stop_gives_a_header_a_second(log: pytest.LogCaptureFixture) -> None:
    async with running(settings()) as server:
        with call(server):
            await anyio.sleep(0.5)
            begin = anyio.current_time()
            await server.drain()
            assert anyio.current_time() - begin == pytest.approx(1)
    assert ends(log) == ["header"]


@pytest.mark.parametrize("sent", [b"Hello?\n", V1_HEADER + b"Hello?\n"])
async def test_a_drain_hears_what_came_with_a_header(sent: bytes) -> None:
    async with running(settings("accept")) as server:
        with call(server) as silent, call(server) as caller:
            await anyio.sleep(0.5)
            await caller.shout(sent)
            await server.drain()
            assert sorted((await caller.rest()).splitlines(True)) == echoes(b"Hello?")
            assert await silent.rest() == b""


async def test_an_address_that_is_unknown_is_not_believed(log: pytest.LogCaptureFixture) -> None:
    async with running(settings()) as server:
        ours, theirs = socket.socketpair()
        server.adopt(theirs, (3, 80))  # of a virtual machine (AF_VSOCK)
        with ours:
            assert await Caller(ours).rest() == b""
    assert ends(log) == ["header"]
