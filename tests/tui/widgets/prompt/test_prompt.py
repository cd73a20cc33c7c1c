"""Typing in the prompt: history, commands, completion."""

from textual.events import Key

from reverb_tui.widgets.prompt.prompt import Tone
from tests.tui.prompting import PromptApp, hinted, prompting, row
from tests.tui.screen import press, until


async def test_up_and_down_walk_through_what_was_typed_and_the_draft_survives() -> None:
    async with prompting("one", "a\nb", "two") as (app, _):
        await press(app, "up", "up")
        assert app.prompt.value == "a␊b"
        assert app.prompt.hint.startswith("Send 2 lines?")
        await press(app, "up", "up", "down", "down", "down", "down")
        assert app.prompt.value == ""
        await press(app, "t", "up")
        assert app.prompt.value == "two"
        assert app.prompt.cursor_at_end
        await press(app, "escape")
        assert app.prompt.value == "t"


async def test_keys_that_follow_each_other_at_once_act_in_order() -> None:
    async with prompting("hello") as (app, pilot):
        for key in ["h", "end", "!", "enter", "h", "up", "up", "enter", "/", "e", "tab", "enter"]:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.shouted == [["hello!"], ["hello"]]
        assert app.done == [""]


async def test_the_newest_line_that_begins_so_is_suggested_in_grey() -> None:
    async with prompting("hello world", "hello there", "x") as (app, _):
        await press(app, "h")
        await until(lambda: "hello there" in row(app, 4))
        await press(app, "right")
        assert app.prompt.value == "hello there"


async def test_tab_completes_a_line_and_moves_the_focus_from_an_empty_one() -> None:
    async with prompting("hello") as (app, _):
        await press(app, "/", "d", "e", "l", "tab")
        assert app.prompt.value == "/delay "
        assert app.prompt.hint.startswith("/delay SECONDS: ")
        await press(app, "2", "enter")
        assert app.done == [2.0]
        await press(app, "h", "tab")
        assert app.prompt.value == "hello"
        await press(app, "!", "tab", "enter")
        assert app.shouted == [["hello!"]]
        await press(app, "tab")
        await until(lambda: not app.prompt.has_focus)


async def test_a_command_that_cannot_be_stays_with_a_hint() -> None:
    async with prompting() as (app, pilot):
        for command in ("/dleay 1", "/delay 99", "/", "/etc/[/]\x1b"):
            app.begin()
            app.prompt.insert_text_at_cursor(command.replace("\x1b", "␛"))
            await press(app, "enter")
            assert typed_is(app, command), command
            assert refuses(app), command
            await pilot.pause()
            assert hinted(app)[:20] == app.prompt.hint[:20], command
            await press(app, "x")
            assert not refuses(app), command
            assert (app.done, app.shouted) == ([], []), command


def refuses(app: PromptApp) -> bool:
    return app.prompt.advice.tone is Tone.REFUSES


def typed_is(app: PromptApp, text: str) -> bool:
    return app.prompt.value == text.replace("\x1b", "␛")


async def test_what_cannot_be_done_now_stays_and_says_so() -> None:
    async with prompting() as (app, _):
        app.connected = False
        app.prompt.value = "/delay 1"
        await press(app, "enter")
        assert typed_is(app, "/delay 1")
        assert app.prompt.hint == "/delay: it can't be done now"
        app.prompt.value = "not lost"
        await press(app, "enter")
        assert typed_is(app, "not lost")


async def test_commands_and_shouts_are_remembered_as_they_were_typed() -> None:
    async with prompting() as (app, _):
        for text in ("/delay 1", "//x", "y"):
            app.prompt.value = text
            await press(app, "enter")
        assert app.shouted == [["/x"], ["y"]]
        kept = app.prompt.history
        assert [kept[age] for age in (3, 2, 1)] == ["/delay 1", "//x", "y"]


async def test_the_keys_of_the_prompt_can_be_mapped() -> None:
    async with prompting("one") as (app, _):
        app.set_keymap({"prompt.older": "ctrl+o"})
        await press(app, "ctrl+o")
        assert app.prompt.value == "one"
        await press(app, "escape", "up")
        assert app.prompt.value == ""
