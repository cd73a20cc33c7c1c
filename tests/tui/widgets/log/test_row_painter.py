"""Rows of the log as they are drawn, without a screen."""

import pytest
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui.entry import Entry, Kind, Timestamps
from reverb_tui.widgets.log.edges import Edges
from reverb_tui.widgets.log.finding import Search
from reverb_tui.widgets.log.row_painter import Marks, RowPainter
from reverb_tui.widgets.log.wrapped_lines import WrappedLines

ENTRIES: list[Entry] = [(Kind.SHOUT, "Hello?", 0.0, 1), (Kind.LOUD, "HELLO?", 0.0, 1)]
WIDTH = 40
NONE = Marks(0, None, True, None, None)

COLOURS = {
    "echo-log--highlighted": Style(bgcolor="blue"),
    "echo-log--found": Style(color="red"),
    "echo-log--current": Style(color="green"),
    "echo-log--selected": Style(bgcolor="white"),
}


def component(*names: str, partial: bool = False) -> Style:
    return sum((COLOURS.get(name, Style()) for name in names), Style())


class Drawn:
    """Two lines and their painter."""

    def __init__(self, timestamps: Timestamps = Timestamps.NONE) -> None:
        edges = Edges(100)
        self.lines = WrappedLines(100)
        self.lines.rewrap(edges.fit(WIDTH, timestamps))
        self.lines.extend(ENTRIES)
        edges.note(ENTRIES)
        self.painter = RowPainter(self.lines, edges, component)

    def parts(self, row: int, marks: Marks) -> list[tuple[str, Style]]:
        strip = self.painter.strip(self.lines.row(row), marks, WIDTH)
        assert strip.cell_length == WIDTH
        return [(text, style or Style()) for text, style, _ in strip if text.strip()]

    def cells(self, row: int, marks: Marks) -> int:
        return self.painter.cells(self.lines.row(row), marks, WIDTH)


def test_a_line_stands_behind_its_prefix_and_the_rest_of_the_row_is_blank() -> None:
    drawn = Drawn()
    assert ["".join(text for text, _ in drawn.parts(row, NONE)).rstrip() for row in (0, 1)] == [
        "Hello?",
        "    HELLO?",
    ]
    assert [drawn.cells(row, NONE) for row in (0, 1)] == [6, 10]


def test_with_times_no_cell_of_a_row_is_known_to_be_blank() -> None:
    assert Drawn(Timestamps.CLOCK).cells(0, NONE) == WIDTH


@pytest.mark.parametrize("marks", [NONE._replace(shout=1), NONE._replace(cursor=1)])
def test_what_stands_out_does_so_to_the_end_of_its_row(marks: Marks) -> None:
    drawn = Drawn()
    assert drawn.cells(1, marks) == WIDTH
    assert drawn.parts(1, marks) != drawn.parts(1, NONE)


def test_the_cursor_is_seen_only_with_the_focus() -> None:
    drawn, marks = Drawn(), NONE._replace(cursor=1)
    assert all(style.reverse for _, style in drawn.parts(1, marks))
    assert not any(style.reverse for _, style in drawn.parts(1, marks._replace(focused=False)))
    assert not any(style.reverse for _, style in drawn.parts(0, marks))


def test_the_line_found_that_is_shown_looks_different_from_the_others() -> None:
    drawn = Drawn()
    search = Search("ell", drawn.lines)
    search.look()
    search.show_nearest(0)
    colours = [
        [(text, style.color.name) for text, style in drawn.parts(row, marks) if style.color]
        for row in (0, 1)
        for marks in [NONE._replace(search=search)]
    ]
    assert colours == [[("ell", "green")], [("ELL", "red")]]


def test_a_selection_is_seen_where_it_is() -> None:
    marks = NONE._replace(selection=Selection(Offset(1, 0), Offset(3, 0)))
    seen = [text for text, style in Drawn().parts(0, marks) if style.bgcolor]
    assert seen == ["el"]
