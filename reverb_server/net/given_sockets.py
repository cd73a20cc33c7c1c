"""Listening sockets that somebody else has opened: a supervisor, a test, the process before."""

import errno
import socket
from collections.abc import Sequence

from reverb_server.net.listeners import CannotListen


def given_listeners(descriptors: Sequence[int]) -> list[socket.socket]:
    """Return the listeners behind open descriptors, which belong to the caller from now on.

    Raises CannotListen if one is not a listening stream socket; then all stay as they were.
    """
    listeners: list[socket.socket] = []
    try:
        for descriptor in descriptors:
            listeners.append(_listener(descriptor))  # noqa: PERF401  # needed if one can't be
    except BaseException:
        for listener in listeners:
            listener.detach()
        raise
    for listener in listeners:
        listener.setblocking(False)
        listener.set_inheritable(False)
    return listeners


def _listener(descriptor: int) -> socket.socket:
    where = f"cannot listen on descriptor {descriptor}"
    try:
        listener = socket.socket(fileno=descriptor)
    except OSError as error:
        what = "it is not open" if error.errno == errno.EBADF else "it is no socket"
        raise CannotListen(f"{where}: {what}; check who should give it") from error
    problem = _problem(listener)
    if problem:
        listener.detach()
        raise CannotListen(f"{where}: {problem}")
    return listener


def _problem(sock: socket.socket) -> str:
    if sock.type != socket.SOCK_STREAM:
        return "it is not of the kind that connections have; give a stream socket"
    try:
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except (AttributeError, OSError):  # a system that can't tell: the first accept will
        return ""
    return "" if listens else "it does not listen; give a listener (with systemd: Accept=no)"
