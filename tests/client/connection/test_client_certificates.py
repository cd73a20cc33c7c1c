"""A server that wants to know who the client is."""

from pathlib import Path

import reverb_server
import reverb_server.net.server_tls
from reverb_tui.connection.client import open_client
from reverb_tui.connection.connect import CannotConnect
from tests.client.certificates import Certificates
from tests.client.secured import rest, settings, target


async def outcome(port: int, ca: Path, cert: Path | None) -> str | None:
    """Tell why the conversation failed: at the handshake (TLS 1.2), or soon after (TLS 1.3)."""
    try:
        async with open_client(target(port, ca, cert)) as client:
            client.shout(b"Hello?")
            client.half_close()
            await rest(client)
            return client.how_it_ended.why or None
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
