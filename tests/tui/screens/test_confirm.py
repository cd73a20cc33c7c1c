"""A question that is answered by a key or the mouse."""

from tests.tui.demo import demo, text


async def test_a_question_is_answered_by_a_key_or_the_mouse() -> None:
    async with demo((40, 12)) as (app, pilot):
        for key, answer in (("y", True), ("enter", True), ("n", False), ("escape", False)):
            app.action_ask()
            await pilot.pause()
            assert "[/]" in text(app), key
            await pilot.press(key)
            await pilot.pause()
            assert app.answers.pop() == answer, key
        app.action_ask()
        await pilot.pause()
        await pilot.click("#yes")
        await pilot.pause()
        assert app.answers == [True]
