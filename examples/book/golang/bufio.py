"""Lines of a connection, as Go's bufio.Scanner reads them."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from anyio.abc import ByteReceiveStream

from golang import net

MAX_TOKEN: Final = 64 * 1024
"""Bytes of the longest line, its LF included: bufio.MaxScanTokenSize."""


async def scan(conn: ByteReceiveStream) -> AsyncIterator[str]:
    """Yield line by line. One CR before LF is dropped; a last line needs no LF.

    The scan ends at the end of input, at an error, and at a line that is too long. The caller is
    not told which of them it was: the book's programs never ask (``input.Err()``).
    """
    rest = b""
    with suppress(*net.ERRORS):
        async for data in conn:
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if len(line) >= MAX_TOKEN:
                    return
                yield _text(line)
            if len(rest) >= MAX_TOKEN:
                return
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    """Decode a line; bytes that are not UTF-8 become surrogates, so that none is lost."""
    return line.removesuffix(b"\r").decode(errors="surrogateescape")
