"""A running server: listeners, an accept loop for each, and a task for each connection.

``async with running(settings) as server`` is all there is to it, for the command line, for the
client's embedded server, and for anyone's tests. Signals and the garbage collector belong to the
command line, not here.
"""

import errno
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import anyio
from anyio.abc import TaskGroup
from anyio.from_thread import start_blocking_portal
from anyio.lowlevel import checkpoint

from reverb_server.clock import Clock
from reverb_server.connection import Connection
from reverb_server.listeners import listen
from reverb_server.plain import Plain
from reverb_server.reverb import Reverb
from reverb_server.settings import Settings
from reverb_server.stream import Gone, SocketStream

MAX_LINE: Final = 65_536
"""The longest line that is echoed, in bytes without its line ending."""

EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""What accept says when the machine can't have one more connection now, but may have one soon."""

PAUSE: Final = 0.1
"""Seconds to wait for resources to come back."""

ACCEPTS_IN_A_ROW: Final = 64
"""Connections accepted before other tasks get their turn."""

KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))
"""Ask a silent client after 60 s, then every 10 s, six times: gone within 2 minutes."""

USER_TIMEOUT: Final = 120_000
"""Milliseconds that sent data may stay unacknowledged: meanwhile keepalive does not act."""

log = logging.getLogger("reverb_server")


class Server:
    """A server that is running; get one from `running` or `running_in_thread`."""

    def __init__(
        self, settings: Settings, listeners: list[socket.socket], connections: TaskGroup
    ) -> None:
        self.settings = settings
        self.addresses: tuple[tuple[str, int], ...] = tuple(
            listener.getsockname()[:2] for listener in listeners
        )
        """Every (address, port) it really listens on."""
        self.clock = Clock()
        self._listeners = listeners
        self._connections = connections

    @property
    def port(self) -> int:
        """The port it really listens on, the same for every address."""
        return self.addresses[0][1]

    def adopt(self, sock: socket.socket) -> None:
        """Serve a connected stream socket of any kind, and own it from now on."""
        _tune(sock)
        self._connections.start_soon(self._serve, SocketStream(sock))

    async def accept(self, listener: socket.socket) -> None:
        """Adopt every connection that comes in, until cancelled."""
        exhausted = False
        while True:
            await anyio.wait_readable(listener)
            for _ in range(ACCEPTS_IN_A_ROW):
                try:
                    sock, _ = listener.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    if error.errno not in EXHAUSTED:
                        continue  # of that connection alone: it was gone before it was accepted
                    if not exhausted:
                        log.warning("cannot accept connections for now: %s", error.strerror)
                    exhausted = True
                    await anyio.sleep(PAUSE)
                    break
                exhausted = False
                self.adopt(sock)
            await checkpoint()

    async def _serve(self, stream: SocketStream) -> None:
        """Serve one connection; whatever goes wrong in it ends here."""
        try:
            await Connection(stream, self._echo(), self.clock).run()
        except Gone as gone:
            log.debug("connection lost: %s", gone)
        except Exception:
            log.exception("an error ended a connection")

    def _echo(self) -> Reverb | Plain:
        mode = self.settings.mode
        if mode == "plain":
            return Plain()
        return Reverb(delay=self.settings.delay, mode=mode, max_line=MAX_LINE)


@asynccontextmanager
async def running(settings: Settings, *, accepting: bool = True) -> AsyncIterator[Server]:
    """Run a server in the current event loop while the block runs.

    ``accepting=False`` gives one that serves only what it is given to `Server.adopt`. Raises
    `reverb_server.CannotListen` if the machine refuses; what the block raises comes out as it is.
    """
    listeners = await listen(settings.host, settings.port) if accepting else []
    problem: Exception | None = None
    try:
        async with anyio.create_task_group() as connections:
            server = Server(settings, listeners, connections)
            connections.start_soon(server.clock.run)
            for listener in listeners:
                connections.start_soon(server.accept, listener)
            try:
                yield server
            except Exception as error:
                problem = error  # raised below, where the group can't wrap it
            connections.cancel_scope.cancel()
    finally:
        for listener in listeners:
            listener.close()
    if problem is not None:
        raise problem


@contextmanager
def running_in_thread(settings: Settings) -> Iterator[Server]:
    """Run a server in a thread of its own while the block runs, for code that is not async.

    Raises `reverb_server.CannotListen` if the machine refuses.
    """
    with (
        start_blocking_portal(settings.backend) as portal,
        portal.wrap_async_context_manager(running(settings)) as server,
    ):
        yield server


def _tune(sock: socket.socket) -> None:
    """Send every echo at once, and find out about clients that vanished without a word."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (*KEEPALIVE, ("TCP_USER_TIMEOUT", USER_TIMEOUT)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
