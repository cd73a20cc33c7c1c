import asyncio

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from reverb_tui.display import LONGEST, visible, visible_text
from reverb_tui.entry import PREFIXES, Kind
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.looks import CURSOR
from reverb_tui.widgets.log.painting import segments
from reverb_tui.widgets.log.wrapped_lines import WrappedLines
from tests.tui.logs import bench, drawn, line, numbered, shown
from tests.tui.screen import press

TALK = [
    line(Kind.SHOUT, "Hello?", 1, 1),
    line(Kind.SHOUT, "Who?", 2, 2),
    line(Kind.LOUD, "HELLO?", 3, 1),
    line(Kind.NOTICE, "a notice", 4),
    line(Kind.LOUD, "WHO?", 5, 2),
]
anything = st.text(st.characters(), max_size=40).map(visible_text)
edges = st.integers(-5, 45)


def highlighted(log: EchoLog) -> list[str]:
    return looks(log, log.get_component_rich_style("echo-log--highlighted", partial=True))


def looks(log: EchoLog, wanted: Style) -> list[str]:
    """Return the rows that have this look."""
    rows = []
    for y in range(log.size.height):
        style = next(iter(log.render_line(y))).style
        if style and style + wanted == style:
            rows.append(log.render_line(y).text.strip())
    return rows


@given(anything, st.lists(st.tuples(edges, edges), max_size=4))
def test_what_lies_over_a_text_changes_its_look_only(
    text: str, overlays: list[tuple[int, int]]
) -> None:
    bold = Style(bold=True)
    parts = segments(text, Style(), [(begin, end, bold) for begin, end in overlays])
    assert "".join(part.text for part in parts) == text
    assert sum(part.cell_length for part in parts) == cell_len(text)
    assert all(cell_len(part.text[0]) for part in parts if part.text)


@given(st.binary(max_size=60) | st.text(st.characters(codec="utf-8"), max_size=30).map(str.encode))
def test_whatever_comes_from_the_network_never_shifts_a_cell(data: bytes) -> None:
    wrapped = WrappedLines()
    wrapped.rewrap(11)
    wrapped.extend([line(Kind.LOUD, visible(data))])
    rows = [wrapped.row(row) for row in range(wrapped.height)]
    assert "".join(row.text for row in rows) == visible(data)
    assert all(cell_len(PREFIXES[row.kind] + row.text) <= 11 for row in rows)


async def test_a_click_on_an_echo_selects_its_shout_and_another_click_none() -> None:
    async with bench(TALK) as (app, log, pilot):
        await pilot.click(log, offset=(6, 2))
        await drawn(pilot)
        assert log.highlighted == 1
        assert highlighted(log) == ["Hello?", "HELLO?"]
        await pilot.click(log, offset=(6, 4), times=1)
        await pilot.click(log, offset=(2, 3))
        await pilot.click(log, offset=(2, 0))
        await pilot.click(log, offset=(2, 7))  # below the last line
        assert app.selected == [1, 2, 0, 1, 0]
        assert app.focused is app.query_one("#prompt")


async def test_highlighting_from_outside_tells_nobody() -> None:
    async with bench(TALK) as (app, log, pilot):
        log.highlighted = 2
        await drawn(pilot)
        assert highlighted(log) == ["Who?", "WHO?"]
        assert app.selected == []


async def test_a_drag_selects_text_and_no_shout() -> None:
    async with bench(TALK) as (app, log, pilot):
        await pilot.mouse_down(log, offset=(0, 0))
        await pilot.hover(log, offset=(4, 0))
        await pilot.mouse_up(log, offset=(4, 0))
        assert app.screen.get_selected_text() == "Hello"
        assert app.selected == []


async def test_a_double_click_selects_the_text_of_a_line_without_its_indentation() -> None:
    async with bench(TALK) as (app, log, pilot):
        await pilot.double_click(log, offset=(6, 2))
        assert app.screen.get_selected_text() == "HELLO?"


async def test_up_and_down_move_a_cursor_that_enter_copies_and_escape_takes_away() -> None:
    async with bench(TALK) as (app, log, pilot):
        log.focus()
        await pilot.press("enter")  # nothing to copy yet
        await pilot.press("up")
        await drawn(pilot)
        assert not log.following
        assert looks(log, CURSOR) == ["WHO?"]
        await pilot.press("enter", "up", "up", "enter", "up", "up", "up", "up", "enter")
        assert app.copied == ["WHO?", "HELLO?", "Hello?"]
        assert app.clipboard == "Hello?"
        assert app.selected == [2, 0, 1, 2, 1]
        await pilot.press("escape")
        await drawn(pilot)
        assert looks(log, CURSOR) == highlighted(log) == []
        assert app.selected[-1] == 0


