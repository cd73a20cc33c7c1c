"""What was handed out to be sent, and how far the kernel has taken it.

Whoever sends looks first whether anything is still `waiting`: what is handed out after it would
overtake it.
"""

from typing import Final

from reverb_server.stream import SocketStream
from reverb_server.tls import TLSStream

NOTHING: Final = memoryview(b"")
"""What has not been sent when everything has."""


class Outgoing:
    """The bytes on their way to one client. Each method that sends raises `stream.Gone`."""

    __slots__ = ("_chunk", "_stream", "_took", "_unacknowledged", "_unsent", "waiting")

    def __init__(self, stream: SocketStream | TLSStream, now: float) -> None:
        self.waiting = False
        """Whether anything waits until the kernel takes bytes again."""
        self._stream = stream
        self._chunk = b""  # what was handed out last, of which this has not been sent:
        self._unsent = NOTHING
        self._took = now
        self._unacknowledged = 0

    @property
    def held(self) -> int:
        """Bytes in memory: all of what was handed out, until all of it is sent."""
        return len(self._chunk) + self._stream.unsent

    @property
    def lines(self) -> int:
        """Lines of which a part at least is not sent."""
        return bytes(self._unsent).count(b"\n")

    def send(self, data: bytes, now: float) -> int:
        """Send ``data``, as far as it goes without waiting; return the number of bytes."""
        sent = self._stream.send_now(data)
        if sent < len(data) or self._stream.unsent:
            self._chunk, self._unsent = data, memoryview(data)[sent:]
            self._note(now)
        return sent

    def send_on(self, now: float) -> int:
        """Send what waits, as far as it goes without waiting; return the number of bytes."""
        sent = self._stream.send_now(self._unsent)
        if sent < len(self._unsent):
            self._unsent = self._unsent[sent:]
        else:
            self._chunk, self._unsent = b"", NOTHING
        self._note(now)
        return sent

    def is_stuck(self, now: float, timeout: float) -> bool:
        """Tell whether the client took nothing for ``timeout`` seconds.

        The kernel's buffer may hide that it takes some.
        """
        unacknowledged = self._stream.unacknowledged
        if unacknowledged < self._unacknowledged:
            self._took, self._unacknowledged = now, unacknowledged
            return False
        return now >= self._took + timeout

    def drop(self) -> None:
        """Free what was not sent."""
        self._chunk, self._unsent = b"", NOTHING

    def _note(self, now: float) -> None:
        self.waiting = bool(self._unsent) or self._stream.unsent > 0
        if self.waiting:
            self._took, self._unacknowledged = now, self._stream.unacknowledged
