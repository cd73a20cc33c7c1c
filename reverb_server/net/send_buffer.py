"""Output that waits until the kernel takes it."""

from reverb_server.net.stream import Stream


class SendBuffer:
    """Output of a slow client: ``rest`` of a ``chunk``, of which the kernel took no more.

    There is one only while something waits.
    """

    __slots__ = ("_chunk", "_rest", "_stream", "_took", "_unacknowledged")

    def __init__(self, stream: Stream, chunk: bytes, sent: int, now: float) -> None:
        self._stream = stream
        self._chunk = chunk
        self._rest = memoryview(chunk)[sent:]
        self._took = now
        self._unacknowledged = stream.unacknowledged

    @property
    def waiting(self) -> bool:
        """Whether anything waits until the kernel takes bytes again."""
        return bool(self._rest) or self._stream.unsent > 0

    @property
    def held(self) -> int:
        """Bytes in memory: all of what was handed out, until all of it is sent."""
        return len(self._chunk) + self._stream.unsent

    @property
    def lines(self) -> int:
        """Lines of which a part at least is not sent."""
        return bytes(self._rest).count(b"\n")

    def send_on(self, now: float) -> int:
        """Send as much as goes without waiting; return the number of bytes.

        Raises Gone.
        """
        sent = self._stream.send_now(self._rest)
        self._rest = self._rest[sent:]
        self._took, self._unacknowledged = now, self._stream.unacknowledged
        return sent

    def is_stuck(self, now: float, timeout: float) -> bool:
        """Return whether the client took nothing for ``timeout`` seconds.

        The kernel's buffer may hide that it takes some.
        """
        unacknowledged = self._stream.unacknowledged
        if unacknowledged < self._unacknowledged:
            self._took, self._unacknowledged = now, unacknowledged
            return False
        return now >= self._took + timeout
