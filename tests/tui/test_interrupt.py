"""What Ctrl-C does while something lies over the screen."""

import pytest
from textual.command import CommandPalette

from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.details import Details
from reverb_tui.screens.help import Help
from tests.tui.screen import SLOW, running


@pytest.mark.parametrize(
    ("key", "above"), [("f1", Help), ("f4", Details), ("ctrl+p", CommandPalette)]
)
async def test_ctrl_c_takes_away_what_lies_over_the_screen_and_nothing_else(
    key: str, above: type[object]
) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.type("half a shout")
        await screen.press("shift+home", key)
        await screen.until(lambda: screen.shows(above))
        await screen.press("ctrl+c")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert screen.prompt.value == "half a shout"
        assert screen.app.clipboard == ""
        assert "again quits" not in screen.note
        await screen.press("ctrl+c")
        assert screen.app.clipboard == "half a shout"


async def test_ctrl_c_says_no_to_a_question() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        answers: list[bool | None] = []
        await screen.app.push_screen(Confirm("write over it?"), answers.append)
        await screen.press("ctrl+c")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert not any(answers)
        assert screen.app.return_code is None
