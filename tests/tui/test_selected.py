"""The selected shout is the same one in the log and in the timeline, on whichever connection."""

from reverb_tui.widgets.timeline import Timeline
from reverb_tui.widgets.timeline.scene import CHOSEN
from tests.tui.screen import SLOW, running


async def test_on_another_connection_no_other_shout_is_selected_and_escape_selects_none() -> None:
    async with running(SLOW, size=(100, 30)) as screen:
        timeline = screen.app.query_one(Timeline)
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "    HELLO?" in screen.rows)
        screen.log.focus()
        await screen.until(lambda: screen.log.has_focus)
        await screen.press("up")
        await screen.until(lambda: CHOSEN in screen.text)
        screen.prompt.focus()
        await screen.until(lambda: screen.prompt.has_focus)
        await screen.shout("/connect")
        await screen.until(lambda: str(screen.log.entries()).count("connected: ") == 2)
        await screen.connected()
        await screen.shout("Yooo-hooo!")
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.until(lambda: "Yooo-hooo!  " in screen.text)
        assert CHOSEN not in screen.text
        assert screen.log.highlighted == timeline.selected == 1
        timeline.focus()
        await screen.until(lambda: timeline.has_focus)
        await screen.press("down")
        await screen.until(lambda: CHOSEN in screen.text)
        await screen.until(lambda: screen.log.highlighted == timeline.selected == 2)
        await screen.press("escape")
        await screen.until(lambda: screen.log.highlighted == timeline.selected == 0)
        screen.prompt.focus()
        await screen.until(lambda: screen.prompt.has_focus)
        row = screen.rows.index("    YOOO-HOOO!") - screen.log.region.y
        await screen.pilot.click(screen.log, offset=(6, row))
        await screen.until(lambda: screen.log.highlighted == timeline.selected == 2)
        assert screen.prompt.has_focus
        await screen.press("escape")
        await screen.until(lambda: screen.log.highlighted == timeline.selected == 0)
