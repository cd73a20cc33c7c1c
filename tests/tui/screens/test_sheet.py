"""A sheet lies over everything: help, or details."""

from functools import partial

from textual.events import Click
from textual.widget import Widget

from reverb_tui.entry import Kind
from reverb_tui.screens.details import Details
from reverb_tui.screens.help import Help
from tests.tui.screen import SLOW, running


async def test_a_sheet_takes_the_place_of_another_and_goes_with_its_own_key() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        for key, sheet in [("f4", Details), ("f1", Help), ("f4", Details)]:
            await screen.press(key)
            await screen.until(partial(screen.shows, sheet))
            assert len(screen.app.screen_stack) == 2
        await screen.press("f4")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)


async def test_keys_under_a_sheet_do_nothing_and_clicks_in_a_row_beside_it_close_it_once() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.press("f1")
        await screen.press("f2", "f3", "ctrl+l", "ctrl+t", "alt+left", "ctrl+f")
        await screen.press("escape")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert screen.log.timestamps.value == "none"
        assert screen.slider.value == 30
        assert "sequential" not in screen.status
        assert "find:" not in screen.text
        assert (Kind.SHOUT, "Hello?") in screen.lines
        await screen.press("f1")
        await screen.until(partial(screen.shows, Help))
        sheet = screen.app.screen
        for _ in range(3):  # before the first one has had its effect
            sheet.post_message(click(sheet))
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        await screen.shout("Yooo-hooo!")
        assert (Kind.SHOUT, "Yooo-hooo!") in screen.lines


async def test_a_sheet_that_was_closed_before_it_was_drawn_does_no_harm() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.press("f1")
        await screen.until(partial(screen.shows, Help))
        sheet = screen.app.screen
        assert isinstance(sheet, Help)
        await screen.press("escape")
        await screen.until(lambda: not sheet.is_running)
        sheet.on_resize()
        sheet.draw()
        await screen.shout("Hello?")
        await screen.until(lambda: (Kind.SHOUT, "Hello?") in screen.lines)


def click(widget: Widget) -> Click:
    """Return a click at the upper left corner of a widget."""
    return Click(widget, 0, 0, 0, 0, 1, False, False, False)
