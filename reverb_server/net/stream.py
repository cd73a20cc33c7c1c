"""Bytes over a connected stream socket, with no buffer of its own.

anyio's own TCP stream on asyncio keeps reading while nobody receives, without limit (a client
that flooded at once put 200 MiB into memory, anyio 4.16), and can't send without waiting. This
one leaves what is not read in the kernel, where TCP pushes back on the sender.

This is the only place where the errors of sockets and of both backends are translated: what it
raises is `Gone`.
"""

import contextlib
import errno
import socket
import struct
import sys
from typing import Final, Protocol

import anyio
from anyio.lowlevel import checkpoint

from reverb_server.errors import ReverbError

if sys.platform != "win32":
    import fcntl
    import termios

KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))
"""Ask a silent client after 60 s, then every 10 s, six times: gone within 2 minutes."""

USER_TIMEOUT: Final = 120_000
"""Milliseconds that sent data may stay unacknowledged: meanwhile keepalive does not act. Linux
counts the time as well in which the client is there and reads nothing, so that it must be well
over what a client may take."""

NO_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""The option that makes a close drop what is unsent, and send a reset."""

TIMEOUT_MAX: Final = 2**31 - 1
"""The longest such time that the kernel can be told, 25 days."""


class Gone(ReverbError):
    """The other side is gone: it reset the connection, or can't be reached any more."""


class Stream(Protocol):
    """Bytes to and from the other side, with TLS or without.

    Receiving, sending and waiting raise Gone.
    """

    @property
    def unsent(self) -> int:
        """Bytes that `send_now` took over and that the kernel has not taken."""
        ...

    @property
    def buffered(self) -> bool:
        """Whether something was taken from the kernel and maybe not received yet."""
        ...

    @property
    def says_farewell(self) -> bool:
        """Whether the end is told by more than closing: a close_notify."""
        ...

    @property
    def unacknowledged(self) -> int:
        """Bytes that the kernel has taken and the other side has not; 0 where it can't be known."""
        ...

    def fileno(self) -> int:
        """Return the socket's descriptor, -1 once it is closed."""
        ...

    async def receive(self, limit: int = 65_536) -> bytes:
        """Return what has come, at most ``limit`` bytes or one TLS record; ``b""`` at the end."""
        ...

    def receive_now(self, limit: int = 65_536) -> bytes | None:
        """Return what has come already, ``b""`` at the end of input, None if nothing has."""
        ...

    def send_now(self, data: bytes | memoryview) -> int:
        """Send without waiting; return the number of bytes taken over, maybe 0.

        What was taken over and not sent (`unsent`) goes out with the next call, ``b""`` will do.
        """
        ...

    async def wait_writable(self) -> None:
        """Wait until the kernel takes bytes again."""
        ...

    def half_close(self) -> None:
        """End the output; receiving continues."""
        ...

    def reset_on_close(self) -> None:
        """Make `close` a reset, where the kind of socket has one (TCP)."""
        ...

    def close(self) -> None:
        """Close the socket immediately; a task that waits on it gets Gone."""
        ...


class SocketStream:
    """A connected stream socket (TCP or Unix) that this object owns from now on."""

    __slots__ = ("_again", "_drained", "_socket", "_waited_for")

    unsent = 0  # nothing is kept on the way to the socket
    says_farewell = False  # the kernel tells the end

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._again = b""
        self._drained = True
        self._waited_for = False

    @property
    def buffered(self) -> bool:
        """Whether `unread` put back what was not received again yet."""
        return bool(self._again)

    def fileno(self) -> int:
        """Return the socket's descriptor, -1 once it is closed."""
        return self._socket.fileno()

    @property
    def unacknowledged(self) -> int:
        """Bytes that the kernel has taken and the other side has not; 0 where it can't be known."""
        if sys.platform == "win32":
            return 0
        try:
            answer = fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0\0\0\0")
        except OSError:
            return 0
        return int.from_bytes(answer, sys.byteorder)

    async def receive(self, limit: int = 65_536) -> bytes:
        """Return what has come, at most ``limit`` bytes; ``b""`` at the end of input."""
        if self._drained:
            data = None  # the last read took all there was: it would be asked for in vain
        else:
            # A socket that always has data would otherwise starve every other task.
            await checkpoint()
            data = self.receive_now(limit)
        # Not within an except clause: the exception would be kept for as long as nothing comes.
        while data is None:
            try:
                self._waited_for = True
                await anyio.wait_readable(self._socket)
            except (OSError, ValueError, anyio.ClosedResourceError) as error:
                raise Gone(_reason(error)) from error
            data = self.receive_now(limit)
        self._drained = len(data) < limit
        return data

    def receive_now(self, limit: int = 65_536) -> bytes | None:
        """Return what has come already, ``b""`` at the end of input, None if nothing has."""
        if self._again:
            data, self._again = self._again[:limit], self._again[limit:]
            return data
        try:
            return self._socket.recv(limit)
        except BlockingIOError:
            return None
        except OSError as error:
            raise Gone(_reason(error)) from error

    def unread(self, data: bytes) -> None:
        """Put back what was received, to be received again before anything else."""
        self._again = data + self._again
        self._drained = False

    def send_now(self, data: bytes | memoryview) -> int:
        """Send what the kernel takes without waiting; return the number of bytes, maybe 0."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Gone(_reason(error)) from error

    async def wait_writable(self) -> None:
        """Wait until the kernel takes bytes again."""
        try:
            self._waited_for = True
            await anyio.wait_writable(self._socket)
        except (OSError, ValueError, anyio.ClosedResourceError) as error:
            raise Gone(_reason(error)) from error

    def half_close(self) -> None:
        """Half-close: end the output; receiving continues."""
        with contextlib.suppress(OSError):  # it is gone: the next receive tells
            self._socket.shutdown(socket.SHUT_WR)

    def reset_on_close(self) -> None:
        """Make `close` a reset, where the kind of socket has one (TCP)."""
        with contextlib.suppress(OSError):  # it is gone already
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)

    def close(self) -> None:
        """Close the socket immediately; a task that waits on it gets Gone."""
        if self._waited_for and self._socket.fileno() >= 0:
            with contextlib.suppress(anyio.NoEventLoopError):  # after the loop nobody waits on it
                anyio.notify_closing(self._socket)
        self._socket.close()


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


def _reason(error: Exception) -> str:
    closed = isinstance(error, anyio.ClosedResourceError | ValueError)
    if closed or getattr(error, "errno", None) == errno.EBADF:  # before the wait, or within
        return "the connection was closed here"
    if isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return "the other side reset the connection"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
