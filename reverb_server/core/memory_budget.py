"""How much one connection may hold in memory.

Half of the bound is for what was heard; the other half is kept for what that becomes while it is
sent: a part that was handed out and waits for the kernel, the end of a block that was too large
for it (upper case can take three times the bytes), and a read that has to wait.
"""

from typing import Final

from reverb_server.core import control
from reverb_server.core.echo import SPEAK_LIMIT

READ_SIZE: Final = 65_536
"""Bytes asked for by one read: what Linux hands over in one go on a fast connection."""

GROWTH: Final = 3
"""How much larger than a read what is held of it can get: a blank line is held as ``\\t \\n``."""

GROWTH_OF_REQUESTS: Final = 40
"""The same with requests in it: 21 bytes and a blank line cost 803."""

REQUESTS_AT_ONCE: Final = 4096
"""Bytes with requests in them that are heard before others get their turn: 2 ms' work."""


class MemoryBudget:
    """The bound of a connection: ``most`` bytes, whatever it is sent.

    ``requests`` tells whether there may be requests in it; in a plain echo there are none.
    """

    def __init__(self, most: int, *, requests: bool = True) -> None:
        self.most = most
        """Bytes in all."""
        self.reading = min(READ_SIZE, most // 16)
        """Bytes to ask for by one read."""
        self.speaking = min(SPEAK_LIMIT, most // 4)
        """Bytes to hand out at a time."""
        self._requests = requests
        self._pending = most // 2
        self._least = most // 64  # a smaller share would cost more than it brings

    def share(self, data: bytes, held: int) -> int:
        """Return how many bytes of ``data`` may be heard while ``held`` bytes are held; maybe 0."""
        room = self._pending - held
        if room < self._least:
            return 0
        if self._requests and control.MARK_BYTE in data:
            return min(len(data), max(1, room // GROWTH_OF_REQUESTS), REQUESTS_AT_ONCE)
        most = room // GROWTH or 1
        return len(data) if len(data) <= most else most
