"""A running server: listeners, an accept loop for each, and a task group for each connection.

``async with running(settings) as server`` is all there is to it, for the command line, for the
client's embedded server, and for anyone's tests. Signals and the garbage collector belong to the
command line, not here.
"""

import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from threading import get_ident
from typing import Final

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from reverb_server.core.control import ReverbMode
from reverb_server.core.echo import Echo
from reverb_server.core.lateness import Histogram
from reverb_server.core.memory_budget import MemoryBudget
from reverb_server.core.plain import Plain
from reverb_server.core.reverb import Reverb
from reverb_server.errors import ReverbError
from reverb_server.net.acceptor import Acceptor
from reverb_server.net.clock import STOOD_STILL, Clock
from reverb_server.net.connection import Connection, ServerContext
from reverb_server.net.connection_log import (
    ConnectionRecord,
    End,
    cause,
    listener_name,
    peer_name,
)
from reverb_server.net.detached import detached
from reverb_server.net.eventloop import one_shot
from reverb_server.net.fd_limit import REFUSED_AT_ONCE, max_connections
from reverb_server.net.figures import ConnectionState, Count, Ended, Figures, states
from reverb_server.net.lingering_close import LINGER
from reverb_server.net.listening import Listening
from reverb_server.net.observer import Observer
from reverb_server.net.opening import open_listeners
from reverb_server.net.poller import Poller, make_poller
from reverb_server.net.proxied import HeaderRefused, ProxyHeaders
from reverb_server.net.refusing import refuse
from reverb_server.net.server_tls import ServerTLS
from reverb_server.net.stream import Gone, SocketStream, tune
from reverb_server.net.task_pool import TaskPool
from reverb_server.settings import BadSettings, Settings

COUNTED_IN_A_ROW: Final = 256
"""Connections whose figures are added up before others get their turn: a millisecond's work."""

log = logging.getLogger("reverb_server")


class CannotAdopt(ReverbError):
    """The server was given something that it can't serve."""


class WrongThread(ReverbError):
    """A server was used in another thread than its own."""


