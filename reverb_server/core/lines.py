"""Cut what comes in by reads into blocks of whole lines.

Only LF ends a line, and one CR before it is dropped. Everything else (VT, FF, NEL, U+2028, a
lone CR) is text. A line over the limit is refused: it comes out as TOO_LONG at the moment it is
known to be too long, and the rest of it is skipped without being kept.

Promise: how the bytes are split into reads changes nothing but where one block ends and the next
begins.
"""

from enum import Enum, auto
from typing import Final, TypeAlias


class Refused(Enum):
    """Placeholder of a refused line."""

    TOO_LONG = auto()


TOO_LONG: Final = Refused.TOO_LONG

Piece: TypeAlias = bytes | Refused
"""A block (whole lines, each ended by LF, without the CR) or the mark of a refused line."""


class LineReader:
    """A reader of lines that is fed with whatever a read brings.

    ``max_line`` is the longest line that is accepted, in bytes, without LF and one CR.
    """

    __slots__ = ("_skipping", "max_line", "partial")

    def __init__(self, max_line: int) -> None:
        self.max_line = max_line
        self.partial: bytes | bytearray = b""  # a bytearray while there is any
        """The begin of a line that has not ended yet."""
        self._skipping = False

    def feed(self, data: bytes) -> list[Piece]:
        """Take the bytes of one read; return what is complete, in order."""
        if self._skipping:
            end = data.find(b"\n")
            if end < 0:
                return []
            self._skipping = False
            data = data[end + 1 :]
        end = data.rfind(b"\n") + 1
        if not end:
            self._keep(data)
            return self._refuse_partial()
        if end == len(data) <= self.max_line and not self.partial:  # as most clients send
            return [data.replace(b"\r\n", b"\n")]
        block = bytes(self.partial + data[:end]) if self.partial else data[:end]
        self.partial = b""
        self._keep(data[end:])
        return [*self._without_long_lines(block.replace(b"\r\n", b"\n")), *self._refuse_partial()]

    def end(self) -> list[Piece]:
        """Take the end of the input: a last line without LF counts, as in Go's Scanner."""
        return self.feed(b"\n") if self.partial else []

    def _keep(self, data: bytes) -> None:
        if self.partial:
            self.partial += data
        elif data:
            self.partial = bytearray(data)

    def _refuse_partial(self) -> list[Piece]:
        if len(self.partial) - self.partial.endswith(b"\r") <= self.max_line:
            return []
        self.partial = b""
        self._skipping = True
        return [TOO_LONG]

    def _without_long_lines(self, block: bytes) -> list[Piece]:
        """Replace each line over the limit by TOO_LONG.

        Looks once at each window of the limit's size, from its end: all lines before the last LF
        in it are short enough. So the cost does not depend on the number of lines.
        """
        if len(block) <= self.max_line + 1:
            return [block]
        pieces: list[Piece] = []
        begin = at = 0
        while at < len(block):
            end = block.rfind(b"\n", at, at + self.max_line + 1) + 1
            if end:
                at = end
                continue
            if begin < at:
                pieces.append(block[begin:at])
            pieces.append(TOO_LONG)
            begin = at = block.index(b"\n", at) + 1
        if begin < len(block):
            pieces.append(block[begin:])
        return pieces
