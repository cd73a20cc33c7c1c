"""The edges of the log: the numbers of shouts at the left, times at the right.

Both are beside the text, not in it: they are neither searched, selected nor copied.
"""

from collections.abc import Sequence
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from reverb_tui.entry import Entry, Timestamps
from reverb_tui.widgets.log.timestamps import WIDTHS, Shouts, stamp

_ROOM: Final = 20
"""Cells that the text needs beside an edge."""


class Edges:
    """The numbers and times beside the lines, as fitted last.

    Args:
        most_lines: How many lines the log keeps.
    """

    def __init__(self, most_lines: int) -> None:
        self.numbered = False
        """Whether numbers are wanted."""
        self.left = 0
        """Cells of numbers, including one between them and the text."""
        self.right = 0
        """Cells of times, including one between the text and them."""
        self._times = Timestamps.NONE
        self._shouts = Shouts(most_lines)
        self._newest = 0  # the highest number of a shout

    def note(self, entries: Sequence[Entry]) -> None:
        """Note which shouts are among these lines, and when they were sent."""
        self._shouts.note(entries)
        self._newest = max([self._newest, *[shout for _, _, _, shout in entries]])

    def numbers_width(self, width: int) -> int:
        """Return the cells for numbers in a log of so many: 0 if not wanted, or without room."""
        cells = len(f"{self._newest} ")
        wanted = self.numbered and self._newest
        return cells if wanted and width - cells >= _ROOM else 0

    def fit(self, width: int, timestamps: Timestamps) -> int:
        """Fit the edges into a log of so many cells; return those that are left for the text."""
        self.left = self.numbers_width(width)
        width -= self.left
        fits = width - WIDTHS[timestamps] >= _ROOM
        self._times = timestamps if fits else Timestamps.NONE
        self.right = WIDTHS[self._times]
        return width - self.right

    def beside(self, strip: Strip, entry: Entry | None, style: Style) -> Strip:
        """Put the edges beside a row of the text; they are blank without an entry."""
        parts = list(strip)
        if self.left:
            number = entry[3] if entry else 0
            parts.insert(0, Segment(f"{number or '':>{self.left - 1}} ", style))
        if self.right:
            time = stamp(entry, self._times, self._shouts) if entry else ""
            parts.append(Segment(time.rjust(self.right), style))
        return Strip(parts)
