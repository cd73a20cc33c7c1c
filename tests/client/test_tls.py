"""The client over TLS: against a reverb, and against servers made by hand."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

import reverb_server
import reverb_server.contexts
import reverb_tui.tls
from reverb_server import Settings
from reverb_tui.client import CLOSED_FIRST, Client, Ended, Event, Heard, open_client
from reverb_tui.connect import EMBEDDED, CannotConnect, Target, connect
from reverb_tui.tls import TLSOptions, certificate_rows, read_files, secured
from tests.client.certificates import Certificates, issue
from tests.client.servers import Serving, echo_plainly

Talk = Callable[[ssl.SSLSocket], None]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls") / "theirs")


@pytest.fixture(params=["TLSv1.2", "TLSv1.3"])
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the client speak only one version of TLS, and return its name."""
    name: str = request.param

    def limited(*files: Path | None) -> ssl.SSLContext:
        context = reverb_server.contexts.client_context(*files)
        context.maximum_version = ssl.TLSVersion[name.replace(".", "_")]
        return context

    monkeypatch.setattr(reverb_tui.tls, "client_context", limited)
    return name


def settings(cert: Path, delay: float = 0.0, client_ca: Path | None = None) -> Settings:
    return Settings(host="127.0.0.1", port=0, delay=delay, tls_cert=cert, tls_client_ca=client_ca)


def target(port: int, ca: Path | None, cert: Path | None = None, host: str = "127.0.0.1") -> Target:
    return Target(host, port, TLSOptions(ca=ca, cert=cert))


async def rest(client: Client) -> list[Event]:
    with anyio.fail_after(20):
        return [event async for event in client.events()]


def lines_of(events: list[Event]) -> list[bytes]:
    return [line for event in events if isinstance(event, Heard) for line in event.lines]


@contextmanager
def server_by_hand(cert: Path, talk: Talk) -> Iterator[int]:
    """Serve one connection in a thread with the standard library's own TLS; give the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def serve() -> None:
            sock, _ = listener.accept()
            sock.settimeout(20)
            with context.wrap_socket(sock, server_side=True, suppress_ragged_eofs=False) as tls:
                talk(tls)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(20)
        assert not thread.is_alive()


def read_to_end(tls: ssl.SSLSocket) -> bytes:
    """Read up to the client's close_notify; an end without it raises."""
    data = bytearray()
    while chunk := tls.recv(65_536):
        data += chunk
    return bytes(data)


async def test_half_close_still_gets_every_pending_echo(
    certificates: Certificates, version: str
) -> None:
    async with (
        reverb_server.running(settings(certificates.server, delay=0.05)) as server,
        open_client(target(server.port, certificates.ca)) as client,
    ):
        client.shout("Hello?")
        client.half_close()
        events = await rest(client)
        assert client.tls is not None
        assert client.tls.startswith(version)
    assert lines_of(events) == [b"\t HELLO?", b"\t Hello?", b"\t hello?"]
    assert events[-1] == Ended(None)


async def test_what_the_servers_certificate_says_is_known(
    certificates: Certificates, version: str
) -> None:
    async with (
        reverb_server.running(settings(certificates.server)) as server,
        open_client(target(server.port, certificates.ca)) as client,
    ):
        rows = dict(client.certificate)
    assert list(rows) == ["certificate", "subject", "issuer", "valid until"]
    assert rows["certificate"] == "localhost, 127.0.0.1, 0:0:0:0:0:0:0:1"
    assert rows["issuer"].startswith("trustme ")


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
        ("issuer", "<U+202E>evil<U+009B>"),
        ("valid until", "2018-01-05 09:34 UTC"),
    ]


async def test_without_tls_there_is_no_certificate() -> None:
    async with open_client(EMBEDDED) as client:
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
    assert events[-1] == Ended(None)


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
    assert events[-1] == Ended(None)
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
    assert events[-1] == Ended(CLOSED_FIRST)


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
        "the connection broke: the other side closed the connection without ending it"
    )


async def test_it_never_takes_what_it_can_not_verify(
    certificates: Certificates, strangers: Certificates, version: str
) -> None:
    ours = certificates
    for cert, ca, sentence in (
        (ours.expired, ours.ca, "its certificate has expired"),
        (ours.not_yet_valid, ours.ca, "its certificate is not valid yet"),
        (ours.other_name, ours.ca, "its certificate is for another name"),
        (ours.server, strangers.ca, "its certificate is from an issuer unknown here"),
        (ours.server, None, "its certificate is from an issuer unknown here"),
    ):
        async with reverb_server.running(settings(cert)) as server:
            with pytest.raises(
                CannotConnect,
                match=rf"^cannot connect to 127\.0\.0\.1:{server.port} \(TLS\): {sentence}; ",
            ):
                async with open_client(target(server.port, ca)):
                    pass


