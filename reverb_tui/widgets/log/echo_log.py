"""The log: what was shouted at the left edge, what came back indented, newest at the bottom.

Once a frame the lines that came are wrapped and, if the terminal keeps up, drawn. Texts must be
safe to show already (``display.visible``); markup is never parsed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from reverb_tui.display import copied
from reverb_tui.entry import PREFIXES, Entry, Timestamps
from reverb_tui.widgets.keys import pair
from reverb_tui.widgets.log import looks
from reverb_tui.widgets.log.edges import Edges
from reverb_tui.widgets.log.finding import Found, Search
from reverb_tui.widgets.log.following import Following
from reverb_tui.widgets.log.painting import PaintedRows, move_scrollbar, over_end
from reverb_tui.widgets.log.row_painter import Marks, RowPainter
from reverb_tui.widgets.log.selection import pointed, selected
from reverb_tui.widgets.log.wrapped_lines import MOST_LINES, WrappedLines

FLOOD_INTERVAL: Final = 1 / 30
"""Seconds between two drawings in a flood; what comes after a pause is drawn at once."""


class EchoLog(ScrollView, can_focus=True):
    """A log of lines that wraps, keeps the newest 100,000 and follows its end.

    It stops following when the user scrolls up, and shows how many lines are new since then on a
    mark over its last row; End, a click on the mark, or scrolling down to the end take it back. A
    click does not take the focus from where the user types.

    A click on a line selects its shout; a double click selects the line's text. With the focus,
    Up and Down move a cursor from line to line, Enter copies the line, Escape clears the cursor.
    """

    FOCUS_ON_CLICK = False
    BINDING_GROUP_TITLE = "In the log, where a click selects a shout"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("end,ctrl+end", "end", "go back to the newest line", show=False),
        *pair(
            "Select line",
            ("up", "↑", "move_cursor(-1)", "select the line above"),
            ("down", "↓", "move_cursor(1)", "select the line below"),
        ),
        Binding("enter", "copy_line", "Copy line", tooltip="copy the line"),
        Binding("escape", "leave", "select no line any more", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = looks.COMPONENTS
    DEFAULT_CSS = looks.CSS

    highlighted: reactive[int] = reactive(0)
    """The number of the shout whose lines stand out; 0 for none."""
    timestamps: reactive[Timestamps] = reactive(Timestamps.NONE)
    """Times at the right edge, if there is room."""
    left_edge: reactive[int] = reactive(0, repaint=False)
    """Cells at the left edge for the numbers of shouts; only the log itself sets it."""
    found: reactive[Found | None] = reactive[Found | None](None)
    """Matches of the search so far; None without one."""

    class Behind(Message):
        """The log stopped following its end, or follows it again."""

    @dataclass
    class Selected(Message):
        """The user selected a line of this shout; 0 for a line of none."""

        shout: int

    @dataclass
    class Copied(Message):
        """The user copied this text, one line."""

        text: str

    def __init__(self, most_lines: int = MOST_LINES) -> None:
        super().__init__()
        self.terminal_is_behind: Callable[[], bool] = lambda: False
        """Whether frames should be skipped; set by the app, which knows its terminal."""
        self._lines = WrappedLines(most_lines)
        self._incoming: list[Entry] = []
        self._edges = Edges(most_lines)
        self._following = Following()
        self._cursor: int | None = None
        self._search: Search | None = None
        self._origin: tuple[int, bool] | None = None  # before the search: line on top, following
        self._frames: Timer | None = None
        self._stale = False  # more than the mark must be drawn again
        self._owed = False  # a frame was skipped for the terminal
        self._painted = PaintedRows()
        self._painter = RowPainter(self._lines, self._edges, self.get_component_rich_style)

    # Lines

    @property
    def line_count(self) -> int:
        """Lines kept."""
        return min(len(self._lines) + len(self._incoming), self._lines.most_lines)

    def entries(self) -> list[Entry]:
        """Return all lines kept, oldest first."""
        kept = self._lines.entries(self._lines.first, self._lines.total) + self._incoming
        return kept[-self._lines.most_lines :]

    def add(self, entries: Sequence[Entry]) -> None:
        """Add lines, in order; they are on screen with the next frame."""
        self._edges.note(entries)
        self._incoming += entries
        self._wake()

    def clear(self) -> None:
        """Forget all lines, and follow."""
        self._cursor = None
        self._incoming.clear()
        self._lines.clear()
        self.to_end()

    # Scrolling, and following the end

    @property
    def following(self) -> bool:
        """Whether the newest line stays in view."""
        return self._following.on

    @property
    def behind(self) -> int:
        """Lines that are new since it stopped following."""
        return self._following.behind(self._lines.total)

    def to_end(self) -> None:
        """Go to the newest line and follow."""
        self._follow(True)
        self._settle(0)

    action_end = to_end

    def on_resize(self) -> None:
        """Wrap again, and keep the line at the top, or the end, where it was."""
        top = self._lines.line_at(self.scroll_offset.y)
        width = self._edges.fit(self._width, self.timestamps)
        self.left_edge = self._edges.left
        if width != self._lines.width:
            self._lines.rewrap(width)
        self._stale = True
        self._painted.clear()
        self._settle(0 if self.following else self._lines.begin(top))
        if not self.max_scroll_y:
            self._follow(True)

    def _fit_numbers(self) -> None:
        """Wrap again if the numbers of shouts need more or fewer cells."""
        if self._edges.numbers_width(self._width) != self._edges.left:
            self.on_resize()

    def _watch_timestamps(self) -> None:
        if self.is_mounted:
            self.on_resize()  # they take room from the lines, or give it back

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end if the user went there; the view's own moves do not come by here."""
        super().watch_scroll_y(old_value, new_value)
        self._follow(round(new_value) >= self.max_scroll_y)

    def _scroll_to(
        self,
        x: float | None = None,
        y: float | None = None,
        **options: Any,  # noqa: ANN401
    ) -> bool:
        """Scroll at once, for whatever reason: what comes meanwhile would move the goal."""
        options["animate"] = False
        moved = super()._scroll_to(x, y, **options)
        if y is not None and round(y) >= self.max_scroll_y:
            self._follow(True)  # also if it was there before, and did not follow
        return moved

    def _follow(self, following: bool) -> None:
        if self._following.turn(following, self._lines.total):
            self.post_message(self.Behind())
        self._wake()

    def _show(self, line: int, row: int = 0) -> None:
        """Stop following, and bring this row of a line into view; in the middle, if it was not."""
        self._follow(False)
        y, top, height = self._lines.begin(line) + row, self.scroll_offset.y, self.size.height
        # The last row can be under the mark.
        self._settle(top if top <= y < top + height - 1 else y - height // 2)
        self._stale = True

    def _settle(self, top: int) -> None:
        """Fit the scrolling to the rows there are: the row ``top`` on top, unless following.

        It goes past Textual's watchers, which would lay out and repaint at once.
        """
        roomy = self.virtual_size.height < self.size.height  # what comes is seen then
        self.set_reactive(Widget.virtual_size, Size(self._width, self._lines.height))
        end = self.max_scroll_y
        y = end if self.following else max(0, min(top, end))
        self.set_reactive(Widget.scroll_target_y, float(y))
        self.set_scroll(None, y)
        self._stale |= self.following or y != top or roomy
        self._wake()

    # Searching

    def search(self, needle: str) -> None:
        """Search for the needle, and show the next line that has it.

        An empty needle finds nothing. ``found`` has the result so far; it takes some frames where
        there is much to look at, and goes on while lines come in.
        """
        if self._origin is None:
            self._origin = self._lines.line_at(self.scroll_offset.y), self.following
        self._search = Search(needle, self._lines) if needle else None
        self.found = None
        self._redraw()

    def search_step(self, steps: int) -> None:
        """Show the next line found, or with -1 the one before; the ends are joined."""
        if self._search is not None:
            self._show_found(self._search, steps)

    def search_end(self, *, back: bool) -> None:
        """End the search, and go back to where the user was before, or stay."""
        origin, self._origin = self._origin, None
        self._search = self.found = None
        self._redraw()
        if not back or origin is None:
            return
        line, following = origin
        if following:
            self.to_end()
        else:
            self._follow(False)
            line = min(max(line, self._lines.first), self._lines.total)
            self._settle(self._lines.begin(line))

    def _show_found(self, search: Search, steps: int = 0) -> None:
        """Show the line so many steps from the current one, or the next from where the user was."""
        lines = self._lines
        line, following = self._origin or (0, True)
        if following:
            line = lines.line_at(max(0, lines.height - self.size.height))
        if steps and search.current is not None:
            search.step(steps)
        else:
            search.show_nearest(line)
        if search.current is not None:
            place, _ = search.places(lines.entry(search.current)[1])[0]
            self._show(search.current, lines.row_of(search.current, place))
        self._redraw()

    # Selecting a line, a shout, some text

    def on_click(self, event: Click) -> None:
        """Go back to the end at a click on the mark; otherwise select a shout, or a line."""
        offset = event.get_content_offset(self)
        if offset is None or event.widget is not self:
            return
        if offset.y == self.size.height - 1 and offset.x >= self._width - len(self._mark):
            self.to_end()
            return
        line = self._lines.line_at(self.scroll_offset.y + offset.y)
        entries = self._lines.entries(line, line + 1)
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
        """Move the cursor by so many lines; at first to the last one that is seen."""
        if not len(self._lines):
            return
        first, total = self._lines.first, self._lines.total
        if self._cursor is None or self._cursor < first:
            last = self.scroll_offset.y + self.size.height - 1
            line = min(self._lines.line_at(last), total - 1)
        else:
            line = max(first, self._cursor + lines)
        if line == total:
            self.action_leave()
            self.to_end()
            return
        self._cursor = line
        self._show(line)
        self._select(self._lines.entry(line)[3])

    def action_copy_line(self) -> None:
        """Copy the text of the line under the cursor."""
        if self._cursor is not None:
            for _, text, _, _ in self._lines.entries(self._cursor, self._cursor + 1):
                text = copied(text)
                self.app.copy_to_clipboard(text)
                self.post_message(self.Copied(text))

    def action_leave(self) -> None:
        """Clear the cursor and the selected shout; without them the key is someone else's."""
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
        """Return the character (x) and the line (y) at a cell; None if there are no lines."""
        return pointed(self._lines, cell.x - self._edges.left, self.scroll_offset.y + cell.y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected lines as they are seen but for the wrapping, and what ends them.

        Emoji that are seen in parts are whole.
        """
        text = selected(self._lines, selection)
        return None if text is None else (copied(text), "\n")

    # Frames

    def on_mount(self) -> None:
        """Begin to draw."""
        self._frames = self.set_interval(FLOOD_INTERVAL, self._frame)

    @property
    def settled(self) -> bool:
        """Whether all that came is drawn, and a search has looked at it."""
        searched = self._search is None or self._search.complete
        return searched and not self._incoming and not self._stale

    def catch_up(self) -> None:
        """Draw the frame that was skipped, if any: the next would be late."""
        if self._owed:
            self._frame()

    def _wake(self) -> None:
        if self._frames is not None:
            self._frames.resume()

    def _redraw(self) -> None:
        self._stale = True
        self._wake()

    def _frame(self) -> None:
        if self._incoming:
            self._fit_numbers()
            incoming, self._incoming = self._incoming, []
            dropped = self._lines.extend(incoming)
            self.vertical_scrollbar.grabbed_position -= dropped  # so a drag goes on from there
            self._settle(self.scroll_offset.y - dropped)
        if self._search is not None:
            if self._search.look():
                self._show_found(self._search)
            self.found = self._search.found
        self._owed = self.terminal_is_behind()
        if not self._owed:
            self._draw()
            if self._frames is not None and self.settled:
                self._frames.pause()

    def _draw(self) -> None:
        move_scrollbar(self.vertical_scrollbar, self._lines.height, self.scroll_y)
        outdated = self._following.outdated(self._lines.total)
        if self._stale:
            marks = self._marks
            extents = [self._extent(y, marks) for y in range(self.size.height)]
            self.refresh(*self._painted.changed(extents, self._width))
        elif outdated:
            self.refresh(Region(0, self.size.height - 1, self._width, 1))
        self._stale = False

    # Drawing a row

    def notify_style_update(self) -> None:
        """Forget former colours."""
        super().notify_style_update()
        self._painter.line_styles.renew(self.app.current_theme)
        self._edges.numbered = self._painter.line_styles.colourless
        if self.is_mounted:
            self._fit_numbers()

    @property
    def _width(self) -> int:
        """Cells beside the scrollbar."""
        return self.size.width - self.scrollbar_size_vertical

    def _extent(self, y: int, marks: Marks) -> int:
        """Return from which cell on a row of the screen is blank."""
        number = self.scroll_offset.y + y
        if self._mark and y == self.size.height - 1:
            return self._width
        if number >= self._lines.height:
            return 0
        return self._painter.cells(self._lines.row(number), marks, self._width)

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen, counted from the top."""
        marks = self._marks
        self._painted.paint(y, self._extent(y, marks))
        row = self.scroll_offset.y + y
        if row < self._lines.height:
            strip = self._painter.strip(self._lines.row(row), marks, self._width)
        else:
            strip = Strip.blank(self._width, self.rich_style)
        if self._mark and y == self.size.height - 1:
            strip = over_end(strip, self._mark, self.get_component_rich_style("echo-log--behind"))
        return strip

    @property
    def _marks(self) -> Marks:
        return Marks(
            self.highlighted, self._cursor, self.has_focus, self._search, self.text_selection
        )

    @property
    def _mark(self) -> str:
        return self._following.mark(self._lines.total)
