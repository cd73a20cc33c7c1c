from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui.display import visible
from reverb_tui.entry import Kind
from tests.tui.logs import bench, line

CAME = "👩\u200d🚀 ❤\ufe0f 👍🏽"


async def test_whole_emoji_are_copied_of_what_is_seen_in_parts() -> None:
    shown = visible(CAME.encode())
    async with bench([line(Kind.SHOUT, shown)]) as (app, log, pilot):
        assert "<U+200D>" in shown
        log.focus()
        await pilot.press("up", "enter")
        assert app.clipboard == CAME
        app.screen.selections = {log: Selection(Offset(0, 0), Offset(len(shown), 0))}
        assert app.screen.get_selected_text() == CAME
