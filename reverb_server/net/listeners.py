"""Listening sockets: on every address of a host, all on one port."""

import contextlib
import errno
import os
import socket
import stat
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from reverb_server.address_syntax import LOCALHOST
from reverb_server.errors import ReverbError
from reverb_server.net.connection_log import peer_name
from reverb_server.net.daemon_thread import in_background, in_daemon_thread_within

ANY_ADDRESS: Final = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))
"""Addresses of ``*``."""

BOTH_FAMILIES: Final = {"localhost": LOCALHOST, "*": ANY_ADDRESS}

NO_SUCH_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""How a machine says that it has no IPv4, or no IPv6."""

BACKLOG: Final = 4096
"""Connections that may wait to be accepted; the kernel lowers it to its own limit."""

FREE_PORT_TRIES: Final = 20
"""A port that is free in one family may be taken in the other: then the next one is tried."""

LOOKUP_TIMEOUT: Final = 60.0
"""Seconds within which a resolver, or the disk with the path of a socket, must have answered."""

LAST_LOOK: Final = 1.0
"""Seconds that closing waits for that disk: it holds up all else."""

LOCK_TRIES: Final = 100
LOCK_PAUSE: Final = 0.02
"""Seconds between tries to be the only server that starts in a directory."""


class CannotListen(ReverbError):
    """The machine refuses to listen; the text is one sentence for the user."""


async def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on ``host`` (every address it has) and ``port`` (0: a free one, the same for all).

    The sockets are non-blocking. Raises CannotListen; then nothing is left listening.
    """
    both = BOTH_FAMILIES.get(host.lower().removesuffix("."))
    addresses = both or await _addresses(host)
    tries = 1 if port else FREE_PORT_TRIES
    while True:
        tries -= 1
        try:
            return _listen_on_all(addresses, port, optional=both is not None)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not tries:
                raise CannotListen(_sentence(host, port, error)) from error


async def listen_unix(path: Path) -> socket.socket:
    """Listen on a Unix socket that only this user can connect to (mode 0600).

    Removes a socket that no server listens on any more, and nothing else; the one that it makes
    is removed when it is closed. Raises CannotListen.
    """
    where = f"cannot listen on {str(path)!r}"
    if not hasattr(socket, "AF_UNIX"):
        raise CannotListen(f"{where}: this system has no Unix sockets here; use a host and a port")
    try:
        return await in_daemon_thread_within(
            LOOKUP_TIMEOUT, partial(_listen_unix, path, where), UnixListener.close
        )
    except TimeoutError:
        raise CannotListen(f"{where}: the disk took over {LOOKUP_TIMEOUT:g} seconds") from None
    except OSError as error:
        raise CannotListen(f"{where}: {error.strerror or error}; check the path") from error


def listen_beside(listener: socket.socket) -> socket.socket:
    """Listen by TCP where ``listener`` does; Linux spreads connections over both.

    The first of them listens without sharing its port: so another program's is never joined. Raises
    CannotListen.
    """
    name = listener.getsockname()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return _listening(_bind(listener.family, name, share=True))
    except OSError as error:
        where = f"cannot listen on {peer_name(name)} in several processes"
        raise CannotListen(f"{where}: {error.strerror or error}; leave --workers out") from error


async def bind_again(listener: socket.socket) -> socket.socket:
    """Close a listener, and bind its address again: a socket that refuses until it listens.

    Raises CannotListen.
    """
    name = listener.getsockname()
    try:
        if listener.family not in (socket.AF_INET, socket.AF_INET6):
            again = partial(_bind_unix_again, listener, Path(name))
            return await in_daemon_thread_within(LOOKUP_TIMEOUT, again, UnixListener.close)
        listener.close()
        return _bind(listener.family, name)
    except OSError as error:  # or TimeoutError, of the disk
        raise _cannot_again(name, error) from error


def listen_again(bound: socket.socket) -> None:
    """Listen on what `bind_again` gave. Raises CannotListen."""
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        raise _cannot_again(bound.getsockname(), error) from error


