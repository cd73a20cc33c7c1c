"""The accept loop, which survives every error of the machine.

anyio's own listener ends at the first error of accept (EMFILE, say), and an error in one handler
ends them all; this one ends when it is cancelled.
"""

import errno
import logging
import socket
from collections.abc import Callable
from typing import Any, Final

import anyio
from anyio.lowlevel import checkpoint

from reverb_server.net.eventloop import whenever_readable

GONE: Final = (errno.ECONNABORTED, errno.EPROTO)
"""Errors of accept for a connection that was gone before it was accepted."""

EXHAUSTED_PAUSE: Final = 0.1
"""Seconds to wait when the machine can't have one more connection (EMFILE, ENOMEM, ...)."""

ACCEPTS_IN_A_ROW: Final = 64
"""Connections accepted before other tasks get their turn."""

Adopt = Callable[[socket.socket, Any], None]
"""Takes a connected socket, and the address of its other end."""

log = logging.getLogger("reverb_server")


async def accept(listener: socket.socket, adopt: Adopt, in_a_row: int = ACCEPTS_IN_A_ROW) -> None:
    """Hand every connection that comes in to ``adopt``, until cancelled.

    Other tasks get their turn after each ``in_a_row`` of them.
    """
    await checkpoint()  # it may be cancelled, and its listener closed, before it runs
    door = _Door(listener, adopt, in_a_row)
    while True:
        await door.accept_until_exhausted()
        await anyio.sleep(EXHAUSTED_PAUSE)


class _Door:
    """A listener that may have to pause."""

    def __init__(self, listener: socket.socket, adopt: Adopt, in_a_row: int) -> None:
        self._listener = listener
        self._adopt = adopt
        self._in_a_row = in_a_row
        self._exhausted = False
        self._open = anyio.CancelScope()

    async def accept_until_exhausted(self) -> None:
        """Accept until the machine can't have one more connection."""
        with anyio.CancelScope() as self._open:
            await whenever_readable(self._listener, self._accept)

    def _accept(self) -> None:
        try:
            accept_waiting(self._listener, self._adopt, self._in_a_row)
        except OSError as error:
            if not self._exhausted:
                log.warning("cannot accept connections for now: %s", error.strerror)
            self._exhausted = True
            self._open.cancel()
        else:
            if self._exhausted:
                log.warning("accepting connections again")
            self._exhausted = False


def accept_waiting(listener: socket.socket, adopt: Adopt, most: int) -> None:
    """Hand the connections that wait already to ``adopt``, at most ``most`` of them.

    Raises OSError if the machine can't have one more for now.
    """
    for _ in range(most):
        try:
            sock, address = listener.accept()
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno not in GONE:
                raise
            continue
        adopt(sock, address)
