"""The log: what was shouted at the left edge, what came back indented, newest at the bottom.

Lines come in at any rate; once a frame they are taken in, wrapped and, when the terminal keeps
up, drawn. Strings must be safe to show already (``display.visible``); markup is never parsed.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from .terminal import terminal_is_behind
from .wrapped import PREFIXES, Kind, Row, Wrapped

__all__ = ["EchoLog", "Kind"]

FRAME: Final = 1 / 30
"""Seconds between two drawings in a flood; what comes after a pause is drawn at once."""


_STYLES: Final = tuple(f"echo-log--{kind.name.lower()}" for kind in Kind)


class EchoLog(ScrollView, can_focus=True):
    """A log of lines that wraps, keeps the newest 100,000 and follows its end.

    It stops following when the user scrolls up, and says how many lines are new since then, in a
    ``Behind`` message and on a mark over its last row; End, a click on the mark, or scrolling
    down to the end take it back. A click does not take the focus from where the user types.
    """

    ALLOW_SELECT = True
    FOCUS_ON_CLICK = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("end,ctrl+end", "end", "Newest", show=False)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *_STYLES,
        "echo-log--behind",
    }
    DEFAULT_CSS = """
    EchoLog {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        .echo-log--loud { text-style: bold; }
        .echo-log--quiet { text-style: dim italic; }
        .echo-log--notice { text-style: italic; }
        .echo-log--problem { color: $text-error; text-style: bold italic; }
        .echo-log--behind { background: $primary; color: $text; text-style: bold; }
    }
    """

    class Behind(Message):
        """The number of lines that are new since the log stopped following has changed."""

        def __init__(self, log: "EchoLog", count: int) -> None:
            super().__init__()
            self.log = log
            self.count = count

        @property
        def control(self) -> "EchoLog":
            """The log that says so."""
            return self.log

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._wrapped = Wrapped()
        self._incoming: list[tuple[Kind, str]] = []
        self._following = True
        self._seen = 0  # lines there were when the log stopped following
        self._told = 0
        self._stale = False  # more than the mark must be drawn anew
        self._frames: Timer | None = None

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
        """Lines that are new since the log stopped following."""
        return 0 if self._following else self._wrapped.total - self._seen

    def add(self, lines: Sequence[tuple[Kind, str]]) -> None:
        """Add lines, in order; they are on screen with the next frame."""
        self._incoming += lines
        self._wake()

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

    def action_scroll_home(self) -> None:
        """The Home key, without animation: what comes meanwhile would move its goal."""
        self.scroll_home(animate=False)

    def action_page_up(self) -> None:
        """The PageUp key."""
        self.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """The PageDown key."""
        self.scroll_page_down(animate=False)

    def on_mount(self) -> None:
        """Begin to draw."""
        self._frames = self.set_interval(FRAME, self._frame)

    def on_resize(self) -> None:
        """Wrap anew, and keep the line at the top, or the end, where it was."""
        top = self._wrapped.line_at(self.scroll_offset.y)
        self._wrapped.rewrap(self._width)
        self._settle(0 if self._following else self._wrapped.begin(top))
        self._follow(self.scroll_offset.y >= self.max_scroll_y)

    def on_click(self, event: Click) -> None:
        """Go back to the end at a click on the mark."""
        offset = event.get_content_offset(self)
        if offset is not None and self._mark_region.contains_point(offset):
            self.to_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """See where the user goes; the log's own moves do not come by here."""
        super().watch_scroll_y(old_value, new_value)
        self._follow(round(new_value) >= self.max_scroll_y)

    @property
    def _width(self) -> int:
        """Cells beside the scrollbar."""
        return self.size.width - self.scrollbar_size_vertical

    def _follow(self, following: bool) -> None:
        if self._following and not following:
            self._seen = self._wrapped.total
        self._following = following
        self._wake()

    def _wake(self) -> None:
        if self._frames is not None:
            self._frames.resume()

    def _settle(self, top: int) -> None:
        """Fit the scrolling to the rows there are: the row ``top`` on top, unless following.

        It goes past Textual's watchers, which would lay out and repaint at once.
        """
        self.set_reactive(Widget.virtual_size, Size(self._width, self._wrapped.height))
        end = self.max_scroll_y
        y = end if self._following else max(0, min(top, end))
        self.set_reactive(Widget.scroll_target_y, float(y))
        self.set_scroll(None, y)
        self._stale |= self._following or y != top
        self._wake()

    def _frame(self) -> None:
        if self._incoming:
            incoming, self._incoming = self._incoming, []
            dropped = self._wrapped.extend(incoming)
            self.vertical_scrollbar.grabbed_position -= dropped  # so a drag goes on from there
            self._settle(self.scroll_offset.y - dropped)
        if not terminal_is_behind(self.app):
            if self._frames is not None:
                self._frames.pause()
            self._draw()

    def _draw(self) -> None:
        self.vertical_scrollbar.window_virtual_size = self._wrapped.height
        self.vertical_scrollbar.position = self.scroll_y
        changed = self.behind != self._told
        if self._stale:
            self.refresh()
        elif changed:
            self.refresh(Region(0, self.size.height - 1, self._width, 1))
        self._stale = False
        if changed:
            self._told = self.behind
            self.post_message(self.Behind(self, self._told))

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen, counted from the top of the log."""
        width = self._width
        row = self.scroll_offset.y + y
        if row < self._wrapped.height:
            strip = self._strip(self._wrapped.row(row), width)
        else:
            strip = Strip.blank(width, self.get_component_rich_style(_STYLES[Kind.PLAIN]))
        mark = self._mark_region
        if not mark or y != mark.y:
            return strip
        style = self.get_component_rich_style("echo-log--behind")
        pieces = [
            strip.crop(0, mark.x),
            Strip([Segment(self._mark[: mark.width], style)]),
            strip.crop(mark.right, width),
        ]
        return Strip.join(pieces)

    def _strip(self, row: Row, width: int) -> Strip:
        style = self.get_component_rich_style(_STYLES[row.kind])
        prefix = PREFIXES[row.kind]
        text = (" " * len(prefix) if row.begin else prefix) + row.text
        begin, end = self._selected(row, len(text))
        look = style + self.screen.get_component_rich_style("screen--selection")
        pieces = ((text[:begin], style), (text[begin:end], look), (text[end:], style))
        segments = [Segment(piece, look) for piece, look in pieces if piece or not text]
        strip = Strip(segments).apply_offsets(row.begin, row.line)
        return strip.crop_extend(0, width, style)

    def _selected(self, row: Row, length: int) -> tuple[int, int]:
        """Which characters of a row, indentation included, are selected."""
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row.line)
        if span is None:
            return 0, 0
        begin, end = span
        if end < 0:
            return max(0, begin - row.begin), length
        return max(0, begin - row.begin), max(0, end - row.begin)

    @property
    def _mark(self) -> str:
        count = self.behind
        return f" {count:,} new line{'s' * (count != 1)} · ^End " if count else ""

    @property
    def _mark_region(self) -> Region:
        length = min(self._width, len(self._mark))
        return Region(self._width - length, self.size.height - 1, length, 1)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected lines as they are seen but for the wrapping, and what ends them."""
        start, end = selection
        first, total = self._wrapped.first, self._wrapped.total
        lines = self._wrapped.lines(
            start.y if start is not None else first, end.y + 1 if end is not None else total
        )
        if not lines:
            return None
        if end is not None and end.y < total:
            lines[-1] = lines[-1][: end.x]
        if start is not None and start.y >= first:
            lines[0] = lines[0][start.x :]
        return "\n".join(lines), "\n"
