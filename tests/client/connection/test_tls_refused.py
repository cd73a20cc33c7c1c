"""With whom the client does not agree on TLS, and how it says so."""

import errno
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from anyio.abc import SocketStream

import reverb_server
import reverb_server.net.server_tls
import reverb_tui.connection.tls
from reverb_server.net.stream import Gone
from reverb_tui.connection.client import open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.targets import Target, TLSOptions
from reverb_tui.connection.tls import in_words
from tests.client.certificates import Certificates
from tests.client.secured import settings, target
from tests.client.servers import Serving, echo_plainly


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
    monkeypatch.setattr(reverb_tui.connection.tls, "HANDSHAKE_WITHIN", 0.1)

    async def listen(stream: SocketStream) -> None:
        async for _ in stream:
            pass

    async with serving(listen) as plain:
        with pytest.raises(CannotConnect, match="did not agree on TLS within"):
            async with open_client(target(plain.port, None)):
                pass


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
    paths: dict[str, Any] = {name: folder / file for name, file in files.items()}
    options = TLSOptions(**paths)
    with pytest.raises(CannotConnect, match=f"^cannot connect to .*: {sentence}"):
        async with open_client(Target("127.0.0.1", 1, options)):
            pass


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ETIMEDOUT, "the server does not answer any more; check the network and the server"),
        (errno.EHOSTUNREACH, "the server can't be reached any more; check the network"),
        (errno.ENETDOWN, "the server can't be reached any more; check the network"),
    ],
)
def test_what_keepalive_finds_is_said_in_plain_words(number: int, words: str) -> None:
    gone = Gone("as the system says it")
    gone.__cause__ = OSError(number, os.strerror(number))
    assert in_words(gone) == words
