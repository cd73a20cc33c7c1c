"""The way into a server: its listeners, which accept connections or refuse them."""

import contextlib
import socket
import sys
from typing import Any

import anyio
from anyio.abc import TaskGroup

from reverb_server.net.accepting import Adopt, accept, accept_waiting
from reverb_server.net.listeners import BACKLOG, CannotListen, bind_again, listen_again
from reverb_server.net.stream import tune
from reverb_server.net.withdrawing import withdraw


class Acceptor:
    """The listeners of a server, and an accept loop for each.

    ``listeners`` is the owner's list, whose sockets are others after `refuse`; ``adopt`` takes
    what comes in, and ``group`` runs the loops. A client may take nothing for ``patience`` seconds.
    Others may use ``shared`` listeners as well, and after the server.
    """

    def __init__(
        self,
        listeners: list[socket.socket],
        adopt: Adopt,
        group: TaskGroup,
        patience: float,
        *,
        shared: bool,
    ) -> None:
        self._listeners = listeners
        self._adopt = adopt
        self._group = group
        self._patience = patience
        self._shared = shared
        self._changing = anyio.Lock()
        self._accepting = anyio.CancelScope()
        self._stopped = anyio.Event()
        self._open = self._closed = False

    def start(self) -> None:
        """Accept what comes in; the listeners listen."""
        self._open = True
        self._accepting, self._stopped = anyio.CancelScope(), anyio.Event()
        if sys.platform == "linux":  # there, what comes in by a listener is tuned as that is
            for listener in self._listeners:
                tune(listener, self._patience)
        self._group.start_soon(self._accept)

    async def refuse(self) -> None:
        """Refuse what comes in, on the same addresses.

        Raises CannotListen if they can't be kept; then it refuses for good. Shared ones can't be
        taken from others, and go on as they are.
        """
        if self._shared:
            raise CannotListen("cannot refuse on sockets that were given: others may use them")
        async with self._changing:
            if self._open:
                await self._stop()
                try:
                    for place, listener in enumerate(self._listeners):
                        self._listeners[place] = await bind_again(listener)
                except CannotListen:
                    self._close()
                    raise

    async def accept(self) -> None:
        """Accept again what comes in, unless it is closed. Raises CannotListen."""
        async with self._changing:
            if not self._open and not self._closed:
                for listener in self._listeners:
                    listen_again(listener)
                self.start()

    async def close(self) -> None:
        """Take what has already connected, and close the listeners."""
        async with self._changing:
            if self._open:
                if not self._shared:
                    await anyio.sleep(withdraw(self._listeners))
                await self._stop()
            self._close()

    def _close(self) -> None:
        self._closed = True
        for listener in self._listeners:
            listener.close()

    async def _accept(self) -> None:
        try:
            with self._accepting:
                async with anyio.create_task_group() as loops:
                    for listener in self._listeners:
                        loops.start_soon(accept, listener, self._take)
        finally:
            self._stopped.set()

    async def _stop(self) -> None:
        """End the accept loops, and take what has already connected."""
        self._open = False
        self._accepting.cancel()
        await self._stopped.wait()  # closing a socket that is waited on would confuse the loop
        for listener in self._listeners:
            with contextlib.suppress(OSError):  # out of descriptors: those can't be helped
                accept_waiting(listener, self._take, BACKLOG)

    def _take(self, sock: socket.socket, address: Any) -> None:  # noqa: ANN401
        if sys.platform != "linux":
            tune(sock, self._patience)
        self._adopt(sock, address)
