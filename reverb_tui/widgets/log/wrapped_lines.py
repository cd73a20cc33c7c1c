"""The lines that the log keeps, and the rows that they wrap into.

Rewrapping must be quick with 100,000 lines, so the number of rows of a line follows from one
number, stored when the line comes in: its extent. The client's own sentences, which are few, break
between words: their extent is 0, and their rows are looked for.

Characters of one cell each fill every row to the last cell. A text with others (wide ones, marks)
breaks at columns one cell short of that, so that a wide character that begins in a row also
ends in it.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, islice
from sys import getsizeof
from typing import Final, NamedTuple

from rich.cells import get_character_cell_size

from reverb_tui.entry import PREFIXES, Entry, Kind

MOST_LINES: Final = 100_000
MOST_BYTES: Final = 64 * 1024 * 1024

_OVERHEAD: Final = 150
"""Bytes that a line costs beside its text: a tuple, its numbers, its place in the list and in the
arrays."""

_MARGINS: Final = tuple(map(len, PREFIXES))
_NARROWEST: Final = 3
"""Cells for text, however narrow the screen: a wide character and the cell it may fall short."""

_SAID: Final = (Kind.NOTICE, Kind.PROBLEM)
"""The kinds of lines that are the client's own sentences."""

_NARROW: Final = re.compile("[ -~⟨⟩…\u2400-\u2421]*")
"""Frequent characters of one cell each; others are looked up."""


class Row(NamedTuple):
    """A row to draw: ``text`` begins at character ``begin`` of the line number ``line``."""

    line: int
    kind: int
    begin: int
    text: str


