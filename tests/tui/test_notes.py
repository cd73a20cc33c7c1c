"""What is said under the prompt for a while."""

import pytest

from reverb_tui.entry import Kind
from tests.tui.logs import line
from tests.tui.screen import SLOW, running


async def test_a_problem_is_said_where_the_user_looks_while_the_log_is_scrolled_up_and_goes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        screen.app.main.session.complain("seen in the log")
        assert screen.note == ""
        screen.log.add([line(Kind.PLAIN, "x")] * 100)
        await screen.until(lambda: screen.log.max_scroll_y)
        screen.log.scroll_home(animate=False)
        screen.app.main.session.say("no problem")
        assert screen.note == ""
        for number in range(10):
            screen.app.main.session.complain(f"problem {number} \x1b")
        assert screen.note == "problem 0 ␛"  # in a flood none could be read
        await screen.until(lambda: "problem 0 ␛" in screen.text)
        await screen.press("ctrl+c")
        assert screen.note == "Ctrl-C again quits"
        screen.app.main.session.complain("later")
        assert screen.note == "Ctrl-C again quits"
        await screen.type("x")
        await screen.until(lambda: screen.note == "")
        monkeypatch.setattr("reverb_tui.screens.main.NOTED", 0.05)
        screen.app.main.session.complain("a problem")
        assert screen.note == "a problem"
        await screen.until(lambda: screen.note == "")
        await screen.until(lambda: "●" in screen.status)
