"""The admin address: it listens before its server does, and answers until that has ended."""

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

import anyio
from anyio.abc import TaskGroup

from reverb_server.admin.http import PATIENCE, converse
from reverb_server.admin.metrics import Metrics
from reverb_server.admin.pages import Pages
from reverb_server.admin_address import parse_admin
from reverb_server.net.accepting import accept
from reverb_server.net.connection_log import cause, peer_name
from reverb_server.net.detached import detached
from reverb_server.net.listeners import listen, listen_unix
from reverb_server.net.listening import Listening
from reverb_server.net.server import Server
from reverb_server.net.service import Service
from reverb_server.net.stream import Gone, SocketStream, tune

CONNECTIONS: Final = 16
"""Connections at a time; the oldest is closed for one more, so that nobody can occupy all."""

ACCEPTED_IN_A_ROW: Final = CONNECTIONS // 4
"""So few that one whose request has come is answered before it can be the oldest."""

log = logging.getLogger("reverb_server")


class Admin:
    """An admin address that listens; get one from `running_admin`."""

    def __init__(self, listeners: list[socket.socket], group: TaskGroup) -> None:
        self.listening = Listening.on(listeners)
        self.where = " and ".join(
            (
                *(f"http://{peer_name(address)}" for address in self.listening.addresses),
                *(f"unix:{path} (http)" for path in self.listening.unix_paths),
            )
        )
        """Where it listens, for people: ``http://127.0.0.1:9100 and http://[::1]:9100``."""
        self._listeners = listeners
        self._group = group
        self._open: dict[SocketStream, None] = {}  # the oldest first

    def show(self, service: Service) -> None:
        """Answer for a server from now on; what came before waits for that. Call it once."""
        pages = Pages(service, Metrics(this_process=isinstance(service, Server)))

        def take(sock: socket.socket, _address: Any) -> None:  # noqa: ANN401
            tune(sock, PATIENCE)
            stream = SocketStream(sock)
            while len(self._open) >= CONNECTIONS:
                oldest = next(iter(self._open))
                del self._open[oldest]
                oldest.close()
            self._open[stream] = None
            self._group.start_soon(self._serve, stream, pages)

        for listener in self._listeners:
            self._group.start_soon(accept, listener, take, ACCEPTED_IN_A_ROW)

    def close(self) -> None:
        """Close the listeners and all connections; their tasks have ended."""
        for listener in self._listeners:
            listener.close()
        for stream in self._open:
            stream.close()

    async def _serve(self, stream: SocketStream, pages: Pages) -> None:
        """Serve one connection; whatever goes wrong in it ends here."""
        try:
            await converse(stream, pages.respond)
        except Gone:
            pass
        except Exception as error:
            log.error("an error of the admin address:\n%s", cause(error))
        finally:
            self._open.pop(stream, None)


def running_admin(address: str) -> AbstractAsyncContextManager[Admin]:
    """Listen at an admin address while the block runs: ``HOST:PORT``, ``PORT``, ``unix:PATH``.

    Begin it before the server, so that it also answers while that drains; it answers from
    `Admin.show` on. The block may be left in another task than the one that entered it. Raises
    BadAddress, and CannotListen if the machine refuses.
    """
    return detached(_running(address))


@asynccontextmanager
async def _running(text: str) -> AsyncIterator[Admin]:
    address = parse_admin(text)
    if address.unix is not None:
        listeners = [await listen_unix(address.unix)]
    else:
        listeners = await listen(address.host, address.port or 0)
    group = anyio.create_task_group()
    admin = Admin(listeners, group)
    try:
        async with group:
            yield admin
            group.cancel_scope.cancel()
    finally:
        admin.close()
