"""A question that is answered by a key or the mouse."""

from textual.app import App

from reverb_tui.screens.confirm import Confirm
from tests.tui.demo import text


async def test_a_question_is_answered_by_a_key_or_the_mouse() -> None:
    app: App[None] = App()
    answers: list[bool | None] = []
    async with app.run_test(size=(60, 12)) as pilot:
        for answered_by, answer in (
            ("y", True),
            ("enter", True),
            ("n", False),
            ("escape", False),
            ("#yes", True),
        ):
            await app.push_screen(
                Confirm("log.txt is there already: [/] write over it?"), answers.append
            )
            await pilot.pause()
            assert "[/]" in text(app), answered_by
            if answered_by == "#yes":
                await pilot.click(answered_by)
            else:
                await pilot.press(answered_by)
            await pilot.pause()
            assert answers.pop() == answer, answered_by
