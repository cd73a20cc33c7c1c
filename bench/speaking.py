"""A server for one client, which says what it is told to."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress


class Speaker:
    """The server; ``heard`` is what its client said.

    ``sent`` is how many bytes the client took, or the kernel's buffers for it.
    """

    def __init__(self, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.connected = threading.Event()
        self.heard = b""
        self.sent = 0
        self._listener = listener

    def serve(self) -> None:
        with suppress(OSError), self._listener.accept()[0] as self._connection:
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connected.set()
            while data := self._connection.recv(65_536):
                self.heard += data

    def say(self, data: bytes) -> float:
        """Send it to the client, once it is connected; return the instant."""
        self.connected.wait()
        instant = time.monotonic()
        self._connection.sendall(data)
        self.sent += len(data)
        return instant

    def pour(self, blocks: Iterable[bytes]) -> None:
        """Send all of these in a thread, as fast as the client takes them, while it is there."""

        def run() -> None:
            with suppress(OSError):
                for block in blocks:
                    self.say(block)

        threading.Thread(target=run, daemon=True).start()


@contextmanager
def speaking() -> Iterator[Speaker]:
    """Run a server while the block runs, in which its client ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Speaker(listener)
        threading.Thread(target=server.serve, daemon=True).start()
        yield server
