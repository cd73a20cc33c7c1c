"""The row under the log for text that has not ended, a question for example."""

from rich.cells import get_character_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from reverb_tui.entry import PREFIXES, Kind
from reverb_tui.widgets.log.echo_log import EchoLog

_CUT = "…"


class Unfinished(Widget):
    """Shows ``text``, which must be safe to show: if there is no room for all, its newest part.

    It is where its line will be in the log, beside the numbers of shouts.

    Args:
        log: The log above it.
    """

    DEFAULT_CSS = """
    Unfinished { height: 1; display: none; }
    """

    text: reactive[str] = reactive("")

    def __init__(self, log: EchoLog) -> None:
        super().__init__()
        self._log = log

    def on_mount(self) -> None:
        """Follow the numbers of the log as they become wider."""
        self.watch(self._log, "left_edge", self._align)

    def _align(self) -> None:
        self.refresh()

    def _watch_text(self) -> None:
        self.display = bool(self.text)

    def render(self) -> Content:
        """Return the row: as much of the text as there is room for."""
        edge = self._log.left_edge
        text = newest(PREFIXES[Kind.PLAIN] + self.text, self.size.width - edge)
        return Content(" " * edge + text)


def newest(text: str, width: int) -> str:
    """Return the text if it fits into so many cells, otherwise its end after a ``…``."""
    sizes = list(map(get_character_cell_size, text))
    over = sum(sizes) - width
    if over <= 0:
        return text
    over += len(_CUT)
    for begin, size in enumerate(sizes):
        if over <= 0 and size:  # a mark sits on what is left out
            return _CUT + text[begin:]
        over -= size
    return _CUT