class Server:
    """A server that is running; get one from `running` or `running_in_thread`."""

    def __init__(
        self,
        context: ServerContext,
        listeners: list[socket.socket],
        group: TaskGroup,
        tls: ServerTLS,
        observer: Observer | None = None,
    ) -> None:
        self.settings = settings = context.settings
        self.listening = Listening.on(listeners)
        self.lateness = Histogram()
        """How late the echoes of all connections left."""
        self.lost = 0
        """Shouts that lost an echo because a stop did not wait for them any longer."""
        self.stopping = False
        """Whether it has been asked to stop, even if it serves on for a while (a lame duck)."""
        self._beginning = settings  # of a connection, which may change its own
        self._thread = get_ident()
        self._tls = tls
        self._proxy_headers = ProxyHeaders(settings)
        self._observer = observer
        self._group = group
        self._context = context
        self._task_pool = TaskPool(group, context.one_shot, self._serve)
        self._acceptor = Acceptor(
            listeners, self._take, group, settings.write_timeout, shared=bool(settings.fds)
        )
        self._limit = settings.max_connections or max_connections()
        self._limits = settings.limits(self._limit)
        self._connections: set[Connection] = set()
        self._served = self._refusing = 0  # connections now, those in their handshake included
        self._ended = Ended()
        self._leaving = self._draining = self._over = False
        self._lame_duck = anyio.CancelScope()
        self._waiting = anyio.CancelScope()
        self._gone = anyio.Event()

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Every (address, port) it really listens on; none if it is a Unix socket."""
        return self.listening.addresses

    @property
    def port(self) -> int:
        """The TCP port it really listens on, the first if it was given several. Raises NoPort."""
        return self.listening.port

    @property
    def ill(self) -> str:
        """Why no client should be sent to it now; empty if it is well."""
        return "stopping" if self.stopping else ""

    @property
    def worst_lateness(self) -> float:
        """How late an echo left at the most, in seconds."""
        now = (each.echo.worst_lateness for each in self._connections)
        return max(self._ended.worst_lateness, *now, 0.0)

    def adopt(self, sock: socket.socket, address: object = None) -> None:
        """Serve a connected stream socket of any kind, and own it from now on.

        ``sock`` itself is closed after that. ``address`` is the other end's, if it is known. One
        over the limit is refused, and one that comes after the server's end is closed. Raises
        CannotAdopt for what is no open stream socket, or has TLS already, and WrongThread.
        """
        self._require_own_thread("adopt")
        if getattr(sock, "type", None) != socket.SOCK_STREAM or sock.fileno() < 0:
            raise CannotAdopt(f"cannot serve {sock!r}: give an open stream socket")
        if isinstance(sock, ssl.SSLSocket):
            raise CannotAdopt(f"cannot serve {sock!r}: give a socket without TLS")
        if isinstance(sock, socket.socket):  # so that nobody else can use it, or give it again
            sock = socket.socket(fileno=sock.detach())
        tune(sock, patience=self.settings.write_timeout)
        self._take(sock, address)

    def _take(self, sock: socket.socket, address: object = None) -> None:
        address = _peer(sock) if address is None else address
        report = ConnectionRecord(
            peer_name(address),
            began=self._context.clock.time(),
            listener=listener_name(_own(sock)),
        )
        stream = SocketStream(sock)
        if self._over:
            stream.close()
        elif self._served < self._limit:
            self._task_pool.do(stream, report, address)
            self._served += 1
        elif self._refusing < REFUSED_AT_ONCE:
            self._group.start_soon(self._refuse, stream, report)
            self._refusing += 1
        else:
            stream.close()
            report.end = End.FULL
            self._tell_end(report)

    def set_delay(self, seconds: float) -> None:
        """Change the delay of every connection, those to come included.

        A client may still change that of its own. Raises BadSettings and WrongThread.
        """
        self._require_own_thread("set_delay")
        self._beginning = replace(self._beginning, delay=seconds)
        for connection in self._connections:
            connection.change(seconds, None)

    def set_mode(self, mode: ReverbMode) -> None:
        """Change the mode of every connection, those to come included.

        It holds for shouts heard from now on, and a client may still change its own. Raises
        BadSettings, also for a server that is plain or shall be, and WrongThread.
        """
        self._require_own_thread("set_mode")
        beginning = replace(self._beginning, mode=mode)
        if "plain" in (mode, self._beginning.mode):
            raise BadSettings(
                f"mode can't change from {self._beginning.mode} to {mode}: "
                "start another server, plain is a server's mode from start to end"
            )
        self._beginning = beginning
        for connection in self._connections:
            connection.change(None, mode)

    async def refuse(self) -> None:
        """Refuse every connection from now on, as if nothing listened; open ones are served on.

        Raises CannotListen if another program takes the address meanwhile, which is then lost, and
        WrongThread.
        """
        self._require_own_thread("refuse")
        await self._acceptor.refuse()

    async def accept(self) -> None:
        """Accept connections again, at the same addresses; nothing if the server drains.

        Raises CannotListen if another program has taken the address, and WrongThread.
        """
        self._require_own_thread("accept")
        await self._acceptor.accept()

    async def reset_all(self) -> None:
        """Reset every connection that is open, and wait until they have ended.

        What they had pending is lost. A Unix socket has no reset, it is closed; a client
        that has not agreed on TLS yet, or whose PROXY header is awaited, is left alone. Raises
        WrongThread.
        """
        self._require_own_thread("reset_all")
        doomed = set(self._connections)
        for connection in doomed:
            connection.reset()
        while doomed & self._connections:
            await self._wait_for_one()

    def summary(self) -> str:
        """Return its state in one line: shouts, bytes, and lateness in seconds."""
        return str(self.figures())

    def figures(self) -> Figures:
        """Return its figures. Takes some milliseconds for each thousand of connections."""
        count = Count(self._ended, self._connections)
        count.go_on(len(self._connections))
        return count.figures(self._served, self._refusing, self.lateness)

    async def figures_in_turns(self) -> Figures:
        """Return its figures, while echoes leave in time however many connections there are.

        Totals of one call are never below those of a call that ended before it began.
        """
        count = Count(self._ended, self._connections)
        while count.go_on(COUNTED_IN_A_ROW):
            await checkpoint()
        return count.figures(self._served, self._refusing, self.lateness)

    def connection_states(self) -> Iterator[ConnectionState]:
        """Return an iterator over what each connection does, handshakes left out.

        Each state is of the moment in which it is taken. A connection that has ended by then is
        left out, as is one that began later than this call.
        """
        return states(tuple(self._connections), self._context.clock.time)

    async def connection_states_in_turns(
        self, most: int
    ) -> AsyncGenerator[list[ConnectionState], None]:
        """Yield at most so many states at a time, while echoes leave in time."""
        left = self.connection_states()
        while batch := list(islice(left, most)):
            yield batch
            await checkpoint()

    async def reload_certificate(self) -> None:
        """Read the certificate files again, for connections from now on.

        Raises CannotListen, and goes on with what it had, if they are not in order, or can't be
        read in time.
        """
        await self._tls.read()

    def announce(self) -> None:
        """Announce to whoever has asked that it will drain, and serve on. Raises WrongThread."""
        self._require_own_thread("announce")
        self.stopping = True
        for connection in self._connections:
            connection.announce()

    async def leave(self) -> None:
        """Accept nothing more, tell who has asked that it will drain, and serve on until then.

        So a server that others listen beside loses no shout that is on its way when it drains.
        Raises WrongThread.
        """
        self.announce()
        await self._acceptor.close()

    async def drain(self) -> None:
        """Stop listening, say all that is pending for what has arrived, and close.

        Before that it serves on for ``lame_duck`` seconds. What is not said within
        ``drain_timeout``, or when `cut` is called, counts as `lost`. It cannot be undone, nor done
        twice.
        """
        if self._leaving:
            return
        self._leaving = self.stopping = True
        if self.settings.lame_duck:
            self.announce()
            with self._lame_duck:
                await anyio.sleep(self.settings.lame_duck)
        self._draining = True
        for connection in self._connections:
            connection.drain()
        self._proxy_headers.hurry()
        self._tls.hurry()
        self._waiting.deadline = self._context.clock.time() + self.settings.drain_timeout
        await self._acceptor.close()
        with self._waiting:
            while self._served or self._refusing:
                await self._wait_for_one()
        if self._context.clock.time() > self._waiting.deadline + STOOD_STILL:
            await self._catch_up()

    async def _catch_up(self) -> None:
        """Send what fell due while this process stood still; close connections that are done."""
        for connection in tuple(self._connections):
            connection.ring(self._context.clock.time())
        with anyio.move_on_after(LINGER):
            while any(not each.lost for each in self._connections):
                await self._wait_for_one()

    async def _wait_for_one(self) -> None:
        """Wait until a connection has ended."""
        if self._gone.is_set():  # else another task waits for it, too
            self._gone = anyio.Event()
        await self._gone.wait()

    def hurry(self) -> None:
        """Skip the rest of a lame duck; during a drain, `cut`. Raises WrongThread."""
        if self._draining:
            self.cut()
        else:
            self._require_own_thread("hurry")
            self._lame_duck.cancel()

    def cut(self) -> None:
        """End a drain at once, or one that is still to come. Raises WrongThread."""
        self._require_own_thread("cut")
        self._lame_duck.cancel()
        self._waiting.cancel()

    def _end(self) -> None:
        """Cut the connections that are left, and take no more; a second time is as good as none."""
        if self._over:
            return
        self._over = True
        for connection in self._connections:
            self.lost += connection.lost
            connection.cut()
        self._group.cancel_scope.cancel()

    async def _serve(self, stream: SocketStream, report: ConnectionRecord, address: object) -> None:
        """Serve one connection; whatever goes wrong in it ends here."""
        connection: Connection | None = None
        silent_since: float | None = None
        try:
            if self._proxy_headers.on:
                if not await self._proxy_headers.read(stream, report, address):
                    return
                silent_since = None if self._tls.on else report.began
            connection = Connection(
                await self._tls.secured(stream, report),
                self._echo(report.peer),
                self._context,
                report,
                silent_since=silent_since,
            )
            self._connections.add(connection)
            if self._draining:
                connection.drain()
            elif self.stopping:
                connection.announce()
            await connection.run()
        except HeaderRefused as refused:
            report.end, report.reason = End.HEADER, str(refused)
        except Gone as gone:
            report.end, report.reason = End.HANDSHAKE, str(gone)
        except Exception as error:
            report.end = End.ERROR
            log.error("an error ended the connection of %s:\n%s", report.peer, cause(error))
        finally:
            stream.close()
            self._served -= 1
            self._gone.set()
            if connection is not None:
                self._connections.discard(connection)
            self._tell_end(report)

    async def _refuse(self, stream: SocketStream, report: ConnectionRecord) -> None:
        """Refuse a connection over the limit."""
        report.end = End.FULL
        try:
            understood = self.settings.mode != "plain" and not self._tls.on
            await refuse(stream, report, self._limit, tell=understood)
        finally:
            self._refusing -= 1
            self._gone.set()
            self._tell_end(report)

    def _tell_end(self, report: ConnectionRecord) -> None:
        self._ended.add(report)
        report.lasted = self._context.clock.time() - report.began
        level = logging.DEBUG if report.health_check else logging.INFO
        log.log(level, "%s", report, extra={"connection": report})
        if self._observer is not None:
            try:
                self._observer.ended(report)
            except Exception as error:
                log.error("an error of the observer:\n%s", cause(error))

    def _require_own_thread(self, method: str) -> None:
        if get_ident() != self._thread:
            raise WrongThread(
                f"{method} was called in another thread than the server's: "
                "call it by anyio.from_thread.run_sync, or use running_in_thread"
            )

    def _echo(self, peer: str) -> Echo:
        heard = None if self._observer is None else partial(self._observer.heard, peer)
        beginning = self._beginning
        if beginning.mode == "plain":
            return Plain(heard)
        return Reverb(
            delay=beginning.delay,
            mode=beginning.mode,
            max_line=beginning.max_line,
            limits=self._limits,
            lateness=self.lateness,
            heard=heard,
        )


def _peer(sock: socket.socket) -> object:
    try:
        return sock.getpeername()
    except OSError:  # it is gone already: the first read tells
        return None


def _own(sock: socket.socket) -> object:
    try:
        return sock.getsockname()
    except OSError:
        return None


@contextlib.asynccontextmanager
async def running(
    settings: Settings, *, accepting: bool = True, observer: Observer | None = None
) -> AsyncIterator[Server]:
    """Run a server in the current event loop while the block runs; then drain it.

    ``accepting=False`` gives one that serves only what it is given to `Server.adopt`.
    ``observer`` is told what clients shout, and how their connections ended. The block
    may be left in another task than the one that entered it, as fixtures are.

    Leaving waits until all pending echoes are sent, at most ``drain_timeout`` seconds. Cancelling
    the wait, and `Server.cut`, end it at once. Raises `reverb_server.CannotListen` if the machine
    refuses. What the block raises comes out as it is, and cuts what is pending.
    """
    async with detached(serving(settings, accepting=accepting, observer=observer)) as server:
        try:
            yield server
        except BaseException:
            server._end()  # at once: its own task would hear more before it had its turn
            raise


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, *, accepting: bool = True, observer: Observer | None = None
) -> AsyncIterator[Server]:
    """Run a server as `running` does, in a task group of the task that enters, and leaves.

    An error of the server's own interrupts the block on trio as well.
    """
    tls = ServerTLS(settings)
    await tls.read()
    listeners = await open_listeners(settings) if accepting else []
    poller: Poller | None = None
    problem: BaseException | None = None
    try:
        async with anyio.create_task_group() as group:
            clock = Clock()
            poller = make_poller(clock, group)
            budget = MemoryBudget(settings.max_pending, requests=settings.mode != "plain")
            context = ServerContext(settings, budget, clock, poller, one_shot())
            server = Server(context, listeners, group, tls, observer)
            group.start_soon(clock.run)
            group.start_soon(poller.run)
            server._acceptor.start()
            try:
                yield server
                await server.drain()
            except (GeneratorExit, anyio.get_cancelled_exc_class()):
                raise
            except BaseException as error:
                problem = error  # raised below, where the group can't wrap it
            finally:
                server._end()
    finally:
        if poller is not None:
            poller.close()
        for listener in listeners:
            listener.close()
    if problem is not None:
        raise problem
