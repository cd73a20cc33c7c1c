"""Finding lines of the log: which ones have the needle, and where in them it is."""

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from reverb_tui.entry import Entry

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
    """A search for a needle, of which more can be done at any time.

    Upper and lower case are one, unless the needle has upper case. Lines are known by their
    numbers, counted from the first that ever came.
    """

    def __init__(self, needle: str) -> None:
        self.needle = needle
        self.next = 0
        """The number of the first line that was not looked at."""
        self._exact = needle != _folded(needle)
        self._hits = array("q")

    def __len__(self) -> int:
        return len(self._hits)

    def look(self, first: int, entries: Sequence[Entry]) -> int:
        """Look at more entries, numbered from ``first`` on; return the work done, in characters."""
        needle = self.needle
        work = _LINE * len(entries)
        for number, (_, text, _, _) in enumerate(entries, first):
            work += len(text)
            if needle in (text if self._exact else _folded(text)):
                self._hits.append(number)
        self.next = first + len(entries)
        return work

    def forget(self, first: int) -> None:
        """Forget what was found before the line number ``first``."""
        if self._hits and self._hits[0] < first:
            del self._hits[: bisect_left(self._hits, first)]
        self.next = max(self.next, first)

    def nearest(self, line: int) -> int | None:
        """The first line from this one on that has the needle, otherwise the last before it."""
        index = min(bisect_left(self._hits, line), len(self._hits) - 1)
        return self._hits[index] if self._hits else None

    def step(self, line: int, steps: int) -> int | None:
        """The line with the needle so many after or before this one; the ends are joined."""
        if not self._hits:
            return None
        index = bisect_left(self._hits, line)
        if steps > 0 and not self.position(line):
            steps -= 1  # the one at the index is after the line already
        return self._hits[(index + steps) % len(self._hits)]

    def position(self, line: int | None) -> int:
        """Which one this line is of those found, from 1; 0 if it is none of them."""
        index = bisect_left(self._hits, line) if line is not None else len(self._hits)
        return index + 1 if index < len(self._hits) and self._hits[index] == line else 0

    def places(self, text: str, begin: int = 0, end: int = sys.maxsize) -> list[tuple[int, int]]:
        """Where in a text the needle is, each with its end.

        With the ``begin`` and ``end`` of a part: those that have some of the needle in it.
        """
        found, length = _places(text, self.needle, self._exact), len(self.needle)
        first, last = bisect_right(found, begin - length), bisect_left(found, end)
        return [(place, place + length) for place in found[first:last]]


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
    """The text in lower case, character by character where that would change the length."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(character.lower()[0] for character in text)
