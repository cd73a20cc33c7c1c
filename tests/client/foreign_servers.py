"""Small servers that are no reverb."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from reverb_tui.connection.targets import Target

Handler = Callable[[SocketStream], Awaitable[None]]
Serving = Callable[[Handler], AbstractAsyncContextManager[Target]]


async def echo_like_go(stream: SocketStream) -> None:
    """Echo every line three times, at once, knowing of no control lines."""
    reader = BufferedByteReceiveStream(stream)
    try:
        while True:
            line = await reader.receive_until(b"\n", 65_536)
            await stream.send(three(line))
    except (anyio.IncompleteRead, anyio.EndOfStream):
        await stream.send_eof()


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
