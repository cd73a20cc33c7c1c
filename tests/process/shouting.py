"""One shout to a server, and all that comes back."""

import socket

from tests.process.commands import TIMEOUT

ALL_ECHOES = {b"\t HELLO?\n", b"\t Hello?\n", b"\t hello?\n"}


def shout(address: object, family: int = socket.AF_INET) -> set[bytes]:
    """Shout once, half-close, and return the lines that come back."""
    with socket.socket(family) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect(address)  # type: ignore[arg-type]
        sock.sendall(b"Hello?\n")
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as file:
            return set(file)