async def test_down_from_the_newest_line_follows_again() -> None:
    async with bench(numbered(0, 100)) as (app, log, pilot):
        log.focus()
        await press(app, *["up"] * 20)
        log.add(numbered(100, 103))
        await drawn(pilot)
        assert shown(log)[-1].endswith("3 new lines · ^End")
        assert looks(log, CURSOR) == ["line 80"]
        await press(app, *["down"] * 22)
        await drawn(pilot)
        assert looks(log, CURSOR)[0].startswith("line 102")
        await press(app, "down")
        await drawn(pilot)
        assert log.following
        assert looks(log, CURSOR) == []


async def test_the_cursor_is_not_lost_with_its_line() -> None:
    async with bench(numbered(0, 50), most_lines=50) as (app, log, pilot):
        log.focus()
        await pilot.press("up")
        log.add(numbered(50, 200))
        await drawn(pilot)
        await pilot.press("enter", "up", "enter")
        assert app.copied == ["line 159"]  # the last one seen
        log.clear()
        await drawn(pilot)
        await pilot.press("up", "down", "enter")
        assert app.copied == ["line 159"]


async def test_the_copied_text_is_the_text_that_was_seen() -> None:
    cases = [
        # The cells of the first and the last character.
        ("世界 hello", 2, 3, "界"),
        ("世界 hello", 1, 2, "世界"),
        ("世界 hello", 0, 5, "世界 h"),
        ("e\u0301e\u0301x", 0, 1, "e\u0301e\u0301"),
        ("e\u0301e\u0301x", 1, 2, "e\u0301x"),
        ("ae\u0301\u0323b", 0, 1, "ae\u0301\u0323"),
        ("e\u0301ab", 1, 2, "ab"),
        ("e\u0301ab", 1, 9, "ab"),
        ("😀😀ok", 2, 3, "😀"),
        ("😀😀ok", 2, 4, "😀o"),
        ("שלום", 1, 2, "לו"),
        ("नि\u093c", 0, 9, "नि\u093c"),
        ("x" * 60, 30, 38, "x" * 9),  # to the end of a row that goes on
        ("世" * 30, 34, 38, "世" * 2),
    ]
    async with bench() as (app, log, pilot):
        selection = log.get_component_rich_style("echo-log--selected")
        for text, begin, end, copied in cases:
            app.screen.clear_selection()
            log.clear()
            log.add([line(Kind.SHOUT, text)])
            await drawn(pilot)
            await pilot.mouse_down(log, offset=(begin, 0))
            await pilot.hover(log, offset=(end, 0))
            await pilot.mouse_up(log, offset=(end, 0))
            assert app.screen.get_selected_text() == copied, (text, begin, end)
            look = [
                part.text
                for part in log.render_line(0)
                if part.style and part.style.bgcolor == selection.bgcolor
            ]
            assert "".join(look) == copied, (text, begin, end)


async def test_a_line_over_many_rows_is_copied_as_one() -> None:
    async with bench() as (app, log, pilot):
        for text in ("x" * 100, "世" * 50, "e\u0301" * 90):
            log.clear()
            log.add([line(Kind.NORMAL, text)])
            await drawn(pilot)
            log.text_select_all()
            assert app.screen.get_selected_text() == "    " + text


async def test_end_after_a_click_beside_the_thumb_of_the_scrollbar_follows() -> None:
    async with bench(numbered(0, 1000)) as (_, log, pilot):
        log.vertical_scrollbar.action_scroll_up()
        while log.following:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0)  # not Pilot's pause, which waits for animations
        log.action_end()
        for _ in range(10):
            await pilot.pause(0.03)
            assert log.following
        assert shown(log)[-1] == "line 999"


async def test_the_wheel_at_the_end_follows_what_a_search_or_the_cursor_stopped() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        log.focus()
        await pilot.press("up")
        assert not log.following
        log.action_scroll_down()
        assert log.following


async def test_a_resize_within_a_flood_loses_nothing() -> None:
    texts = ["世界😀 e\u0301 שלום " * 9, "x" * 300, visible(b"\x1b[31m" + b"y" * LONGEST)]
    async with bench() as (_, log, pilot):
        for width in (80, 20, 7, 2, 40, 120):
            log.add([line(Kind.LOUD, text) for text in texts * 30])
            await pilot.resize_terminal(width, 12)
            log.add([line(Kind.QUIET, text) for text in texts * 30])
        await drawn(pilot)
        assert log.line_count == 3 * 60 * 6
        assert [text for _, text, _, _ in log.entries()] == texts * 360
        assert all(log.render_line(y).cell_length == 119 for y in range(log.size.height))
        log.add(numbered(0, 1))
        await drawn(pilot)
        assert shown(log)[-1] == "line 0"
