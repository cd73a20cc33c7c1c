"""The numbers of shouts beside the log, where colours can't tell shouts apart."""

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui.entry import Kind, Timestamps
from reverb_tui.widgets.log import EchoLog
from tests.tui.logs import TALK, bench, drawn, line, shown, without_colours

NUMBERED = ["1 Hello?", "2 Who?", "1     HELLO?", "  · a notice", "2     WHO?"]
BARE = ["Hello?", "Who?", "    HELLO?", "· a notice", "    WHO?"]


def rows(log: EchoLog) -> list[str]:
    return [row for row in shown(log) if row]


async def test_lines_have_the_number_of_their_shout_where_there_are_no_colours() -> None:
    async with bench(TALK) as (app, log, pilot):
        assert rows(log) == BARE
        without_colours(app)
        await drawn(pilot)
        assert rows(log) == NUMBERED
        app.theme = "nord"
        await drawn(pilot)
        assert rows(log) == BARE


async def test_lines_that_belong_to_no_shout_have_no_room_for_numbers() -> None:
    raw = [line(Kind.PLAIN, "220 ready"), line(Kind.SENT, "HELO there")]
    async with bench(raw) as (app, log, pilot):
        without_colours(app)
        await drawn(pilot)
        assert rows(log) == ["< 220 ready", "> HELO there"]
        log.add([line(Kind.SHOUT, "Hello?", shout=1)])
        await drawn(pilot)
        assert rows(log) == ["  < 220 ready", "  > HELO there", "1 Hello?"]


async def test_numbers_are_right_aligned_and_lines_are_wrapped_again_for_longer_ones() -> None:
    text = "seven words " * 3 + "end"
    async with bench([line(Kind.SHOUT, text, shout=9)], (42, 11)) as (app, log, pilot):
        without_colours(app)
        await drawn(pilot)
        assert rows(log) == ["9 " + text]
        log.add([line(Kind.LOUD, "HELLO?", shout=10)])
        await drawn(pilot)
        assert rows(log) == [" 9 seven words seven words seven words", "   end", "10     HELLO?"]


@pytest.mark.parametrize(("width", "numbered"), [(23, True), (22, False)])
async def test_a_narrow_log_has_no_room_for_numbers(width: int, numbered: bool) -> None:
    async with bench(TALK, (width, 11)) as (app, log, pilot):
        without_colours(app)
        await drawn(pilot)
        assert rows(log) == (NUMBERED if numbered else BARE)


async def test_numbers_leave_room_for_times_or_have_their_own_alone() -> None:
    async with bench(TALK, (36, 11)) as (app, log, pilot):
        without_colours(app)
        log.timestamps = Timestamps.SINCE
        await drawn(pilot)
        assert rows(log)[2] == "1     HELLO?" + "+2.000 s".rjust(23)
        await pilot.resize_terminal(33, 11)
        await drawn(pilot)
        assert rows(log) == NUMBERED


async def test_numbers_are_not_copied() -> None:
    async with bench(TALK) as (app, log, pilot):
        without_colours(app)
        await drawn(pilot)
        assert rows(log) == NUMBERED
        await pilot.mouse_down(log, offset=(0, 0))
        await pilot.hover(log, offset=(38, 2))
        await pilot.mouse_up(log, offset=(38, 2))
        assert app.screen.get_selected_text() == "Hello?\nWho?\n    HELLO?"
        await pilot.double_click(log, offset=(0, 2))
        assert app.screen.get_selected_text() == "HELLO?"
        app.screen.clear_selection()
        log.focus()
        await pilot.press("up", "enter")
        assert app.clipboard == "WHO?"
        log.text_select_all()
        assert app.screen.get_selected_text() == "\n".join(BARE)


async def test_the_mouse_selects_the_characters_that_it_points_at_beside_numbers() -> None:
    async with bench(TALK) as (app, log, pilot):
        without_colours(app)
        await drawn(pilot)
        await pilot.mouse_down(log, offset=(3, 0))
        await pilot.hover(log, offset=(5, 0))
        await pilot.mouse_up(log, offset=(5, 0))
        assert app.screen.get_selected_text() == "ell"
        app.screen.selections = {log: Selection(Offset(1, 0), Offset(4, 0))}
        assert [part.text for part in log.render_line(0)][:3] == ["1 ", "H", "ell"]


async def test_a_click_on_a_number_selects_the_shout() -> None:
    async with bench(TALK) as (app, log, pilot):
        without_colours(app)
        await drawn(pilot)
        await pilot.click(log, offset=(0, 2))
        assert app.selected == [1]


async def test_a_search_finds_text_and_no_numbers() -> None:
    async with bench(TALK) as (app, log, pilot):
        without_colours(app)
        log.search("1")
        await drawn(pilot)
        assert str(log.found) == "nothing found"
        log.search("who")
        await drawn(pilot)
        assert str(log.found) == "1 of 2"
        assert [part.text for part in log.render_line(1)][:2] == ["2 ", "Who"]
