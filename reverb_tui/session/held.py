"""Shouts that wait for the next connection, because the server of this one drains."""

from collections.abc import Sequence
from typing import Final

MOST: Final = 1_048_576
"""Bytes from which on no more shouts are held."""

EACH: Final = 64
"""Bytes that a line costs beside its text."""

TOO_LARGE: Final = (
    "more than 1 MiB can't wait for the next connection: send it again once connected"
)
FULL: Final = "1 MiB already waits for the next connection: try again once connected"


class HeldShouts:
    """Keeps lines in their order, while it `holds`; bounded by twice `MOST`."""

    def __init__(self) -> None:
        self.holds = False
        """Whether shouts are held now, and not sent."""
        self.input_ended = False
        """Whether the user has ended the input after the last of them."""
        self._lines: list[str] = []
        self._size = 0

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def full(self) -> bool:
        """Whether no more is taken."""
        return self._size >= MOST

    @property
    def takes(self) -> bool:
        """Whether more shouts can be held."""
        return not (self.full or self.input_ended)

    def begin(self) -> None:
        """Hold shouts from now on."""
        self.holds = True

    def hold(self, lines: Sequence[str]) -> bool:
        """Keep lines, if there is room for them; return whether there is."""
        size = sum(map(len, lines)) + EACH * len(lines)
        if self.full or size > MOST:
            return False
        self._lines += lines
        self._size += size
        return True

    def drop(self) -> str:
        """Hold nothing any more; return what is lost with it, as a sentence, "" if nothing is."""
        count = len(self.release())
        what = "one shout was" if count == 1 else f"{count:,} shouts were"
        return f"{what} held and not sent" if count else ""

    def release(self) -> list[str]:
        """Return all lines, and hold no more."""
        lines, self._lines = self._lines, []
        self._size, self.holds, self.input_ended = 0, False, False
        return lines
