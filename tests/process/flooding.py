"""Servers for the real client, each for one connection."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.process.waiting import TIMEOUT

LINES = 10_000
FLOOD = b"".join(b"\t this is line %d of a flood\n" % number for number in range(LINES))


class Flooding:
    """A server that sends a block over and over, as fast as it is taken.

    ``sent`` is how many bytes were taken, ``heard`` is what the client said. Over TCP the kernel
    may have taken 32 MB that the client has not; over a Unix socket (a ``path``) it takes little.
    """

    def __init__(self, block: bytes, path: Path | None = None) -> None:
        self._block = block
        self.sent = 0
        self.heard = b""
        if path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self._listener.listen()
            self.arguments = ("--unix", str(path))
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            host, port = self._listener.getsockname()
            self.arguments = (host, str(port))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            hearing = threading.Thread(target=self._hear, args=[connection], daemon=True)
            with connection:
                hearing.start()
                while True:
                    connection.sendall(self._block)
                    self.sent += len(self._block)

    def _hear(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while data := connection.recv(65_536):
                self.heard += data

    def close(self) -> None:
        """Stop; the client must be gone."""
        self._listener.close()
        self._thread.join(TIMEOUT)


@contextmanager
def flooding(block: bytes, path: Path | None = None) -> Iterator[Flooding]:
    """Run a server that floods with a block while the block of code runs."""
    server = Flooding(block, path)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def saying(data: bytes) -> Iterator[tuple[str, str]]:
    """Run a server that says something to one client; give the arguments that lead to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(data)
                while connection.recv(65_536):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        yield host, str(port)
        thread.join(TIMEOUT)
