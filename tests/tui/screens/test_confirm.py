"""A question that is answered by a key or the mouse."""

import pytest

from tests.tui.demo import demo, text


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("enter", True), ("n", False), ("escape", False)]
)
async def test_a_question_is_answered_by_a_key(key: str, answer: bool) -> None:
    async with demo((40, 12)) as (app, pilot):
        app.action_ask()
        await pilot.pause()
        assert "[/]" in text(app)
        await pilot.press(key)
        await pilot.pause()
        assert app.answers == [answer]


async def test_a_question_is_answered_by_the_mouse() -> None:
    async with demo() as (app, pilot):
        app.action_ask()
        await pilot.pause()
        await pilot.click("#yes")
        await pilot.pause()
        assert app.answers == [True]
