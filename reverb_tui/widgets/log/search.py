"""The line to search the log with."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from reverb_tui.widgets.line_input import LineInput
from reverb_tui.widgets.log.echo_log import EchoLog
from reverb_tui.widgets.log.finding import Found


class SearchBar(Horizontal):
    """A line under the log, there only while it searches: the needle, and how much was found.

    Enter and Down go to the next line found, Shift+Enter and Up to the one before. Escape closes
    it and goes back to where the log was.
    """

    BINDING_GROUP_TITLE = "While you search"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action, name, key_display=sign, priority=True, tooltip=does)
        for keys, action, name, sign, does in (
            ("enter,down", "step(1)", "Next", "↓", "go to the next line found"),
            ("shift+enter,up", "step(-1)", "Previous", "↑", "go to the line found before"),
            ("escape", "close(True)", "Back", "Esc", "end the search and scroll the log back"),
        )
    ]
    DEFAULT_CSS = """
    SearchBar {
        height: 1;
        display: none;
        background: $panel;
        &.open { display: block; }
        #search-sign { width: auto; color: $text-muted; }
        #search-count { width: auto; margin: 0 1; color: $text-muted; }
        Input {
            width: 1fr; height: 1; border: none; padding: 0; background: $panel;
            &:focus { border: none; background-tint: transparent; }
        }
    }
    """

    class Closed(Message):
        """The search is over; the focus is free."""

    def __init__(self, log: EchoLog) -> None:
        super().__init__()
        self._log = log
        self._needle = LineInput()
        self._count = Static(id="search-count", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Static("find: ", id="search-sign", markup=False)
        yield self._needle
        yield self._count

    def on_mount(self) -> None:
        """Hear what the log finds."""
        self.watch(self._log, "found", self._show, init=False)

    def open(self, text: str = "") -> None:
        """Open and take the focus; search for ``text``, or again for what was searched last."""
        if text:
            self._needle.select_all()
            self._needle.paste(text)
        if not self.is_open:
            self.add_class("open")
            self._log.search(self._needle.value)
        self.screen.set_focus(self._needle)  # at once: what is typed next is for it
        self._needle.select_all()

    @property
    def is_open(self) -> bool:
        """Whether it is there."""
        return self.has_class("open")

    def action_step(self, steps: int) -> None:
        """Enter and the arrow keys."""
        self._log.search_step(steps)

    def action_close(self, back: bool) -> None:
        """Close; ``back`` to where the log was, or stay where it is."""
        if self.is_open:
            self.remove_class("open")
            self._log.search_end(back=back)
            self.post_message(self.Closed())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while it is typed."""
        event.stop()
        if self.is_open:
            self._log.search(event.value)

    def _show(self, found: Found | None) -> None:
        self._count.update(Content("" if found is None else str(found)))
