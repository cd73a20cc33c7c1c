"""Servers for the client's tests, each with an address of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from reverb_server import Settings
from reverb_server import running as running_server
from reverb_tui.connection.targets import Target

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handler, port: int = 0) -> AsyncIterator[Target]:
    """Give the address of a server that hands every connection to ``handle``."""
    connections: set[asyncio.Task[None]] = set()

    async def contained(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await handle(reader, writer)
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()
        writer.transport.abort()

    server = await asyncio.start_server(contained, "127.0.0.1", port)
    try:
        yield Target("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for connection in connections:
            connection.cancel()  # what it does
            connection.cancel()  # and waiting for its end
        await asyncio.gather(*connections)
        await asyncio.sleep(0)


@asynccontextmanager
async def reverb(delay: float = 0.02, **settings: object) -> AsyncIterator[Target]:
    """Give the address of a reverb."""
    async with running_server(
        Settings(host="127.0.0.1", port=0, delay=delay, **settings)  # type: ignore[arg-type]
    ) as server:
        yield Target(*server.addresses[0])


async def like_go(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Echo every line three times, knowing of no control lines."""
    while line := await reader.readline():
        for form in (line.upper(), line, line.lower()):
            writer.write(b"\t " + form)
    writer.write_eof()


async def like_cat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send every byte back."""
    while data := await reader.read(65_536):
        writer.write(data)
    writer.write_eof()


def saying(data: bytes) -> Handler:
    """Make a server that says something to everyone, and then only listens."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        while await reader.read(65_536):
            pass

    return say


def hearing(lines: asyncio.Queue[bytes]) -> Handler:
    """Make a server that hears one line of everyone, and hangs up."""

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.put_nowait(await reader.readline())

    return hear


class Silent:
    """A reverb that answers when it is told to, and keeps what it was asked for."""

    def __init__(self, delay: float = 1.0) -> None:
        self.delay = delay
        self.requests: list[dict[str, object]] = []
        self.answers = asyncio.Semaphore(0)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            request = json.loads(line[1:])
            self.requests.append(request)
            await self.answers.acquire()
            self.delay = request.get("delay", self.delay)
            answer = {"delay": self.delay, "delay_max": 60.0, "mode": "concurrent", "pending": 0}
            answer |= {"reverb": 1, "reply": request["id"]}
            writer.write(b"\x10" + json.dumps(answer, separators=(",", ":")).encode() + b"\n")
