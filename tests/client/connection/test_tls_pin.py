"""A server that is trusted by the fingerprint of its certificate, or under another name."""

import ssl
from pathlib import Path

import pytest

import reverb_server
from reverb_tui.connection.client import open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.targets import Target, TLSOptions
from reverb_tui.protocol.events import Ended, Ending
from tests.client.certificates import Certificates
from tests.client.secured import fingerprint_of, lines_of, rest, server_by_hand, settings

ECHOES = [b"\t HELLO?", b"\t Hello?", b"\t hello?"]


async def echoes(port: int, options: TLSOptions) -> list[bytes]:
    async with open_client(Target("127.0.0.1", port, options)) as client:
        client.shout(b"Hello?")
        client.half_close()
        events = await rest(client)
    assert events[-1] == Ended(Ending.AS_ASKED)
    return lines_of(events)


@pytest.mark.parametrize("kind", ["server", "other_name", "expired", "not_yet_valid"])
async def test_a_pin_trusts_its_certificate_whatever_it_says(
    certificates: Certificates, version: str, kind: str
) -> None:
    cert: Path = getattr(certificates, kind)
    async with reverb_server.running(settings(cert)) as server:
        assert await echoes(server.port, TLSOptions(pin=fingerprint_of(cert))) == ECHOES


async def test_a_pin_and_a_client_certificate_go_together(
    certificates: Certificates, version: str
) -> None:
    demanding = settings(certificates.other_name, client_ca=certificates.ca)
    options = TLSOptions(cert=certificates.client, pin=fingerprint_of(certificates.other_name))
    async with reverb_server.running(demanding) as server:
        assert await echoes(server.port, options) == ECHOES


async def test_another_certificate_than_the_pinned_one_hears_nothing(
    certificates: Certificates, version: str
) -> None:
    heard: list[bytes] = []

    def listen(tls: ssl.SSLSocket) -> None:
        try:
            while data := tls.recv(65_536):
                heard.append(data)
        except OSError:
            pass

    shown = fingerprint_of(certificates.server)
    with server_by_hand(certificates.server, listen) as port:
        options = TLSOptions(pin=fingerprint_of(certificates.other_name))
        with pytest.raises(CannotConnect, match=f"its certificate is another one, {shown}; "):
            async with open_client(Target("127.0.0.1", port, options)) as client:
                client.shout(b"secret")
    assert heard == []


@pytest.mark.parametrize("kind", ["server", "other_name", "expired", "not_yet_valid"])
async def test_a_certificate_that_is_refused_is_told_by_its_fingerprint(
    certificates: Certificates, strangers: Certificates, version: str, kind: str
) -> None:
    cert: Path = getattr(certificates, kind)
    async with reverb_server.running(settings(cert)) as server:
        with pytest.raises(CannotConnect, match=f" with --tls-pin {fingerprint_of(cert)}$"):
            await echoes(server.port, TLSOptions(ca=strangers.ca))


async def test_the_name_to_check_can_be_another_one(
    certificates: Certificates, version: str
) -> None:
    async with reverb_server.running(settings(certificates.other_name)) as server:
        right = TLSOptions(ca=certificates.ca, name="example.org")
        assert await echoes(server.port, right) == ECHOES
        for wrong in ("example.net", "127.0.0.1", ".example.org", "x" * 70, "-"):
            with pytest.raises(CannotConnect, match="its certificate is for another name"):
                await echoes(server.port, TLSOptions(ca=certificates.ca, name=wrong))
