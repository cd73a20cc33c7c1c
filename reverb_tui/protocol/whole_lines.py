"""Pass bytes on line by line, so that no line is divided between two connections."""

from typing import Final

LONGEST_HELD: Final = 65_538
"""Bytes of an unfinished line above which it is passed on in parts: with CR and LF it is longer
than a server echoes, if it was not told another limit."""


class WholeLines:
    """Holds what has been read and not passed on yet: at most the beginning of one line."""

    def __init__(self) -> None:
        self.within = False
        """Whether the beginning of a line was passed on, and not its end."""
        self._held = bytearray()

    def feed(self, data: bytes, *, whole: bool) -> bytes:
        """Return what to pass on now that ``data`` has been read.

        ``whole`` keeps back the beginning of the last line, unless a part of it was passed on or
        it is too long.
        """
        end = data.rfind(b"\n") + 1
        if not whole or (self.within and not end):
            ready = self.rest() + data
        elif end:
            ready = self.rest() + data[:end]
            self._held += data[end:]
        else:
            ready = b""
            self._held += data
        if len(self._held) > LONGEST_HELD:
            ready += self.rest()
        if ready:
            self.within = not ready.endswith(b"\n")
        return ready

    def rest(self) -> bytes:
        """Return what is kept back: nothing follows."""
        rest = bytes(self._held)
        self._held.clear()
        return rest

    def end_line(self, data: bytes) -> bytes:
        """Return what follows in ``data`` after the line whose beginning was passed on already."""
        end = data.find(b"\n") + 1
        self.within = self.within and not end
        return data[end:] if end else b""
