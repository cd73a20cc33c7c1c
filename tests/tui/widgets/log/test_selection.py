"""What is pointed at, selected and copied."""

from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui.display import visible
from reverb_tui.entry import Kind
from tests.tui.logs import TALK, bench, drawn, line, numbered, shown

CAME = "👩\u200d🚀 ❤\ufe0f 👍🏽"


async def test_whole_emoji_are_copied_of_what_is_seen_in_parts() -> None:
    shown = visible(CAME.encode())
    async with bench([line(Kind.SHOUT, shown)]) as (app, log, pilot):
        assert "⟨U+200D⟩" in shown
        log.focus()
        await pilot.press("up", "enter")
        assert app.clipboard == CAME
        app.screen.selections = {log: Selection(Offset(0, 0), Offset(len(shown), 0))}
        assert app.screen.get_selected_text() == CAME


async def test_what_is_selected_up_to_the_scrollbar_ends_with_its_row() -> None:
    async with bench(numbered(0, 100)) as (app, log, pilot):
        await drawn(pilot)
        edge = log.size.width - 1  # where the scrollbar is
        await pilot.mouse_down(log, offset=(0, 1))
        await pilot.hover(log, offset=(edge, 1))
        await pilot.mouse_up(log, offset=(edge, 1))
        assert app.screen.get_selected_text() == shown(log)[1]


async def test_what_is_selected_below_the_last_line_is_nothing() -> None:
    async with bench(numbered(0, 2)) as (app, log, pilot):
        await drawn(pilot)
        for begin, text in ((4, ""), (1, "ine 1")):
            await pilot.mouse_down(log, offset=(1, begin))
            await pilot.hover(log, offset=(9, 5))
            await pilot.mouse_up(log, offset=(9, 5))
            assert (app.screen.get_selected_text() or "") == text
            app.screen.clear_selection()


async def test_three_clicks_select_a_line_and_not_everything() -> None:
    async with bench(numbered(0, 100)) as (app, log, pilot):
        await drawn(pilot)
        await pilot.click(log, offset=(1, 1), times=3)
        assert app.screen.get_selected_text() == shown(log)[1]


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
        ("seven words " * 4, 34, 38, "s "),  # the blank at a break too
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


async def test_the_mouse_selects_what_is_seen() -> None:
    lines = [
        line(Kind.SHOUT, "Hello?"),
        line(Kind.LOUD, "HELLO?" * 10),
        line(Kind.NORMAL, "世界 end"),
    ]
    async with bench(lines) as (app, log, pilot):
        await pilot.mouse_down(log, offset=(2, 0))
        await pilot.hover(log, offset=(6, 3))
        await pilot.mouse_up(log, offset=(6, 3))
        assert app.screen.get_selected_text() == "llo?\n    " + "HELLO?" * 10 + "\n    世界"
        assert log.render_line(1).text.rstrip() == "    " + ("HELLO?" * 10)[:35]
