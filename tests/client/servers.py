"""Small servers that are no reverb."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

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
            await stream.send(
                b"".join(b"\t %b\n" % form for form in (line.upper(), line, line.lower()))
            )
    except (anyio.IncompleteRead, anyio.EndOfStream):
        await stream.send_eof()


async def echo_plainly(stream: SocketStream) -> None:
    """Send every byte back."""
    async for data in stream:
        await stream.send(data)
    await stream.send_eof()
