"""The accept loop, which survives every error of the machine.

anyio's own listener ends at the first error of accept (EMFILE, say), and an error in one handler
ends them all; this one ends when it is cancelled.
"""

import contextlib
import errno
import logging
import socket
from collections.abc import Callable
from typing import Any, Final

import anyio
from anyio.lowlevel import checkpoint

GONE: Final = (errno.ECONNABORTED, errno.EPROTO)
"""Errors of accept for a connection that was gone before it was accepted."""

PAUSE: Final = 0.1
"""Seconds to wait when the machine can't have one more connection (EMFILE, ENOMEM, ...)."""

ACCEPTS_IN_A_ROW: Final = 64
"""Connections accepted before other tasks get their turn."""

KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))
"""Ask a silent client after 60 s, then every 10 s, six times: gone within 2 minutes."""

USER_TIMEOUT: Final = 120_000
"""Milliseconds that sent data may stay unacknowledged: meanwhile keepalive does not act. Linux
counts the time as well in which the client is there and reads nothing, so that it must be well
over what a client may take."""

TIMEOUT_MAX: Final = 2**31 - 1
"""The longest such time that the kernel can be told, 25 days."""

Adopt = Callable[[socket.socket, Any], None]
"""Takes a connected socket, and the address of its other end."""

log = logging.getLogger("reverb_server")


async def accept(listener: socket.socket, adopt: Adopt) -> None:
    """Hand every connection that comes in to ``adopt``, until cancelled."""
    await checkpoint()  # it may be cancelled, and its listener closed, before it runs
    exhausted = False
    while True:
        await anyio.wait_readable(listener)
        try:
            accept_waiting(listener, adopt, ACCEPTS_IN_A_ROW)
        except OSError as error:
            if not exhausted:
                log.warning("cannot accept connections for now: %s", error.strerror)
            exhausted = True
            await anyio.sleep(PAUSE)
        else:
            if exhausted:
                log.warning("accepting connections again")
            exhausted = False
            await checkpoint()


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


def tune(sock: socket.socket, patience: float = 0.0) -> None:
    """Send every echo at once, and find out about clients that vanished without a word.

    A client may take nothing for ``patience`` seconds, or for as long as it likes if that is 0.
    """
    options = list(KEEPALIVE)
    if patience:
        timeout = int(min(max(USER_TIMEOUT, patience * 2000), TIMEOUT_MAX))
        options.append(("TCP_USER_TIMEOUT", timeout))
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with contextlib.suppress(OSError):  # it is gone already: the first read tells
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in options:
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