class WrappedLines:
    """The newest lines, at most ``most_lines`` of them and at most ``most_bytes`` of memory.

    Lines are numbered from the first that ever came; rows are counted from the first one kept.
    """

    def __init__(self, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> None:
        self.most_lines = most_lines
        self.most_bytes = most_bytes
        self.first = 0
        self.bytes = 0
        """Memory that the lines take."""
        self.width = 80
        self._lines: list[Entry] = []
        self._extents = array("i")
        self._ends = array("q")  # for each line, where its rows end; trimming changes only _base
        self._base = 0
        self._rooms = _rooms(80)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def total(self) -> int:
        """Lines that ever came: the number of the next one."""
        return self.first + len(self._lines)

    @property
    def height(self) -> int:
        """Rows of all lines kept."""
        return self._ends[-1] - self._base if self._ends else 0

    def extend(self, lines: Sequence[Entry]) -> int:
        """Add lines and drop the oldest beyond the bounds; return how many rows were dropped.

        Rows of lines that come and go within the same call are not counted.
        """
        height = self.height
        begin = len(self._lines)
        self._lines += lines
        self._extents.extend([0 if kind in _SAID else _extent(text) for kind, text, _, _ in lines])
        self.bytes += sum([getsizeof(text) for _, text, _, _ in lines]) + _OVERHEAD * len(lines)
        self._count_rows(begin)
        return min(self._trim(), height)

    def rewrap(self, width: int) -> None:
        """Rewrap all lines at ``width`` cells."""
        self.width = width
        self._rooms = _rooms(width)
        self._base = 0
        del self._ends[:]
        self._count_rows(0)

    def clear(self) -> None:
        """Forget all lines; the numbers go on."""
        self._drop(len(self._lines))

    def begin(self, line: int) -> int:
        """Return the first row of a line that is kept."""
        index = line - self.first
        return (self._ends[index - 1] if index else self._base) - self._base

    def line_at(self, row: int) -> int:
        """Return the number of the line that a row belongs to; below the last row, ``total``."""
        return self.first + bisect_right(self._ends, row + self._base)

    def row(self, row: int) -> Row:
        """Return what to draw in this row, which must be one of ``height``."""
        line = self.line_at(row)
        kind, text, _, _ = self.entry(line)
        nth = row - self.begin(line)
        room = self._rooms[kind]
        if self._extents[line - self.first] > 0:
            return Row(line, kind, nth * room, text[nth * room : (nth + 1) * room])
        breaks = self._row_breaks(line)
        return Row(line, kind, breaks[nth], text[breaks[nth] : breaks[nth + 1]])

    def row_of(self, line: int, character: int) -> int:
        """Return in which of the rows of this line the character is, from 0."""
        if self._extents[line - self.first] > 0:
            return character // self._rooms[self.entry(line)[0]]
        breaks = self._row_breaks(line)
        return bisect_right(breaks, character, 0, len(breaks) - 1) - 1

    def entry(self, line: int) -> Entry:
        """Return the line with this number, which must be kept."""
        return self._lines[line - self.first]

    def entries(self, begin: int, end: int) -> list[Entry]:
        """Return those lines of these numbers that are kept."""
        return self._lines[max(0, begin - self.first) : max(0, end - self.first)]

    def _row_breaks(self, line: int) -> tuple[int, ...]:
        kind, text, _, _ = self.entry(line)
        room = self._rooms[kind]
        return _word_breaks(text, room) if kind in _SAID else _cell_breaks(text, room - 1)

    def _count_rows(self, begin: int) -> None:
        rooms = self._rooms
        rows = [
            -(-reach // rooms[line[0]])
            if reach > 0
            else -(reach // (rooms[line[0]] - 1)) or len(_word_breaks(line[1], rooms[line[0]])) - 1
            for reach, line in zip(
                self._extents[begin:], islice(self._lines, begin, None), strict=True
            )
        ]
        ends = accumulate(rows, initial=self._ends[-1] if self._ends else self._base)
        next(ends)
        self._ends.extend(ends)

    def _trim(self) -> int:
        many = max(0, len(self._lines) - self.most_lines)
        spare = self.bytes - self.most_bytes
        if spare > 0:
            spare -= sum(self._costs(0, many))
            for cost in self._costs(many, len(self._lines)):
                if spare <= 0:
                    break
                spare -= cost
                many += 1
        return self._drop(many)

    def _drop(self, many: int) -> int:
        if not many:
            return 0
        rows = self._ends[many - 1] - self._base
        self._base += rows
        self.first += many
        self.bytes -= sum(self._costs(0, many))
        del self._lines[:many], self._extents[:many], self._ends[:many]
        return rows

    def _costs(self, begin: int, end: int) -> Iterator[int]:
        for _, text, _, _ in islice(self._lines, begin, end):
            yield getsizeof(text) + _OVERHEAD


def past_marks(text: str, index: int) -> int:
    """Return the next place, from this one on, that parts no mark from its character."""
    while 0 < index < len(text) and not get_character_cell_size(text[index]):
        index += 1
    return index


def _rooms(width: int) -> tuple[int, ...]:
    return tuple(max(_NARROWEST, width - margin) for margin in _MARGINS)


def _extent(text: str) -> int:
    """Return the cells of a line of one-cell characters, otherwise the negative column it reaches.

    That column is one after the beginning of the last character that is no mark.
    """
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text) or 1
    cells = list(map(get_character_cell_size, text))
    if cells.count(1) == len(cells):
        return len(cells)
    last = next((size for size in reversed(cells) if size), 1)
    return -max(1, sum(cells) - last + 1)


@lru_cache(maxsize=256)
def _cell_breaks(text: str, step: int) -> tuple[int, ...]:
    """Return where each row begins, about ``step`` cells after the one before, and the end."""
    breaks = [0]
    column = 0
    for index, size in enumerate(map(get_character_cell_size, text)):
        if size and column >= step * len(breaks):
            breaks.append(index)
        column += size
    return (*breaks, len(text))


@lru_cache(maxsize=256)
def _word_breaks(text: str, room: int) -> tuple[int, ...]:
    """Return the same where rows begin with a word, if one has room in ``room`` cells."""
    ends: Sequence[int] = range(1, len(text) + 1)  # the column after each character
    if not text.isascii():
        ends = list(accumulate(map(get_character_cell_size, text)))
    breaks = [0]
    while (begin := breaks[-1]) < len(text):
        last = (ends[begin - 1] if begin else 0) + room - 1  # this cell is for a blank
        over = bisect_right(ends, last, begin)
        word = text.rfind(" ", begin, over + 1) + 1 if over < len(text) else over
        breaks.append(word if word > begin else over)
    return tuple(breaks) if text else (0, 0)
