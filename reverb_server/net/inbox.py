"""Input of a client, read only while it may be held.

What was read and can't be heard yet, for want of room, waits here, and nothing more is read
before it has been heard: so the kernel pushes back on who sends faster than its echoes leave.
"""

from reverb_server.core.memory_budget import MemoryBudget
from reverb_server.net.stream import Stream


class Inbox:
    """The way from the kernel to the echoes; ``budget`` is the connection's."""

    __slots__ = ("_budget", "_stream", "_unheard", "bytes_in", "open")

    def __init__(self, stream: Stream, budget: MemoryBudget) -> None:
        self._stream = stream
        self._budget = budget
        self._unheard = b""  # read, and not taken yet for want of room
        self.bytes_in = 0
        """Bytes read so far."""
        self.open = True
        """Whether more is read: neither the client nor `end` has ended the input."""

    @property
    def held(self) -> int:
        """Bytes that were read and wait for room."""
        return len(self._unheard)

    @property
    def over(self) -> bool:
        """Whether everything has been taken and no more is read."""
        return not self.open and not self._unheard

    @property
    def wants_data(self) -> bool:
        """Whether to take from it once the socket is readable."""
        return self.open and not self._unheard

    @property
    def has_more(self) -> bool:
        """Whether there is something to take that no poller tells of."""
        return bool(self._unheard) or (self.open and self._stream.buffered)

    def has_room(self, held: int) -> bool:
        """Return whether `take` would return some of what waits, with ``held`` bytes pending."""
        return not self._unheard or self._budget.share(self._unheard, held) > 0

    def take(self, held: int) -> bytes:
        """Return what may be heard, from one read at most, while ``held`` bytes are pending.

        Returns ``b""`` if nothing has come, if there is no room, or at the end of input. Raises
        Gone.
        """
        if not self._unheard and not self._read():
            return b""
        share = self._budget.share(self._unheard, held)
        data, self._unheard = self._unheard[:share], self._unheard[share:]
        return data

    def _read(self) -> bool:
        data = self._stream.receive_now(self._budget.reading) if self.open else None
        if data:
            self.bytes_in += len(data)
            self._unheard = data
        elif data is not None:
            self.open = False
        return bool(data)

    def end(self) -> None:
        """Read nothing more; what waits can still be taken."""
        self.open = False

    def clear(self) -> None:
        """Drop what waits."""
        self._unheard = b""
