"""A view of lines that come in at any rate: it wraps them, and follows its end.

Once a frame what came is taken in, wrapped and, when the terminal keeps up, drawn.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from reverb_tui.entry import Entry
from reverb_tui.widgets.log.wrapped import MOST_LINES, Row, Wrapped

FRAME: Final = 1 / 30
"""Seconds between two drawings in a flood; what comes after a pause is drawn at once."""


class Tail(ScrollView):
    """The newest lines, with a mark over the last row while it does not follow and more came."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("end,ctrl+end", "end", "go back to the newest line", show=False)
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tail--behind"}
    DEFAULT_CSS = """
    Tail {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        .tail--behind { background: $primary; color: $text; text-style: bold; }
    }
    """

    def __init__(self, most_lines: int = MOST_LINES) -> None:
        super().__init__()
        self.terminal_is_behind: Callable[[], bool] = lambda: False
        """Whether frames should be skipped; set by the app, which knows its terminal."""
        self._wrapped = Wrapped(most_lines)
        self._incoming: list[Entry] = []
        self._following = True
        self._seen = 0  # lines there were when it stopped following
        self._told = (True, 0)
        self._stale = False  # more than the mark must be drawn again
        self._frames: Timer | None = None
        self._owed = False  # a frame was skipped for the terminal
        self._reaches: list[int] = []  # for each row of the screen, what is painted at most

    @property
    def line_count(self) -> int:
        """Lines kept."""
        return min(len(self._wrapped) + len(self._incoming), self._wrapped.most_lines)

    @property
    def following(self) -> bool:
        """Whether the newest line stays in view."""
        return self._following

    @property
    def behind(self) -> int:
        """Lines that are new since it stopped following."""
        return 0 if self._following else self._wrapped.total - self._seen

    def add(self, entries: Sequence[Entry]) -> None:
        """Add lines, in order; they are on screen with the next frame."""
        self._incoming += entries
        self._wake()

    def catch_up(self) -> None:
        """Draw the frame that was skipped, if any: the next would be late."""
        if self._owed:
            self._frame()

    def clear(self) -> None:
        """Forget all lines, and follow."""
        self._incoming.clear()
        self._wrapped.clear()
        self.to_end()

    def to_end(self) -> None:
        """Go to the newest line and follow."""
        self._following = True
        self._settle(0)

    def action_end(self) -> None:
        """The End key."""
        self.to_end()

    def on_mount(self) -> None:
        """Begin to draw."""
        self._frames = self.set_interval(FRAME, self._frame)

    def on_resize(self) -> None:
        """Wrap again, and keep the line at the top, or the end, where it was."""
        top = self._wrapped.line_at(self.scroll_offset.y)
        if self._text_width != self._wrapped.width:
            self._wrapped.rewrap(self._text_width)
        self._stale = True
        self._reaches.clear()
        self._settle(0 if self._following else self._wrapped.begin(top))
        if not self.max_scroll_y:
            self._follow(True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """See where the user goes; the view's own moves do not come by here."""
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

    @property
    def _width(self) -> int:
        """Cells beside the scrollbar."""
        return self.size.width - self.scrollbar_size_vertical

    @property
    def _text_width(self) -> int:
        """Cells for the lines."""
        return self._width

    def _follow(self, following: bool) -> None:
        if self._following and not following:
            self._seen = self._wrapped.total
        self._following = following
        self._wake()

    def _wake(self) -> None:
        if self._frames is not None:
            self._frames.resume()

    def _redraw(self) -> None:
        self._stale = True
        self._wake()

    def _show(self, line: int, row: int = 0) -> None:
        """Stop following, and bring this row of a line into view; in the middle, if it was not."""
        self._follow(False)
        y, top, height = self._wrapped.begin(line) + row, self.scroll_offset.y, self.size.height
        # The last row can be under the mark.
        self._settle(top if top <= y < top + height - 1 else y - height // 2)
        self._stale = True

    def _settle(self, top: int) -> None:
        """Fit the scrolling to the rows there are: the row ``top`` on top, unless following.

        It goes past Textual's watchers, which would lay out and repaint at once.
        """
        roomy = self.virtual_size.height < self.size.height  # what comes is seen then
        self.set_reactive(Widget.virtual_size, Size(self._width, self._wrapped.height))
        end = self.max_scroll_y
        y = end if self._following else max(0, min(top, end))
        self.set_reactive(Widget.scroll_target_y, float(y))
        self.set_scroll(None, y)
        self._stale |= self._following or y != top or roomy
        self._wake()

    def _frame(self) -> None:
        if self._incoming:
            incoming, self._incoming = self._incoming, []
            dropped = self._wrapped.extend(incoming)
            self.vertical_scrollbar.grabbed_position -= dropped  # so a drag goes on from there
            self._settle(self.scroll_offset.y - dropped)
        busy = self._work()
        self._owed = self.terminal_is_behind()
        if not self._owed:
            if self._frames is not None and not busy:
                self._frames.pause()
            self._draw()

    def _draw(self) -> None:
        self._draw_scrollbar()
        state = self._following, self.behind
        if self._stale:
            self.refresh(*self._used())
        elif state != self._told:
            self.refresh(Region(0, self.size.height - 1, self._width, 1))
        self._stale = False
        if state != self._told:
            self._told = state
            self._tell()

    def _used(self) -> list[Region]:
        """Of each row what is not blank, now or as painted: a third of all with short lines."""
        height, before = self.size.height, self._reaches
        self._reaches = [self._reach(y) for y in range(height)]
        if len(before) != height:
            return [Region(0, 0, self._width, height)]
        widths = map(max, before, self._reaches)
        return [Region(0, y, width, 1) for y, width in enumerate(widths) if width]

    def _reach(self, y: int) -> int:
        """Cells of a row of the screen from which on it is blank."""
        row = self.scroll_offset.y + y
        if y == self._mark_region.y and self._mark_region:
            return self._width
        return self._extent(self._wrapped.row(row)) if row < self._wrapped.height else 0

    def _draw_scrollbar(self) -> None:
        """Draw it only if it looks different: it is a quarter of what a frame costs otherwise."""
        bar = self.vertical_scrollbar
        before = _look(bar)  # maybe not of the last frame: Textual moves it too, and draws it then
        bar.set_reactive(ScrollBar.window_virtual_size, self._wrapped.height)
        bar.set_reactive(ScrollBar.position, bar.validate_position(self.scroll_y))
        if _look(bar) != before:
            bar.refresh()

    def _work(self) -> bool:
        """Do a frame's share of what takes longer; return whether there is more."""
        return False

    @abstractmethod
    def _tell(self) -> None:
        """Handle a change of ``following`` or ``behind``."""

    @abstractmethod
    def _extent(self, row: Row) -> int:
        """Cells of a row from which on it is blank, at least."""

    @abstractmethod
    def _strip(self, row: Row, width: int) -> Strip:
        """Draw one row of a line in so many cells."""

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen, counted from the top."""
        row, width = self.scroll_offset.y + y, self._width
        if y < len(self._reaches):  # more may have come since the frame was planned
            self._reaches[y] = max(self._reaches[y], self._reach(y))
        if row < self._wrapped.height:
            strip = self._strip(self._wrapped.row(row), width)
        else:
            strip = Strip.blank(width, self.rich_style)
        mark = self._mark_region
        if not mark or y != mark.y:
            return strip
        look = self.get_component_rich_style("tail--behind")
        segments = [
            strip.crop(0, mark.x),
            Strip([Segment(self._mark[: mark.width], look)]),
            strip.crop(mark.right, width),
        ]
        return Strip.join(segments)

    @property
    def _mark(self) -> str:
        count = self.behind
        return f" {count:,} new line{'s' * (count != 1)} · ^End " if count else ""

    @property
    def _mark_region(self) -> Region:
        if not (mark := self._mark):
            return Region()
        length = min(self._width, len(mark))
        return Region(self._width - length, self.size.height - 1, length, 1)


def _look(bar: ScrollBar) -> Iterable[Segment]:
    """The visible state of a scrollbar, without its colours."""
    return ScrollBarRender.render_bar(
        bar.size.height, bar.window_virtual_size, bar.window_size, bar.position
    ).segments
