"""Where one text breaks into rows, in cells or between words, and where it must not.

Characters of one cell each fill every row to the last cell. A text with others (wide ones, marks)
is broken at columns one cell short of that, so that a wide character that begins in a row also
ends in it.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

from rich.cells import get_character_cell_size

_NARROW: Final = re.compile("[ -~⟨⟩…\u2400-\u2421]*")
"""Frequent characters of one cell each; others are looked up."""


def extent(text: str) -> int:
    """Cells of a line if each character has one; otherwise the negative column it reaches.

    That column is one after the beginning of the last character that is no mark.
    """
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text) or 1
    cells = list(map(get_character_cell_size, text))
    if cells.count(1) == len(cells):
        return len(cells)
    last = next((size for size in reversed(cells) if size), 1)
    return -max(1, sum(cells) - last + 1)


def past_marks(text: str, index: int) -> int:
    """The next place, from this one on, that parts no mark from the character it sits on."""
    while 0 < index < len(text) and not get_character_cell_size(text[index]):
        index += 1
    return index


@lru_cache(maxsize=256)
def cell_breaks(text: str, step: int) -> tuple[int, ...]:
    """Where the rows of a line begin, and its end: the first character from each ``step`` cells."""
    breaks = [0]
    column = 0
    for index, size in enumerate(map(get_character_cell_size, text)):
        if size and column >= step * len(breaks):
            breaks.append(index)
        column += size
    return (*breaks, len(text))


@lru_cache(maxsize=256)
def word_breaks(text: str, room: int) -> tuple[int, ...]:
    """The same where rows begin with a word, if one has room in ``room`` cells."""
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
