"""Painting the rows of the log: styles over parts of a text, and only cells that changed."""

from collections.abc import Iterable
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from reverb_tui.widgets.log.wrapped_lines import past_marks


def segments(text: str, style: Style, overlays: Iterable[tuple[int, int, Style]]) -> list[Segment]:
    """Cut a text where its look changes, but never between a character and its marks.

    An overlay is a style from one character to before another. It may reach beyond the text; of
    those that lie over each other, later ones win.
    """
    looks = [style] * len(text)
    for begin, end, over in overlays:
        begin, end = (past_marks(text, min(max(0, edge), len(text))) for edge in (begin, end))
        looks[begin:end] = [look + over for look in looks[begin:end]]
    segments = []
    begin = 0
    for look, characters in groupby(looks):
        end = begin + len(list(characters))
        segments.append(Segment(text[begin:end], look))
        begin = end
    return segments


class PaintedRows:
    """How many cells of each row of the screen may not be blank, as painted last.

    Only those, and what replaces them, are painted again: a third of all with short lines.
    """

    def __init__(self) -> None:
        self._extents: list[int] = []

    def changed(self, extents: list[int], width: int) -> list[Region]:
        """Return what to paint where rows have so many cells now, and ``width`` at most."""
        before, self._extents = self._extents, extents
        if len(before) != len(extents):
            return [Region(0, 0, width, len(extents))]
        cells = map(max, before, extents)
        return [Region(0, y, reach, 1) for y, reach in enumerate(cells) if reach]

    def paint(self, y: int, extent: int) -> None:
        """Note that a row was painted, maybe not as it was planned: more may have come since."""
        if y < len(self._extents):
            self._extents[y] = max(self._extents[y], extent)

    def clear(self) -> None:
        """Have everything painted the next time."""
        self._extents = []


def over_end(strip: Strip, text: str, style: Style) -> Strip:
    """Lay a text of one-cell characters over the end of a row."""
    begin = max(0, strip.cell_length - len(text))
    return Strip([*strip.crop(0, begin), Segment(text[: strip.cell_length], style)])


def move_scrollbar(bar: ScrollBar, height: int, position: float) -> None:
    """Move a scrollbar for so many rows, and draw it only if it looks different.

    It is a quarter of what a frame costs otherwise.
    """
    before = _seen(bar)  # maybe not of the last frame: Textual moves it too, and draws it then
    bar.set_reactive(ScrollBar.window_virtual_size, height)
    bar.set_reactive(ScrollBar.position, bar.validate_position(position))
    if _seen(bar) != before:
        bar.refresh()


def _seen(bar: ScrollBar) -> Iterable[Segment]:
    """Return what is seen of a scrollbar but for its colours."""
    return ScrollBarRender.render_bar(
        bar.size.height, bar.window_virtual_size, bar.window_size, bar.position
    ).segments