class UnixListener(socket.socket):
    """A Unix socket that is ready to listen, and takes its path away when it is closed.

    To be made in a thread, because a disk may hang.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self._path = path.absolute()
        self._file: tuple[int, int] | None = None
        try:
            self.bind(str(path))
            self._file = _identity(self._path)
            # Nobody can connect before listen is called: not before the mode is right.
            path.chmod(0o600)
            self.setblocking(False)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the path, unless it leads to another file by now, and close the socket."""
        self.remove_path()
        super().close()

    def remove_path(self) -> None:
        """Keep anybody else from connecting; who waits to be accepted can be."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # or the machine has no thread left
                in_background(partial(_remove, self._path, file)).result(LAST_LOOK)


def _identity(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_dev, status.st_ino


def _remove(path: Path, file: tuple[int, int]) -> None:
    if _identity(path) == file:
        path.unlink()


def _listen_unix(path: Path, where: str) -> UnixListener:
    with _alone(path.parent):
        _remove_stale(path, where)
        listener = UnixListener(path)
        try:
            listener.listen(BACKLOG)
        except BaseException:
            listener.close()
            raise
        return listener


def _bind_unix_again(listener: socket.socket, path: Path) -> UnixListener:
    with _alone(path.parent):
        listener.close()
        return UnixListener(path)


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Lock a directory against other servers that start meanwhile.

    Between the look and `listen` a socket seems stale: two at once would remove each other's.
    """
    import fcntl

    descriptor = os.open(directory, os.O_RDONLY)
    try:
        for last in (False,) * LOCK_TRIES + (True,):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if last:
                    raise
                time.sleep(LOCK_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _remove_stale(path: Path, where: str) -> None:
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise CannotListen(f"{where}: there is a file that is no socket; choose another path")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        answer = probe.connect_ex(str(path))
    if answer != errno.ECONNREFUSED:
        raise CannotListen(f"{where}: another server uses it; stop that, or choose another path")
    path.unlink(missing_ok=True)


async def _addresses(host: str) -> tuple[tuple[int, str], ...]:
    where = f"cannot listen on {host!r}"
    look_up = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    try:
        try:
            found = look_up(flags=socket.AI_NUMERICHOST)  # an address needs no thread
        except socket.gaierror:
            found = await in_daemon_thread_within(LOOKUP_TIMEOUT, look_up)
    except TimeoutError:
        raise CannotListen(
            f"{where}: its look-up took over {LOOKUP_TIMEOUT:g} seconds; give an address"
        ) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a host"
        raise CannotListen(f"{where}: {reason}; check the host") from error
    return tuple(dict.fromkeys((int(family), _address(name)) for family, *_, name in found))


def _address(name: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]) -> str:
    """Return the address of what a socket is bound to, with the zone if there is one."""
    return f"{name[0]}%{name[3]}" if len(name) == 4 and name[3] else str(name[0])


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
    return _listening(_bind(family, (address, port)))


def _listening(bound: socket.socket) -> socket.socket:
    try:
        bound.listen(BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


def _bind(family: int, name: tuple[str | int, ...], *, share: bool = False) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A server that was just stopped leaves its port in TIME_WAIT; on Windows the option
            # would let two servers share a port instead.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            # Whatever the machine's default is: ``::`` is IPv6 alone, and ``*`` has two sockets.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(name)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound


def _cannot_again(name: object, error: OSError) -> CannotListen:
    where = repr(name) if isinstance(name, str) else peer_name(name)
    reason = error.strerror or "the disk took too long"
    return CannotListen(f"cannot listen on {where} again: {reason}; stop what uses it now")


def _sentence(host: str, port: int, error: OSError) -> str:
    where = f"cannot listen on {host} port {port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where}: it is taken; stop what uses it, or choose another port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{where}: permission denied; choose a port from 1024 on"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where}: this machine has no such address; check the host"
    return f"{where}: {error.strerror or error}; check the host and the port"
