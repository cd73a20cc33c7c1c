from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui.display import visible
from reverb_tui.entry import Kind
from tests.tui.logs import bench, drawn, line, numbered, shown

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
