"""A server in a thread of its own, for code that is not asynchronous."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, wait
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar

from reverb_server.core.control import ReverbMode
from reverb_server.errors import ReverbError
from reverb_server.net.eventloop import require_backend
from reverb_server.net.figures import Figures
from reverb_server.net.observer import Observer
from reverb_server.net.server import Server, serving
from reverb_server.settings import Settings

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

ALIVE_INTERVAL: Final = 0.5
"""Seconds between two looks whether the server's thread can still answer."""

Result = TypeVar("Result")


class NotRunning(ReverbError):
    """The server has ended."""


class ServerInThread:
    """A server that runs in another thread; get one from `running_in_thread`.

    Every thread but the server's own may use it. Its methods raise NotRunning once the block has
    ended; what it knows (addresses, settings, what was lost) stays.
    """

    def __init__(self, server: Server, portal: "BlockingPortal", ended: Event) -> None:
        self.settings = server.settings
        self.addresses = server.addresses
        """Every (address, port) it really listens on; none if it is a Unix socket."""
        self._server = server
        self._begin = portal.start_task_soon
        self._ended = ended

    @property
    def port(self) -> int:
        """The TCP port it really listens on. Raises NoPort if there is none."""
        return self._server.port

    @property
    def lost(self) -> int:
        """Shouts that lost an echo because a stop did not wait for them any longer."""
        return self._server.lost

    @property
    def worst_lateness(self) -> float:
        """How late an echo left at the most, in seconds."""
        with contextlib.suppress(NotRunning):
            return self._answer(lambda: self._begin(lambda: self._server.worst_lateness))
        return self._server.worst_lateness

    def adopt(self, sock: socket.socket, address: object = None) -> None:
        """Serve a connected stream socket, and own it from now on. Raises CannotAdopt."""
        self._answer(lambda: self._begin(self._server.adopt, sock, address))

    def summary(self) -> str:
        """Return its state in one line: shouts, bytes, and lateness in seconds."""
        return self._answer(lambda: self._begin(self._server.summary))

    def figures(self) -> Figures:
        """Return its figures: connections, shouts, echoes, bytes, lateness."""
        return self._answer(lambda: self._begin(self._server.figures))

    def set_delay(self, seconds: float) -> None:
        """Change the delay of every connection, those to come included. Raises BadSettings."""
        self._answer(lambda: self._begin(self._server.set_delay, seconds))

    def set_mode(self, mode: ReverbMode) -> None:
        """Change the mode of every connection, those to come included.

        Raises BadSettings, also for a server that is plain or shall be.
        """
        self._answer(lambda: self._begin(self._server.set_mode, mode))

    def refuse(self) -> None:
        """Refuse every connection from now on, as if nothing listened; open ones are served on."""
        self._answer(lambda: self._begin(self._server.refuse))

    def accept(self) -> None:
        """Accept connections again, at the same addresses. Raises CannotListen."""
        self._answer(lambda: self._begin(self._server.accept))

    def reset_all(self) -> None:
        """Reset every connection that is open, and wait until they have ended."""
        self._answer(lambda: self._begin(self._server.reset_all))

    def reload_certificate(self) -> None:
        """Read the certificate files again. Raises CannotListen if they are not in order."""
        self._answer(lambda: self._begin(self._server.reload_certificate))

    def drain(self) -> None:
        """Stop listening, and wait until all that is pending is said, or cut."""
        self._answer(lambda: self._begin(self._server.drain))

    def cut(self) -> None:
        """End a drain at once, or one that is still to come."""
        self._answer(lambda: self._begin(self._server.cut))

    def _answer(self, begin: Callable[[], Future[Result]]) -> Result:
        """Begin a call in the server's thread, and wait for what comes of it."""
        try:
            if not self._ended.is_set():
                answer = begin()
                # A call that comes just as the thread ends may never be answered.
                while not answer.done() and not self._ended.is_set():
                    wait((answer,), timeout=ALIVE_INTERVAL)
                if answer.done():
                    return answer.result()
        except (RuntimeError, CancelledError):
            if not self._ended.is_set():
                raise
        raise NotRunning("the server has ended: use it within the block of running_in_thread")


@contextlib.contextmanager
def running_in_thread(
    settings: Settings, *, backend: str = "asyncio", observer: Observer | None = None
) -> Iterator[ServerInThread]:
    """Run a server in a thread of its own while the block runs; then drain it, as `running` does.

    ``observer`` is told, in that thread, what clients shout, and how their connections ended.

    Raises `reverb_server.CannotListen` if the machine refuses, and NoBackend.
    """
    from anyio.from_thread import start_blocking_portal  # a tenth of the start of who needs it not

    require_backend(backend)
    with start_blocking_portal(backend) as portal:
        ended = Event()
        try:
            with portal.wrap_async_context_manager(serving(settings, observer=observer)) as server:
                yield ServerInThread(server, portal, ended)
        finally:
            ended.set()
