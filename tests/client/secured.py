"""A client and servers that speak TLS with each other."""

import hashlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio

from reverb_server import Settings
from reverb_tui.connection.client import Client
from reverb_tui.connection.targets import Target, TLSOptions
from reverb_tui.protocol.events import Event, Heard

Talk = Callable[[ssl.SSLSocket], None]


def settings(cert: Path, delay: float = 0.0, client_ca: Path | None = None) -> Settings:
    return Settings(host="127.0.0.1", port=0, delay=delay, tls_cert=cert, tls_client_ca=client_ca)


def target(port: int, ca: Path | None, cert: Path | None = None, host: str = "127.0.0.1") -> Target:
    return Target(host, port, TLSOptions(ca=ca, cert=cert))


def fingerprint_of(cert: Path) -> str:
    """Return the fingerprint of the first certificate in a file."""
    pem = re.search(
        "-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", cert.read_text(), re.S
    )
    assert pem
    return f"sha256:{hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[0])).hexdigest()}"


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
