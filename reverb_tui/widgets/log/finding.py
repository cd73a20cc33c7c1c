"""Searching the log: the lines found, the one that is shown, and the places in a line."""

import sys
from array import array
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import Final, NamedTuple

from reverb_tui.entry import PREFIXES
from reverb_tui.widgets.log.wrapped_lines import Row, WrappedLines

CHARACTERS_PER_FRAME: Final = 500_000
"""Characters that a search looks at in one frame: a few milliseconds."""

_LINE: Final = 20
"""Fixed cost of a line, in characters."""


class Found(NamedTuple):
    """How much was found, to be shown: the line number ``position`` of ``total``."""

    position: int = 0
    """From 1; 0 while none is shown."""
    total: int = 0
    complete: bool = True
    """Whether all lines there are have been looked at."""

    def __str__(self) -> str:
        if not self.total:
            return "nothing found" if self.complete else "searching …"
        count = f"{self.total:,}" if self.complete else f"{self.total:,} …"
        return f"{self.position:,} of {count}" if self.position else count


class Search:
    """A search for a needle, a part at a time, in lines of which more may come in.

    Upper and lower case are one, unless the needle has upper case.

    Args:
        needle: What to look for: at least one character.
        lines: Where to look for it.
    """

    def __init__(self, needle: str, lines: WrappedLines) -> None:
        self.current: int | None = None
        """The number of the line found that is shown."""
        self._needle = needle
        self._exact = needle != _folded(needle)
        self._lines = lines
        self._next = 0  # the first line that was not looked at
        self._goal = lines.total  # lines to look at before the first one found is shown
        self._hits = array("q")

    def __len__(self) -> int:
        return len(self._hits)

    @property
    def complete(self) -> bool:
        """Whether all lines there are have been looked at."""
        return self._next >= self._lines.total

    @property
    def found(self) -> Found:
        """The lines found so far."""
        hits = self._hits
        index = len(hits) if self.current is None else bisect_left(hits, self.current)
        shown = index < len(hits) and hits[index] == self.current
        return Found(index + 1 if shown else 0, len(hits), self.complete)

    def look(self, work: int = CHARACTERS_PER_FRAME) -> bool:
        """Look at more lines, for about so many characters.

        Returns:
            Whether now all lines have been looked at that there were when the search began.
        """
        before = self._next
        self._forget()
        while work > 0 and not self.complete:
            entries = self._lines.entries(self._next, self._next + 100)
            for number, (_, text, _, _) in enumerate(entries, self._next):
                if self._needle in (text if self._exact else _folded(text)):
                    self._hits.append(number)
                work -= _LINE + len(text)
            self._next += len(entries)
        return before < self._goal <= self._next

    def show_nearest(self, line: int) -> None:
        """Make the first line found from this one on the current one, or the last before it."""
        self._forget()
        index = min(bisect_left(self._hits, line), len(self._hits) - 1)
        self.current = self._hits[index] if self._hits else None

    def step(self, steps: int) -> None:
        """Go so many found lines down or, if negative, up; the ends are joined."""
        self._forget()
        if self.current is None or not self._hits:
            self.current = None
            return
        index = bisect_left(self._hits, self.current)
        if steps > 0 and not self.found.position:
            steps -= 1  # the one at the index is after the line already
        self.current = self._hits[(index + steps) % len(self._hits)]

    def places(self, text: str, begin: int = 0, end: int = sys.maxsize) -> list[tuple[int, int]]:
        """Return where in a text the needle is, each with its end.

        With the ``begin`` and ``end`` of a part: those that have some of the needle in it.
        """
        found, length = _places(text, self._needle, self._exact), len(self._needle)
        first, last = bisect_right(found, begin - length), bisect_left(found, end)
        return [(place, place + length) for place in found[first:last]]

    def spans(self, row: Row, text: str) -> list[tuple[int, int]]:
        """Return the places in a row of this line: begins and ends, maybe beyond the row."""
        margin = len(PREFIXES[row.kind])
        end = row.begin + len(row.text)
        return [
            (margin + max(0, place - row.begin), margin + to - row.begin)
            for place, to in self.places(text, row.begin, end)
        ]

    def _forget(self) -> None:
        """Forget lines that are not kept any more."""
        del self._hits[: bisect_left(self._hits, self._lines.first)]
        self._next = max(self._next, self._lines.first)


@lru_cache(maxsize=16)  # the rows of a line are drawn one after the other
def _places(text: str, needle: str, exact: bool) -> list[int]:
    text = text if exact else _folded(text)
    found = []
    begin = text.find(needle)
    while begin >= 0:
        found.append(begin)
        begin = text.find(needle, begin + len(needle))
    return found


def _folded(text: str) -> str:
    """Return the text in lower case, but always as long as it was."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(character.lower()[0] for character in text)
