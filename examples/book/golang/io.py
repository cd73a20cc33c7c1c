"""Copying, as Go's io.Copy does, and the standard streams to copy from and to."""

from io import FileIO

from anyio.abc import ByteReceiveStream, ByteSendStream
from anyio.streams.file import FileReadStream, FileWriteStream


async def copy(dst: ByteSendStream, src: ByteReceiveStream) -> None:
    """Send everything that comes, until it ends."""
    async for data in src:
        await dst.send(data)


def stdin() -> FileReadStream:
    """Return standard input, unbuffered: a line leaves as soon as it is typed."""
    return FileReadStream(FileIO(0, closefd=False))


def stdout() -> FileWriteStream:
    """Return standard output, unbuffered: an echo is seen as soon as it comes."""
    return FileWriteStream(FileIO(1, "w", closefd=False))
