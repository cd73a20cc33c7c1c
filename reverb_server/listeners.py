"""Listening sockets: on every address of a host, all on one port."""

import errno
import os
import socket
from typing import Final

import anyio

LOCALHOST: Final = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
"""What ``localhost`` means, without asking a resolver: resolvers differ, and some are far away."""

NO_SUCH_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""How a machine says that it has no IPv4, or no IPv6."""

BACKLOG: Final = 4096
"""Connections that may wait to be accepted; the kernel lowers it to its own limit."""

FREE_PORT_TRIES: Final = 20
"""A port that is free in one family may be taken in the other: then the next one is tried."""


class CannotListen(Exception):
    """The machine refuses to listen; the text is one sentence for the user."""


async def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on ``host`` (every address it has) and ``port`` (0: a free one, the same for all).

    The sockets are non-blocking. Raises CannotListen; then nothing is left listening.
    """
    addresses = await _addresses(host)
    tries = 1 if port else FREE_PORT_TRIES
    while True:
        tries -= 1
        try:
            return _listen_on_all(addresses, port, optional=host == "localhost")
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not tries:
                raise CannotListen(_sentence(host, port, error)) from error


async def _addresses(host: str) -> tuple[tuple[int, str], ...]:
    if host == "localhost":
        return LOCALHOST
    try:
        found = await anyio.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a host"
        raise CannotListen(f"cannot listen on {host!r}: {reason}; check --host") from error
    return tuple(dict.fromkeys((int(family), str(name[0])) for family, _, _, _, name in found))


def _listen_on_all(
    addresses: tuple[tuple[int, str], ...], port: int, *, optional: bool
) -> list[socket.socket]:
    """Listen on all addresses, or on none; ``optional``: one that the machine lacks is left out."""
    listeners: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, address in addresses:
            try:
                listeners.append(_listen_on(family, address, port))
            except OSError as error:
                if not (optional and error.errno in NO_SUCH_FAMILY):
                    raise
                missing = error
            else:
                port = listeners[-1].getsockname()[1]
        if missing is not None and not listeners:
            raise missing
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def _listen_on(family: int, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A server that was just stopped leaves its port in TIME_WAIT; on Windows the option
            # would let two servers share a port instead.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _sentence(host: str, port: int, error: OSError) -> str:
    where = f"cannot listen on {host} port {port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where}: it is taken; stop what uses it, or choose another with --port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{where}: permission denied; choose a port from 1024 on with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where}: this machine has no such address; check --host"
    return f"{where}: {error.strerror or error}; check --host and --port"
