"""The plain echo: every byte comes back untouched, as ``io.Copy`` sends it in the book.

Fulfils the contract of `reverb_server.core.echo`, and knows no lines, shouts or requests.
"""

import math
from collections import deque
from typing import Final, Literal

from reverb_server.core.echo import SPEAK_LIMIT, Heard
from reverb_server.core.lanes import BLOCK_COST


class Plain:
    """The bytes of one connection that have not gone back yet; ``heard`` gets each read."""

    asked = False
    mode: Final[Literal["plain"]] = "plain"
    delay = 0.0
    shouts = echoes = ended = pending = 0
    rest = b""
    worst_lateness = 0.0

    def __init__(self, heard: Heard | None = None) -> None:
        self._heard = heard
        self._chunks: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._over = False
        self.line_at = -math.inf  # when something was last heard

    @property
    def held(self) -> int:
        """Bytes held, the cost of keeping them included."""
        return self._size + BLOCK_COST * len(self._chunks)

    @property
    def next_due(self) -> float | None:
        """The instant at which `speak` has something to say: that of the oldest read."""
        return self._chunks[0][0] if self._chunks else None

    @property
    def done(self) -> bool:
        """Whether the input has ended and everything has been said."""
        return self._over and not self._chunks

    def hear(self, data: bytes, now: float) -> None:
        """Take what one read brought at the instant ``now``."""
        if data:
            self._chunks.append((now, data))
            self._size += len(data)
            self.line_at = now
            if self._heard is not None:
                self._heard(data, now)

    def end(self, _now: float) -> None:
        """Take the end of the input."""
        self._over = True

    def speak(self, _now: float, limit: int = SPEAK_LIMIT) -> bytes:
        """Hand out what came, at most ``limit`` bytes; the rest stays due."""
        pieces, room = [], limit
        while self._chunks and room:
            heard, chunk = self._chunks.popleft()
            if len(chunk) > room:
                self._chunks.appendleft((heard, chunk[room:]))
                chunk = chunk[:room]
            pieces.append(chunk)
            room -= len(chunk)
        self._size -= limit - room
        return b"".join(pieces)

    def change(self, delay: float | None, mode: str | None, now: float) -> None:
        """Change nothing: a plain echo has no delay, and stays plain."""

    def tell(self, code: str, sentence: str, now: float) -> None:
        """Send nothing: a plain echo returns only the bytes that came."""
