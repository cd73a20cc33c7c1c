"""Closing a connection so that the other side can read the last that was sent to it.

Closing with unread input sends a reset, and a reset can destroy what the other side has not read
yet. So: half-close, read on until the other side closes too, and close; for a second at most.
"""

from typing import Final

import anyio

from reverb_server.net.stream import Gone, Stream

LINGER: Final = 1.0
"""Seconds for the other side to read, and to close."""

LAST_READS: Final = 64
"""Reads, 4 MiB in all, that empty what has arrived at once: a flood never ends."""


async def close_lingering(stream: Stream, *, ended: bool = False) -> None:
    """Half-close and wait for the other side's end of input, unless that has ``ended`` already.

    The stream is to be closed afterwards.
    """
    if ended and not stream.says_farewell:
        return  # closing tells as much, and no input is left that would make it a reset
    stream.half_close()
    if ended and not stream.unsent:
        return
    try:
        with anyio.move_on_after(LINGER) as waiting:
            while stream.unsent:
                await stream.wait_writable()
                stream.send_now(b"")
            while not ended and await stream.receive():
                pass
        if waiting.cancelled_caught:  # because this process stood still, maybe
            stream.send_now(b"")
            _throw_away(stream)
    except Gone:
        pass


def half_close_at_once(stream: Stream, last_words: bytes = b"") -> None:
    """Send what the kernel takes of the last words, and half-close, without waiting.

    What has arrived is thrown away: unread, it would turn the close into a reset.
    """
    try:
        if last_words:
            stream.send_now(last_words)
        _throw_away(stream)
        stream.half_close()
    except Gone:
        pass


def _throw_away(stream: Stream) -> None:
    """Read what has arrived. Raises Gone."""
    for _ in range(LAST_READS):
        if not stream.receive_now():
            break
