"""The lines that the log keeps, and the rows that they wrap into.

A row ends after its last blank, so words stay whole. Only before a word that is longer than any row
it ends at its last cell. Every character is in exactly one row, blanks too.

Rewrapping must be quick with 100,000 lines, so the cells of a line are counted once, when it comes
in. Most lines then fit into one row without a look at their text. Of others only the ends of their
rows are looked at; where a line has wide characters or marks, in a copy of one character per cell.
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

from reverb_tui.entry import PREFIXES, Entry

MOST_LINES: Final = 100_000
MOST_BYTES: Final = 64 * 1024 * 1024

_OVERHEAD: Final = 150
"""Bytes that a line costs beside its text: a tuple, its numbers, its place in the list and in the
arrays."""

_MARGINS: Final = tuple(map(len, PREFIXES))
_NARROWEST: Final = 2
"""Cells for text, however narrow the screen: a wide character."""

_LETTERS: Final = "\u00a0-\u02ff\u0370-\u0482\u2010-\u2027\u2400-\u2421⟨⟩"
_NARROW: Final = re.compile(f"[ -~{_LETTERS}]*")
_NOT_ASCII: Final = re.compile(f"[{_LETTERS}]")
_WIDE: Final = re.compile(
    "[\u3041-\u3096\u309b-\u30ff\u3250-\ua48c\uac00-\ud7a3\uff01-\uff60\u3001-\u3029]+"
)
"""Frequent characters of one cell each, and of two; others are looked up."""

_SECOND_CELL: Final = "\0"
_NO_CELL: Final = b"\xff"
_SECOND_CELLS: Final = bytes(0 if byte == ord("?") else _NO_CELL[0] for byte in range(256))
_MOST_KNOWN: Final = 4096


class _Spread(dict[int, str]):
    """A table for ``str.translate``: to one character per cell, none for a mark."""

    def __missing__(self, codepoint: int) -> str:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        character = chr(codepoint)
        cells = ("", character, character + _SECOND_CELL)[get_character_cell_size(character)]
        self[codepoint] = cells
        return cells


_SPREAD: Final = _Spread()


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
        self._cells = array("i")  # of each line; negative with wide characters or marks
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
        self._cells.extend([_count_cells(text) for _, text, _, _ in lines])
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
        begins = self._row_begins(line)
        if begins is None:
            return Row(line, kind, 0, text)
        nth = row - self.begin(line)
        return Row(line, kind, begins[nth], text[begins[nth] : begins[nth + 1]])

    def row_of(self, line: int, character: int) -> int:
        """Return in which of the rows of this line the character is, from 0."""
        begins = self._row_begins(line)
        return 0 if begins is None else bisect_right(begins, character, 0, len(begins) - 1) - 1

    def entry(self, line: int) -> Entry:
        """Return the line with this number, which must be kept."""
        return self._lines[line - self.first]

    def entries(self, begin: int, end: int) -> list[Entry]:
        """Return those lines of these numbers that are kept."""
        return self._lines[max(0, begin - self.first) : max(0, end - self.first)]

    def _row_begins(self, line: int) -> Sequence[int] | None:
        """Return where the rows of a line begin, and its end; None if it fits into one row."""
        kind, text, _, _ = self.entry(line)
        cells, room = self._cells[line - self.first], self._rooms[kind]
        return None if abs(cells) <= room else _begins(text, cells, room)

    def _count_rows(self, begin: int) -> None:
        rooms = self._rooms
        rows = [
            1 if abs(cells) <= rooms[kind] else len(_breaks(text, cells, rooms[kind])) - 1
            for cells, (kind, text, _, _) in zip(
                self._cells[begin:], islice(self._lines, begin, None), strict=True
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
        del self._lines[:many], self._cells[:many], self._ends[:many]
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


def _count_cells(text: str) -> int:
    """Return the cells of a text, as a negative number if not every character has one."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    narrow = _WIDE.sub("", text)
    if narrow.isascii() or _NARROW.fullmatch(narrow):
        return len(narrow) - 2 * len(text)
    spread = text.translate(_SPREAD)
    all_narrow = len(spread) == len(text) and _SECOND_CELL not in spread
    return len(spread) if all_narrow else -len(spread)


def _spread(text: str, cells: int) -> str:
    """Return a text of one character per cell, with the same blanks.

    Nothing is looked up if all characters beyond ASCII are wide, or frequent and narrow.
    """
    if cells > 0:
        return text
    first = text.replace("?", "!").encode("ascii", "replace")  # a ? for each one beyond ASCII
    if len(text) + first.count(b"?") != -cells:  # not all of them are wide
        ascii_text = _NOT_ASCII.sub("x", text)
        return text.translate(_SPREAD) if ascii_text == text else _spread(ascii_text, cells)
    spread = bytearray(2 * len(text))
    spread[::2], spread[1::2] = first, first.translate(_SECOND_CELLS)
    return spread.translate(None, _NO_CELL).decode("ascii")


def _breaks(text: str, cells: int, room: int) -> Sequence[int]:
    """Return the cells of a text at which rows of ``room`` cells begin, and its end.

    Args:
        text: A text with more cells than that.
        cells: As counted for it.
        room: 2 or more.
    """
    if cells == -2 * len(text):  # all characters are wide, none is a blank
        return [*range(0, -cells, room // 2 * 2), -cells]
    spread, breaks, begin = _spread(text, cells), [0], 0
    end = len(spread)
    while end - begin > room:
        full = begin + room
        word = spread.rfind(" ", begin, full) + 1
        if word and (end - word <= room or spread.find(" ", word, word + room + 1) > 0):
            begin = word
        else:  # the word is longer than any row
            begin = full - (spread[full] == _SECOND_CELL)
        breaks.append(begin)
    breaks.append(end)
    return breaks


@lru_cache(maxsize=256)  # lines on the screen are drawn again and again
def _begins(text: str, cells: int, room: int) -> Sequence[int]:
    """Return the same in characters."""
    breaks = _breaks(text, cells, room)
    if cells > 0:
        return breaks
    ends = list(accumulate(map(get_character_cell_size, text)))
    # A mark at a break belongs to the character before.
    return [0, *(bisect_right(ends, cell) for cell in breaks[1:])]