async def test_a_certificate_for_a_name_is_none_for_an_address(
    certificates: Certificates,
) -> None:
    async with reverb_server.running(settings(certificates.other_name)) as server:
        with pytest.raises(CannotConnect, match="another name"):
            async with open_client(target(server.port, certificates.ca, host="localhost")):
                pass


async def say(data: bytes, stream: SocketStream) -> None:
    await stream.receive()
    await stream.send(data)
    await stream.receive()


async def hang_up(stream: SocketStream) -> None:
    await stream.receive()


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (partial(say, b"220 mail.example.org ESMTP\r\n"), "the server speaks no TLS there"),
        (partial(say, b"\t \x16\x03\x01\x02\x03\n"), "the server speaks no TLS there"),
        (echo_plainly, "the server speaks no TLS there"),
        (partial(say, b"\x15\x03\x01\x00\x02\x02\x46"), "the server speaks no TLS that is safe"),
        (partial(say, b"\x15\x03\x01\x00\x02\x02\x50"), "TLS failed: tlsv1 alert internal error"),
        (hang_up, "the server closed the connection instead of agreeing on TLS"),
    ],
)
async def test_a_server_that_does_not_agree_on_tls_is_told_in_a_sentence(
    serving: Serving, handler: Callable[[SocketStream], object], sentence: str
) -> None:
    async with serving(handler) as plain:  # type: ignore[arg-type]
        with pytest.raises(CannotConnect, match=f"^cannot connect to .*: {sentence}"):
            async with open_client(target(plain.port, None)):
                pass


async def test_a_server_that_says_nothing_is_not_waited_for_for_ever(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverb_tui.tls, "HANDSHAKE", 0.1)

    async def listen(stream: SocketStream) -> None:
        async for _ in stream:
            pass

    async with serving(listen) as plain:
        with pytest.raises(CannotConnect, match="did not agree on TLS within"):
            async with open_client(target(plain.port, None)):
                pass


async def outcome(port: int, ca: Path, cert: Path | None) -> str | None:
    """Tell why the conversation failed: at the handshake (TLS 1.2), or soon after (TLS 1.3)."""
    try:
        async with open_client(target(port, ca, cert)) as client:
            client.shout("Hello?")
            client.half_close()
            await rest(client)
            return client.reason
    except CannotConnect as refusal:
        return str(refusal)


async def test_a_server_that_demands_a_client_certificate_gets_it(
    certificates: Certificates, version: str
) -> None:
    demanding = settings(certificates.server, client_ca=certificates.ca)
    async with reverb_server.running(demanding) as server:
        assert await outcome(server.port, certificates.ca, certificates.client) is None


async def test_a_client_certificate_that_is_missing_is_said(
    certificates: Certificates, version: str
) -> None:
    demanding = settings(certificates.server, client_ca=certificates.ca)
    async with reverb_server.running(demanding) as server:
        reason = await outcome(server.port, certificates.ca, None)
    assert reason is not None
    assert "demand" in reason
    assert "client certificate" in reason
    assert "--tls-cert" in reason


async def test_a_client_certificate_that_is_refused_is_said(
    certificates: Certificates, strangers: Certificates, version: str
) -> None:
    demanding = settings(certificates.server, client_ca=certificates.ca)
    async with reverb_server.running(demanding) as server:
        for cert, sentence in (
            (strangers.client, "the server does not know the issuer of the client certificate"),
            (certificates.expired, "the server refused the client certificate as expired"),
        ):
            reason = await outcome(server.port, certificates.ca, cert)
            assert reason is not None
            assert sentence in reason


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"ca": "missing"}, "cannot read '.*missing': no such file or directory; check --tls-ca"),
        ({"cert": "missing"}, "cannot read '.*missing': .*; check --tls-cert"),
        ({"cert": "client.pem", "key": "missing"}, "cannot read .*; check --tls-key"),
        ({"ca": ""}, "cannot read '.*': is a directory; check --tls-ca"),
        ({"ca": "nonsense"}, "'.*nonsense' has no certificates in PEM; check --tls-ca"),
        ({"cert": "nonsense"}, "'.*nonsense': not a certificate and its key in PEM"),
        ({"cert": "ca.pem"}, "'.*ca.pem': not a certificate and its key in PEM"),
        ({"cert": "ca.pem", "key": "client.pem"}, "'.*ca.pem' and '.*client.pem': not a"),
    ],
)
async def test_bad_files_are_one_sentence_before_anything_is_sent(
    certificates: Certificates, files: dict[str, str], sentence: str
) -> None:
    folder = certificates.ca.parent
    (folder / "nonsense").write_text("nonsense")
    options = TLSOptions(**{name: folder / file for name, file in files.items()})
    with pytest.raises(CannotConnect, match=f"^cannot connect to .*: {sentence}"):
        async with open_client(Target("127.0.0.1", 1, options)):
            pass
