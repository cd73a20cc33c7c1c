"""What Ctrl-C does while something lies over the screen."""

from functools import partial

from textual.command import CommandPalette

from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.details import Details
from reverb_tui.screens.help import Help
from tests.tui.screen import SLOW, running


async def test_ctrl_c_takes_away_what_lies_over_the_screen_and_nothing_else() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.type("half a shout")
        for key, above in (("f1", Help), ("f4", Details), ("ctrl+p", CommandPalette)):
            screen.app.copy_to_clipboard("")
            await screen.press("end", "shift+home", key)
            await screen.until(partial(screen.shows, above))
            await screen.press("ctrl+c")
            await screen.until(lambda: len(screen.app.screen_stack) == 1)
            assert screen.prompt.value == "half a shout", key
            assert screen.app.clipboard == "", key
            assert "again quits" not in screen.note, key
            await screen.press("ctrl+c")
            assert screen.app.clipboard == "half a shout", key
        answers: list[bool | None] = []
        await screen.app.push_screen(Confirm("write over it?"), answers.append)
        await screen.press("ctrl+c")  # says no to a question
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert not any(answers)
        assert screen.app.return_code is None
