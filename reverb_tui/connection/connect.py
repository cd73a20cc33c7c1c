"""Connect to a server, wherever it is."""

import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import anyio

import reverb_server
from reverb_server.address_syntax import LOCALHOST
from reverb_server.errors import ReverbError
from reverb_server.net.daemon_thread import in_daemon_thread
from reverb_server.net.stream import SocketStream, Stream, tune
from reverb_tui.connection.racing import SocketAddress, first_to_answer
from reverb_tui.connection.targets import AnyTarget, Embedded, Target, UnixTarget
from reverb_tui.connection.tls import (
    NotSecure,
    NotTrusted,
    certificate_context,
    read_files,
    secured,
)

TIMEOUT: Final = 15.0
"""Seconds after which nothing is expected any more."""

SHOW: Final = 5.0
"""Seconds for a server to show its certificate once more."""

FULL: Final = 0.05
"""Seconds between two tries where a Unix socket's queue is full: nothing tells when it is not."""


class CannotConnect(ReverbError):
    """No connection; the text is one sentence for the user: where to, what happened, what to do."""


@asynccontextmanager
async def connected(target: AnyTarget, patience: float = 0.0) -> AsyncIterator[Stream]:
    """Open a stream to the server while the block runs; for ``patience`` see `connect`.

    Raises CannotConnect.
    """
    if isinstance(target, Embedded):
        async with reverb_server.running(target.settings, accepting=False) as server:
            ours, theirs = socket.socketpair()
            server.adopt(theirs)
            own = SocketStream(ours)
            try:
                yield own
            finally:
                own.close()
        return
    stream = await (
        connect_unix(target) if isinstance(target, UnixTarget) else _connect_tcp(target, patience)
    )
    try:
        yield stream
    finally:
        stream.close()


async def _connect_tcp(target: Target, patience: float) -> Stream:
    """Connect, and agree on TLS if it is to be used. Raises CannotConnect."""
    if target.tls is None:
        return await connect(target, patience)
    stream: SocketStream | None = None
    try:
        context = await read_files(target.tls)
        stream = await connect(target, patience)
        return await secured(stream, target.host, context, target.tls)
    except BaseException as error:
        if stream is not None:
            stream.close()
        if isinstance(error, NotSecure):
            pin = await _fingerprint(target) if isinstance(error, NotTrusted) else ""
            trust = f", or trust it alone with --tls-pin {pin}" if pin else ""
            raise CannotConnect(f"cannot connect to {target}: {error}{trust}") from error
        raise


async def _fingerprint(target: Target) -> str:
    """Return the fingerprint of a certificate that was refused; "" if it can't be seen.

    OpenSSL does not tell it after a handshake that failed: so the server is asked once more, and
    left as soon as it has shown itself.
    """
    with anyio.move_on_after(SHOW), suppress(CannotConnect, NotSecure):
        stream = await connect(target)
        try:
            secure = await secured(stream, target.host, certificate_context(), target.tls)
            return secure.fingerprint
        finally:
            stream.close()
    return ""


_RESET: Final = {errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ENOTCONN}
"""Errors of a connection that was made, and reset before it could be used."""


async def connect(target: Target, patience: float = 0.0) -> SocketStream:
    """Connect over TCP by the first address of the host that answers. Raises CannotConnect.

    A server that is gone without a word is found out by keepalive; while something is under way
    to it, only where it may read nothing for ``patience`` seconds at most. A reverb may for hours,
    if it is sent more than it holds.
    """
    addresses: list[SocketAddress] = []
    errors: list[OSError] = []
    with anyio.move_on_after(TIMEOUT):
        try:
            addresses = _known(target) or await in_daemon_thread(lambda: _look_up(target))
        except (OSError, UnicodeError, ValueError, OverflowError) as error:
            raise CannotConnect(_not_found(target, error)) from error
        sock = await first_to_answer(addresses, _connect, errors)
        if sock is not None:
            tune(sock, patience)
            return SocketStream(sock)
    raise CannotConnect(_not_reached(target, errors, len(addresses)))


