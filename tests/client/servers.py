"""Servers for the client's tests, each with an address of its own."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from reverb_server import Settings, running
from reverb_server.core.control import ReverbMode
from reverb_server.core.reverb import Reverb
from reverb_tui.connection.targets import Target

Handler = Callable[[SocketStream], Awaitable[None]]
Serving = Callable[[Handler], AbstractAsyncContextManager[Target]]


@asynccontextmanager
async def serving(handle: Handler, port: int = 0) -> AsyncIterator[Target]:
    """Run a server that hands every connection to a function, while the block runs."""

    async def serve(stream: SocketStream) -> None:
        with suppress(anyio.BrokenResourceError, anyio.EndOfStream):  # the client is gone
            async with stream:
                await handle(stream)

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port) as listener,
        anyio.create_task_group() as group,
    ):
        group.start_soon(listener.serve, serve)
        yield Target("127.0.0.1", listener.extra(SocketAttribute.local_port))
        group.cancel_scope.cancel()


@asynccontextmanager
async def reverb(delay: float = 0.02, **settings: object) -> AsyncIterator[Target]:
    """Run a reverb while the block runs."""
    async with running(
        Settings(host="127.0.0.1", port=0, delay=delay, **settings)  # type: ignore[arg-type]
    ) as server:
        yield Target(*server.addresses[0])


async def read_line(stream: SocketStream) -> bytes:
    """Receive one line, its LF included; nothing of what follows."""
    data = b""
    while not data.endswith(b"\n"):
        data += await stream.receive(1)
    return data


async def echo_like_go(stream: SocketStream) -> None:
    """Echo every line three times, at once, knowing of no control lines."""
    reader = BufferedByteReceiveStream(stream)
    try:
        while True:
            line = await reader.receive_until(b"\n", 65_536)
            await stream.send(three(line))
    except (anyio.IncompleteRead, anyio.EndOfStream):
        await stream.send_eof()


def echo_like_the_book(mode: ReverbMode, delay: float) -> Handler:
    """Make a server with a delay that knows no control lines: they are shouts like any other."""

    async def echo(stream: SocketStream) -> None:
        reverb = Reverb(delay=delay, mode=mode, max_line=65_536)
        while True:
            due = reverb.next_due
            with anyio.move_on_at(math.inf if due is None else due):
                data = await stream.receive()
                reverb.hear(data.replace(b"\x10", b"\x11"), anyio.current_time())
            await stream.send(reverb.speak(anyio.current_time()).replace(b"\x11", b"\x10"))

    return echo


class Draining:
    """A reverb that says it drains when it is told to, or at once to everyone who asks.

    Args:
        delay: Seconds between echoes.
        at_once: Whether it drains from the first request of each connection on.
        lame: Whether it goes on hearing, and leaves the end to the client; otherwise it hears
            nothing more, and ends after its last echo.
        question: Text without a line ending that it says after its first answer.
        ends: Whether it ends connections at all.
    """

    def __init__(
        self,
        delay: float = 1.0,
        *,
        at_once: bool = False,
        lame: bool = True,
        question: bytes = b"",
        ends: bool = True,
    ) -> None:
        self.connections: list[list[bytes]] = []
        """The lines that each connection has sent, without requests; ``b""`` for its end."""
        self.ended = 0
        """How many connections the server has ended."""
        self._delay = delay
        self._drains = at_once
        self._lame = lame
        self._ends = ends
        self.question = question
        self._changes = 0
        self._waits: set[anyio.CancelScope] = set()

    def drain(self) -> None:
        """Tell everyone who has asked, or asks from now on."""
        self._drains = True
        self._look()

    def succeed(self) -> None:
        """Serve those who come from now on, as the next server would."""
        self._drains = False

    def hurry(self) -> None:
        """Send what is pending at once, and whatever comes from now on."""
        self._delay = 0.0
        self._look()

    def _look(self) -> None:
        """Let every connection look at what has changed."""
        self._changes += 1
        for scope in self._waits:
            scope.cancel()

    async def __call__(self, stream: SocketStream) -> None:
        reverb = Reverb(delay=self._delay, mode="concurrent", max_line=65_536)
        heard: list[bytes] = []
        self.connections.append(heard)
        told = ended = asked = False
        seen = self._changes
        while not (ended and reverb.next_due is None):
            due = -math.inf if seen != self._changes else reverb.next_due
            data = await self._received(stream, due, ended=ended)
            seen = self._changes
            now = anyio.current_time()
            if not self._delay:
                reverb.change(0.0, None, now)
            if data and not (told and not self._lame):
                reverb.hear(data, now)
            if data is not None:
                lines = [line for line in data.split(b"\n") if line]
                heard += [line for line in lines if not line.startswith(b"\x10")]
            if data == b"":
                heard.append(b"")
                ended = True
                reverb.end(now)
            if self._drains and reverb.asked and not told:
                told = True
                ended = ended or not self._lame
                reverb.tell("draining", "the server is stopping", now)
                await stream.send(b"\n" if asked else b"")
            await stream.send(reverb.speak(now))
            if self.question and reverb.asked and not asked:
                asked = True
                await stream.send(self.question)
        if not self._ends:
            await anyio.sleep_forever()
        await stream.send_eof()
        self.ended += 1

    async def _received(
        self, stream: SocketStream, due: float | None, *, ended: bool
    ) -> bytes | None:
        """Wait until something comes, is due or is told; return what has come, if anything."""
        with anyio.CancelScope(deadline=math.inf if due is None else due) as scope:
            self._waits.add(scope)
            try:
                if ended:
                    await anyio.sleep_forever()
                return await stream.receive()
            except anyio.EndOfStream:
                return b""
            finally:
                self._waits.discard(scope)
        return None


async def echo_plainly(stream: SocketStream) -> None:
    """Send every byte back."""
    async for data in stream:
        await stream.send(data)
    await stream.send_eof()


def echo_in_part(*echoes: bytes, lines: int | None = None) -> Handler:
    """Make a server like the book's that sends so much of what it should, and closes.

    It sends ``echoes`` at the end of the input, or after so many ``lines``, and before them the
    echoes of a hello.
    """

    async def handle(stream: SocketStream) -> None:
        reader = BufferedByteReceiveStream(stream)
        shouts = 0
        with suppress(anyio.IncompleteRead, anyio.EndOfStream):
            while lines is None or shouts < lines:
                line = await reader.receive_until(b"\n", 100_000)
                if line.startswith(b"\x10"):
                    await stream.send(three(line))
                else:
                    shouts += 1
        await stream.send(b"".join(echoes))

    return handle


def three(line: bytes) -> bytes:
    """Give all echoes of a line."""
    return b"".join(b"\t %b\n" % form for form in (line.upper(), line, line.lower()))


def saying(data: bytes) -> Handler:
    """Make a server that says something to everyone, and then only listens."""

    async def say(stream: SocketStream) -> None:
        await stream.send(data)
        async for _ in stream:
            pass

    return say


def hearing(lines: asyncio.Queue[bytes]) -> Handler:
    """Make a server that hears one line of everyone, and hangs up."""

    async def hear(stream: SocketStream) -> None:
        lines.put_nowait(await read_line(stream))

    return hear


class Silent:
    """A reverb that answers when it is told to, and keeps what it was asked for."""

    def __init__(self, delay: float = 1.0) -> None:
        self.delay = delay
        self.requests: list[dict[str, object]] = []
        self.answers = anyio.Semaphore(0)

    async def __call__(self, stream: SocketStream) -> None:
        while True:
            request = json.loads((await read_line(stream))[1:])
            self.requests.append(request)
            await self.answers.acquire()
            self.delay = request.get("delay", self.delay)
            answer = {"delay": self.delay, "delay_max": 60.0, "mode": "concurrent", "pending": 0}
            answer |= {"reverb": 1, "reply": request["id"]}
            await stream.send(b"\x10" + json.dumps(answer, separators=(",", ":")).encode() + b"\n")
