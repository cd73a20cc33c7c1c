"""A task for every shout: the Go peer beside this file, literally ported to anyio.

This is how one would write it first; it shows what the design of Reverb is worth.
"""

import sys
from functools import partial

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

LONGEST_LINE = 65_536


async def echo(stream: SocketStream, lock: anyio.Lock, shout: bytes, delay: float) -> None:
    """Send the three echoes of a shout; two tasks may not send at once."""
    text = shout.decode("utf-8", "surrogateescape")
    for number, voice in enumerate((text.upper(), text, text.lower())):
        if number:
            await anyio.sleep(delay)
        async with lock:
            await stream.send(b"\t %s\n" % voice.encode("utf-8", "surrogateescape"))


async def reverberate(delay: float, stream: SocketStream) -> None:
    """Serve a connection: every line becomes a task."""
    lock = anyio.Lock()
    async with stream:
        lines = BufferedByteReceiveStream(stream)
        try:
            async with anyio.create_task_group() as pending:
                while True:
                    try:
                        shout = await lines.receive_until(b"\n", LONGEST_LINE)
                    except (anyio.IncompleteRead, anyio.EndOfStream):
                        break
                    pending.start_soon(echo, stream, lock, shout, delay)
            await stream.send_eof()
        except* (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the client is gone


async def serve(port: int, delay: float) -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
    await listener.serve(partial(reverberate, delay))


if __name__ == "__main__":
    anyio.run(serve, int(sys.argv[1]), float(sys.argv[2]))
