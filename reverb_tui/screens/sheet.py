"""A sheet over the screen: titles, and rows of (label, value) under each."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final, TypeAlias

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Static

from reverb_tui.display import visible_text

Section: TypeAlias = tuple[str, Sequence[tuple[str, str]]]
"""A title, and rows of (label, value); a value may have several lines, a label may be empty."""

ROOMY_SHEET: Final = 60
"""Cells of the terminal from which there is room for margins, and for all labels in one column."""

LABEL: Final = 20
SHORT_LABEL: Final = 12
"""Cells that labels have at most, with room and without; longer ones wrap."""


class Sheet(ModalScreen[None]):
    """Shows what ``sections`` returns for the cells of a row, in a box that scrolls."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (ROOMY_SHEET, "-roomy")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close"),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("pageup", "scroll_page(-1)", "Page up", show=False),
        Binding("pagedown,space", "scroll_page(1)", "Page down", show=False),
        Binding("home", "scroll_to_end(0)", "Top", show=False),
        Binding("end", "scroll_to_end(1)", "Bottom", show=False),
    ]
    DEFAULT_CSS = """
    Sheet {
        align: center middle;
        #sheet {
            width: 92;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 1 2;
            border: round $border;
            border-title-style: bold;
            border-subtitle-color: $text-muted;
            background: $surface;
            scrollbar-size-vertical: 1;
            scrollbar-gutter: stable;
            scrollbar-background: $surface;
            scrollbar-background-hover: $surface;
            scrollbar-background-active: $surface;
        }
        #rows { width: 1fr; height: auto; }
    }
    Sheet.-narrow #sheet {
        width: 100%;
        max-height: 100%;
        padding: 0 1;
    }
    """

    def __init__(self, heading: str, sections: Callable[[int], Iterable[Section]]) -> None:
        super().__init__()
        self._heading = heading
        self._sections = sections
        # Kept and not looked up: while it is being closed there is nothing to be found.
        self._rows = Static(id="rows", markup=False)
        self._sheet = VerticalScroll(id="sheet", can_focus=False)
        self._shown: list[Section] = []

    def compose(self) -> ComposeResult:
        """Lay out the box, and what is in it."""
        self._sheet.border_title = self._heading
        self._sheet.border_subtitle = "Esc closes, ↑ ↓ scroll"
        with self._sheet:
            yield self._rows

    def on_resize(self) -> None:
        """Fit the columns, once the box has its size."""
        self._shown = []
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Show how it is now, unless it was closed meanwhile."""
        if not self.is_running:
            return
        sections = list(self._sections(self._sheet.scrollable_content_region.width))
        if sections != self._shown:
            self._shown = sections
            if self.app.size.width >= ROOMY_SHEET:
                widths = [_labels(sections, LABEL)] * len(sections)
            else:
                widths = [_labels([section], SHORT_LABEL) for section in sections]
            tables = [_drawn(*each) for each in zip(sections, widths, strict=True)]
            spaced = [part for table in tables for part in (Text(), table)]
            self._rows.update(Group(*spaced[1:]))

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self._sheet.scroll_relative(y=rows, animate=False)

    def action_scroll_page(self, pages: int) -> None:
        """Scroll by pages, with a row of the last one still in sight."""
        rows = max(1, self._sheet.scrollable_content_region.height - 1)
        self._sheet.scroll_relative(y=pages * rows, animate=False)

    def action_scroll_to_end(self, end: int) -> None:
        """Go to the top (0) or to the bottom (1)."""
        if end:
            self._sheet.scroll_end(animate=False)
        else:
            self._sheet.scroll_home(animate=False)

    def on_click(self, event: Click) -> None:
        """Close at a click beside the box, or on its border: it may fill the screen."""
        sheet = self._sheet
        on_border = event.widget is sheet and event.get_content_offset(sheet) is None
        if (on_border or event.widget is self) and self.is_current:  # not closed already
            self.dismiss()


def lay_over(app: App[Any], sheet: Sheet) -> None:
    """Show a sheet in the place of one that is there; its own key again takes it away."""
    before = app.screen
    if isinstance(before, Sheet):
        app.pop_screen()
    if type(before) is not type(sheet):
        app.push_screen(sheet)


def _labels(sections: Sequence[Section], most: int) -> int:
    """The cells that labels need, if not too many, and one between them and the values."""
    labels = [cell_len(label) for _, rows in sections for label, _ in rows]
    return min(max(labels, default=0), most) + 1


def _drawn(section: Section, width: int) -> Table:
    """Return a title over two columns; labels, if any, take ``width`` cells, and both wrap."""
    title, rows = section
    table = Table(
        box=None,
        expand=True,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_header=False,
        title=Text.assemble((visible_text(title), "bold underline")),
        title_justify="left",
    )
    labelled = any(label for label, _ in rows)
    if labelled:
        table.add_column(width=width, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for label, value in rows:
        lines = Text("\n".join(map(visible_text, value.split("\n"))))
        table.add_row(*([Text(visible_text(label), style="bold")] if labelled else []), lines)
    return table
