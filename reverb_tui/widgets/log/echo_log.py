"""The log: what was shouted at the left edge, what came back indented, newest at the bottom.

Texts must be safe to show already (``display.visible``); markup is never parsed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from reverb_tui.display import copied
from reverb_tui.entry import PREFIXES, Entry, Kind, Timestamps
from reverb_tui.widgets.keys import pair
from reverb_tui.widgets.log.searched import Searched
from reverb_tui.widgets.log.segments import Overlay, segments
from reverb_tui.widgets.log.selecting import pointed, selected, whole_end
from reverb_tui.widgets.log.timestamps import WIDTHS, Shouts, stamp
from reverb_tui.widgets.log.wrapped import MOST_LINES, Row

ROOM: Final = 20
"""Cells that the lines need; where there are fewer beside the times, the times are left out."""

_STYLES: Final = tuple(f"echo-log--{kind.name.lower()}" for kind in Kind)


class EchoLog(Searched, can_focus=True):
    """A log of lines that wraps, keeps the newest 100,000 and follows its end.

    It stops following when the user scrolls up, and says how many lines are new since then, in a
    ``Behind`` message and on a mark over its last row; End, a click on the mark, or scrolling
    down to the end take it back. A click does not take the focus from where the user types.

    A click on a line selects its shout; a double click selects the line's text. With the focus,
    Up and Down move a cursor from line to line, Enter copies the line, Escape takes the cursor
    away.
    """

    FOCUS_ON_CLICK = False
    BINDING_GROUP_TITLE = "In the log, where a click selects a shout"
    BINDINGS: ClassVar[list[BindingType]] = [
        *pair(
            "Select line",
            ("up", "↑", "move_cursor(-1)", "select the line above"),
            ("down", "↓", "move_cursor(1)", "select the line below"),
        ),
        Binding("enter", "copy_line", "Copy line", tooltip="copy the line"),
        Binding("escape", "leave", "select no line any more", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *_STYLES,
        "echo-log--time",
        "echo-log--highlighted",
        "echo-log--cursor",
        "echo-log--found",
        "echo-log--current",
        "echo-log--selected",
    }
    DEFAULT_CSS = """
    EchoLog {
        .echo-log--shout, .echo-log--sent { color: $text-primary; }
        .echo-log--loud { text-style: bold; }
        .echo-log--quiet { text-style: dim italic; }
        .echo-log--notice { text-style: italic; }
        .echo-log--problem { color: $text-error; text-style: bold italic; }
        .echo-log--time { color: $text-muted; }
        .echo-log--highlighted { background: $primary-muted; }
        .echo-log--cursor { text-style: reverse; }
        .echo-log--found { background: $warning-muted; text-style: underline; }
        .echo-log--current { background: $warning; color: black; text-style: bold underline; }
        .echo-log--selected { background: $primary; color: $text; }
        &:ansi .echo-log--selected { background: ansi_cyan; color: ansi_black; }
        &:nocolor .echo-log--selected { text-style: reverse; }
        &:nocolor .echo-log--highlighted { text-style: underline; }
    }
    """

    highlighted: reactive[int] = reactive(0)
    """The number of the shout whose lines stand out; 0 for none."""
    timestamps: reactive[Timestamps] = reactive(Timestamps.NONE)
    """Times at the right edge, if there is room."""

    @dataclass
    class Behind(Message):
        """The log follows or does not any more, or there are ``count`` lines that are new since."""

        count: int

    @dataclass
    class Selected(Message):
        """The user selected a line of this shout; 0 for a line of none."""

        shout: int

    @dataclass
    class Copied(Message):
        """The user copied this text, one line."""

        text: str

    def __init__(self, most_lines: int = MOST_LINES) -> None:
        super().__init__(most_lines)
        self._shouts = Shouts(most_lines)
        self._cursor: int | None = None

    # Lines

    def add(self, entries: Sequence[Entry]) -> None:
        """Add lines, in order; they are on screen with the next frame."""
        self._shouts.note(entries)
        super().add(entries)

    def entries(self) -> list[Entry]:
        """All lines kept, oldest first."""
        kept = self._wrapped.entries(self._wrapped.first, self._wrapped.total) + self._incoming
        return kept[-self._wrapped.most_lines :]

    def clear(self) -> None:
        """Forget all lines, and follow."""
        self._cursor = None
        super().clear()

    def _tell(self) -> None:
        self.post_message(self.Behind(self.behind))

    def watch_timestamps(self) -> None:
        """Make room for the times, or give it back."""
        if self.is_mounted:
            self.on_resize()

    def watch_highlighted(self) -> None:
        """Draw again."""
        self._redraw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._redraw()

    # Selecting a line, a shout, some text

    def on_click(self, event: Click) -> None:
        """Go back to the end at a click on the mark; otherwise select a shout, or a line."""
        offset = event.get_content_offset(self)
        if offset is None or event.widget is not self:
            return
        if self._mark_region.contains_point(offset):
            self.to_end()
            return
        line = self._wrapped.line_at(self.scroll_offset.y + offset.y)
        entries = self._wrapped.entries(line, line + 1)
        if event.chain > 1 and entries:
            event.prevent_default()  # Textual would select everything
            begin = len(PREFIXES[entries[0][0]])
            end = begin + len(entries[0][1])
            selection = Selection(Offset(begin, line), Offset(end, line))
            self.screen.selections = {self: selection}
        elif event.chain == 1 and self.text_selection is None:
            shout = entries[0][3] if entries else 0
            self._select(0 if shout == self.highlighted else shout)

    def action_move_cursor(self, lines: int) -> None:
        """The Up and Down keys: from line to line, from the last one that is seen."""
        if not len(self._wrapped):
            return
        first, total = self._wrapped.first, self._wrapped.total
        if self._cursor is None or self._cursor < first:
            last = self.scroll_offset.y + self.size.height - 1
            line = min(self._wrapped.line_at(last), total - 1)
        else:
            line = max(first, self._cursor + lines)
        if line == total:
            self.action_leave()
            self.to_end()
            return
        self._cursor = line
        self._show(line)
        self._select(self._wrapped.entry(line)[3])

    def action_copy_line(self) -> None:
        """The Enter key: copy the text of the line under the cursor."""
        if self._cursor is not None:
            for _, text, _, _ in self._wrapped.entries(self._cursor, self._cursor + 1):
                text = copied(text)
                self.app.copy_to_clipboard(text)
                self.post_message(self.Copied(text))

    def action_leave(self) -> None:
        """The Escape key: no cursor and no shout any more; without them it is someone else's."""
        if self._cursor is None and not self.highlighted:
            raise SkipAction
        self._cursor = None
        self._select(0)
        self._follow(round(self.scroll_offset.y) >= self.max_scroll_y)
        self._redraw()

    def _select(self, shout: int) -> None:
        if shout != self.highlighted:
            self.highlighted = shout
            self.post_message(self.Selected(shout))

    def pointed(self, cell: Offset) -> Offset | None:
        """The character (x) and the line (y) at a cell; None if there are no lines."""
        return pointed(self._wrapped, cell.x, self.scroll_offset.y + cell.y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected lines as they are seen but for the wrapping, and what ends them.

        Emoji that are seen in parts are whole.
        """
        text = selected(self._wrapped, selection)
        return None if text is None else (copied(text), "\n")

    # Drawing

    def _times(self, width: int) -> Timestamps:
        """The times there is room for."""
        fits = width - WIDTHS[self.timestamps] >= ROOM
        return self.timestamps if fits else Timestamps.NONE

    @property
    def _text_width(self) -> int:
        width = self._width
        return width - WIDTHS[self._times(width)]

    def _extent(self, row: Row) -> int:
        shout = self._wrapped.entry(row.line)[3]
        stands_out = (shout and shout == self.highlighted) or row.line == self._cursor
        if stands_out or self._times(self._width) is not Timestamps.NONE:
            return self._width
        return min(self._width, len(PREFIXES[row.kind]) + cell_len(row.text))

    def _strip(self, row: Row, width: int) -> Strip:
        times = self._times(width)
        entry = self._wrapped.entry(row.line)
        over = Style()
        if entry[3] and entry[3] == self.highlighted:
            over += self._over("highlighted")
        if row.line == self._cursor and self.has_focus:
            over += self._over("cursor")
        style = self.get_component_rich_style(_STYLES[row.kind]) + over
        prefix = PREFIXES[row.kind]
        text = (" " * len(prefix) if row.begin else prefix) + row.text
        overlays = self._overlays(row, entry[1], len(prefix))
        strip = Strip(segments(text, style, overlays))
        strip = strip.crop_extend(0, width - WIDTHS[times], style)
        if times is Timestamps.NONE:
            return strip
        time = "" if row.begin else stamp(entry, times, self._shouts)
        look = self.get_component_rich_style("echo-log--time") + over
        return Strip([*strip, Segment(time.rjust(WIDTHS[times]), look)])

    def _overlays(self, row: Row, text: str, margin: int) -> list[Overlay]:
        """Return the marks of a row: its matches, and its selected part."""
        overlays = []
        if self._search is not None:
            look = self._over("current" if row.line == self._current else "found")
            for begin, end in self._search.places(text, row.begin, row.begin + len(row.text)):
                begin = margin + max(0, begin - row.begin)
                overlays.append((begin, margin + end - row.begin, look))
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row.line)
        if span is not None:
            shown = PREFIXES[row.kind] + text
            end = whole_end(shown, span[1]) if span[1] >= 0 else len(shown)
            look = self.get_component_rich_style("echo-log--selected")
            overlays.append((span[0] - row.begin, end - row.begin, look))
        return overlays

    def _over(self, name: str) -> Style:
        return self.get_component_rich_style(f"echo-log--{name}", partial=True)
