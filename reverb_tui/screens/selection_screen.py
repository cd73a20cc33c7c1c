"""A screen on which the mouse selects in a log the very characters that it points at."""

from textual.geometry import Offset
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from reverb_tui.terminal.textual_internals import is_selecting
from reverb_tui.widgets.log.echo_log import EchoLog


class SelectionScreen(Screen[None]):
    """Textual takes the second cell of a wide character for the next one; the log knows better.

    What is selected up to the scrollbar is selected up to the end of its row.
    """

    def render(self) -> str:
        """Draw nothing but the background: Textual sees through one that is the terminal's."""
        return ""

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """The widget at a cell of the screen, and the place in its text."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        if is_selecting(self) and isinstance(widget, ScrollBar):
            widget = widget.parent if isinstance(widget.parent, EchoLog) else widget
        if isinstance(widget, EchoLog):
            return widget, widget.pointed(Offset(x, y) - widget.region.offset)
        return widget, offset