async def connect_unix(target: UnixTarget) -> SocketStream:
    """Connect to a Unix socket. Raises CannotConnect."""
    where = f"cannot connect to {target}"
    if not hasattr(socket, "AF_UNIX"):
        raise CannotConnect(f"{where}: this system has no Unix sockets here; use --host")
    try:
        with anyio.fail_after(TIMEOUT):
            while True:
                # Looking for the file may take as long as its disk does.
                sock = await in_daemon_thread(lambda: _connect_at_once(target))
                if sock is not None:
                    return SocketStream(sock)
                await anyio.sleep(FULL)
    except OSError as error:
        path, problem = target.path, error
        reason = await in_daemon_thread(lambda: _why_not(path, problem))
        raise CannotConnect(f"{where}: {reason}") from error


def _connect_at_once(target: UnixTarget) -> socket.socket | None:
    """Return a socket that is connected; None if the server's queue is full. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.setblocking(False)
        number = sock.connect_ex(os.fsencode(target.path))
        if not number:
            return sock
        if number != errno.EAGAIN:
            raise OSError(number, os.strerror(number))
    except BaseException:
        sock.close()
        raise
    sock.close()
    return None


def _why_not(path: Path, error: OSError) -> str:
    match error:
        case TimeoutError():
            return f"the server took no connection within {TIMEOUT:g} seconds; it is too busy"
        case FileNotFoundError():
            return "there is no such file; start a server there, or check --unix"
        case ConnectionRefusedError():
            with suppress(OSError):
                if not path.is_socket():
                    return "that is no socket; check --unix"
            return "nothing is listening there: start a server, or check --unix"
        case PermissionError():
            return "permission denied; only the user who runs the server may connect"
    return f"{error.strerror.lower() if error.strerror else error}; check --unix"


def _known(target: Target) -> list[SocketAddress]:
    """Return the addresses of a host that needs no look-up, and so no thread."""
    if target.host.lower() == "localhost":
        return [(family, (address, target.port)) for family, address in LOCALHOST]
    try:
        return _look_up(target, socket.AI_NUMERICHOST)
    except (OSError, ValueError, OverflowError):
        return []


def _look_up(target: Target, flags: int = 0) -> list[SocketAddress]:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys((int(family), name) for family, _, _, _, name in found))


async def _connect(address: SocketAddress) -> socket.socket:
    family, name = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        number = sock.connect_ex(name)
        if number in (errno.EINPROGRESS, errno.EWOULDBLOCK):  # the second on Windows
            await anyio.wait_writable(sock)
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise OSError(number, os.strerror(number))
        # Where nothing listens on a port for outgoing connections, a socket can be given that very
        # port and so meet itself, by TCP's simultaneous open (RFC 9293, section 3.5).
        if sock.getsockname() == sock.getpeername():
            raise OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    except BaseException:
        sock.close()
        raise
    return sock


def _not_found(target: Target, error: Exception) -> str:
    where = f"cannot connect to {target}"
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return f"{where}: its name could not be looked up; check the name and the network"
    return f"{where}: there is no host of that name; check the name"


def _not_reached(target: Target, errors: list[OSError], tried: int) -> str:
    where = f"cannot connect to {target}"
    numbers = {error.errno for error in errors}
    if numbers & _RESET:
        return f"{where}: the other side reset the connection at once; check the host and the port"
    if errno.ECONNREFUSED in numbers:
        return f"{where}: nothing is listening there: start a server, or check the host and port"
    if len(errors) < max(1, tried):
        return f"{where}: no answer within {TIMEOUT:g} seconds; check the host and the network"
    reason = (errors[-1].strerror or str(errors[-1])).lower()
    return f"{where}: {reason}; check the host and the network"
