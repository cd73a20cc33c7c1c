"""Rows of the log as they are drawn: the text between its edges, and what stands out in it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from reverb_tui.entry import PREFIXES
from reverb_tui.widgets.log import looks
from reverb_tui.widgets.log.edges import Edges
from reverb_tui.widgets.log.finding import Search
from reverb_tui.widgets.log.painting import segments
from reverb_tui.widgets.log.selection import spans
from reverb_tui.widgets.log.wrapped_lines import Row, WrappedLines


class Marks(NamedTuple):
    """Everything that stands out.

    Args:
        shout: The shout whose lines do, 0 for none.
        cursor: The line under the cursor.
        focused: Whether the log has the focus, and so the cursor is seen.
        search: The search, whose places do.
        selection: The text that was selected with the mouse.
    """

    shout: int
    cursor: int | None
    focused: bool
    search: Search | None
    selection: Selection | None


class RowPainter:
    """Draws the rows of some lines.

    Args:
        lines: The lines.
        edges: What is beside them.
        component: Returns the style of the log with these components, as `LineStyles` is given.
    """

    def __init__(self, lines: WrappedLines, edges: Edges, component: Callable[..., Style]) -> None:
        self.line_styles = looks.LineStyles(component)
        """The styles of whole lines, to be renewed with the theme."""
        self._lines = lines
        self._edges = edges
        self._component = component

    def cells(self, row: Row, marks: Marks, width: int) -> int:
        """Return from which cell on a row is blank, in a log of so many cells."""
        shout = self._lines.entry(row.line)[3]
        stands_out = (shout and shout == marks.shout) or row.line == marks.cursor
        if stands_out or self._edges.right:
            return width
        return min(width, self._edges.left + len(PREFIXES[row.kind]) + cell_len(row.text))

    def strip(self, row: Row, marks: Marks, width: int) -> Strip:
        """Draw a row with its edges, in so many cells."""
        entry = self._lines.entry(row.line)
        over = Style()
        if entry[3] and entry[3] == marks.shout:
            over += self._component("echo-log--highlighted", partial=True)
        if row.line == marks.cursor and marks.focused:
            over += looks.CURSOR
        style = self.line_styles.style(row.kind, entry[3]) + over
        prefix = PREFIXES[row.kind]
        text = (" " * len(prefix) if row.begin else prefix) + row.text
        strip = Strip(segments(text, style, self._overlays(row, entry[1], marks)))
        edges = self._edges
        strip = strip.crop_extend(0, width - edges.left - edges.right, style)
        if not edges.left + edges.right:
            return strip
        look = self._component("echo-log--muted") + over
        return edges.beside(strip, None if row.begin else entry, look)

    def _overlays(self, row: Row, text: str, marks: Marks) -> Iterator[tuple[int, int, Style]]:
        """Yield what lies over a row: its matches, and its selected part."""
        if marks.search is not None:
            name = "echo-log--current" if row.line == marks.search.current else "echo-log--found"
            look = self._component(name, partial=True)
            yield from ((*span, look) for span in marks.search.spans(row, text))
        if marks.selection is not None:
            look = self._component("echo-log--selected")
            yield from ((*span, look) for span in spans(marks.selection, row, text))
