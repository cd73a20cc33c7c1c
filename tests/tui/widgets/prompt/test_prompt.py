from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Button, Footer

from reverb_tui import commands
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint
from tests.tui.screen import rows_of


class PromptApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.shouted: list[list[str]] = []
        self.done: list[object] = []
        self.connected = True
        self.prompt = Prompt(commands=commands.table(["terminal", "nord"]))

    def compose(self) -> ComposeResult:
        yield Button("elsewhere")
        yield self.prompt
        yield Hint(self.prompt)
        yield Footer()

    def on_mount(self) -> None:
        self.prompt.focus()

    def action_shout(self) -> None:
        if self.connected:
            self.shouted.append(self.prompt.take())

    def action_set_delay(self, delay: float) -> None:
        self.done.append(delay)

    def action_close_input(self) -> None:
        self.done.append(self.prompt.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "set_delay" or self.connected


@asynccontextmanager
async def prompting(*typed: str) -> AsyncIterator[tuple[PromptApp, Pilot[Any]]]:
    """Run a prompt which remembers what was typed."""
    app = PromptApp()
    for text in typed:
        app.prompt.history.add(text)
    async with app.run_test(size=(60, 12)) as pilot:
        yield app, pilot


def row(app: App[Any], y: int) -> str:
    return rows_of(app)[y]


def hinted(app: PromptApp) -> str:
    """What can be read under the prompt."""
    return row(app, app.query_one(Hint).region.y).strip()


async def paste(app: PromptApp, pilot: Pilot[Any], text: str) -> None:
    app.post_message(Paste(text))
    await pilot.pause()


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "one",
        "one\ntwo",
        "one\r\ntwo\rthree",
        "one\n\ntwo",
        "\x1b[2J\u202e\t\x85",
        "[/red] [/]",
        "␛ <U+0041>",
        "/quit",
        "//quit",
        "/quit\n//quit\n/delay 1",
        "//quit\nx",
    ],
)
async def test_a_paste_is_shown_on_one_line_and_taken_as_it_was(pasted: str) -> None:
    async with prompting() as (app, pilot):
        await paste(app, pilot, pasted)
        assert app.prompt.value.isprintable()
        await pilot.press("enter")
        typed = pasted.replace("␛", "\x1b")  # a picture counts as what it stands for
        assert app.shouted == [typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        assert app.prompt.value == ""


@pytest.mark.parametrize("pasted", ["one\n", "one\r\n", "/quit\n"])
async def test_the_line_end_behind_a_pasted_line_is_no_second_line(pasted: str) -> None:
    async with prompting() as (app, pilot):
        await paste(app, pilot, pasted)
        assert app.prompt.hint == ""
        await pilot.press("enter")
        assert app.shouted == [[pasted.rstrip()]]


async def test_a_paste_replaces_what_is_selected() -> None:
    async with prompting() as (app, pilot):
        app.prompt.value = "one two"
        app.prompt.select_all()
        await paste(app, pilot, "a\nb")
        assert app.prompt.value == "a␊b"


async def test_what_was_copied_in_the_client_is_pasted_as_safely() -> None:
    async with prompting() as (app, pilot):
        app.copy_to_clipboard("a\nb\x1b")
        await pilot.press("ctrl+v")
        assert app.prompt.value == "a␊b␛"


async def test_several_lines_are_asked_for_and_sent_in_order() -> None:
    lines = [f"line {number}" for number in range(12)]
    async with prompting() as (app, pilot):
        await paste(app, pilot, "\n".join(lines))
        await pilot.pause()
        assert hinted(app) == "send 12 lines? Enter sends, Esc drops"
        assert not app.query_one(Footer).display
        await pilot.press("enter")
        assert app.shouted == [lines]
        assert app.prompt.hint == ""
        assert app.query_one(Footer).display


async def test_escape_takes_back_a_paste_of_several_lines_and_nothing_else() -> None:
    async with prompting() as (app, pilot):
        app.prompt.value = "draft "
        app.prompt.cursor_position = 6
        await paste(app, pilot, "a\nb")
        await pilot.press("escape")
        assert (app.prompt.value, app.shouted) == ("draft ", [])
        await pilot.press("escape")
        assert app.prompt.value == "draft "


@pytest.mark.parametrize(("answer", "shouted"), [("Enter", [["a", "b"]]), ("Esc", [])])
async def test_the_question_is_answered_by_the_mouse(answer: str, shouted: list[list[str]]) -> None:
    async with prompting() as (app, pilot):
        app.prompt.value = "draft "
        await paste(app, pilot, "a\nb")
        app.prompt.value = "a␊b"
        await pilot.pause()
        assert not await clicked(app, pilot, "lines?")
        await clicked(app, pilot, answer)
        assert app.shouted == shouted
        assert app.prompt.value == ("" if shouted else "draft ")


async def clicked(app: PromptApp, pilot: Pilot[Any], word: str) -> bool:
    """Click on a word of the hint; tell whether that did anything."""
    before = app.prompt.value
    await pilot.click(Hint, offset=(hinted(app).index(word), 0))
    await pilot.pause()
    return app.prompt.value != before


async def test_a_paste_into_a_command_is_its_argument() -> None:
    async with prompting() as (app, pilot):
        app.prompt.value = "/delay "
        await paste(app, pilot, "2")
        await pilot.press("enter")
        assert (app.done, app.shouted) == ([2.0], [])


async def test_surrogates_crash_nothing() -> None:
    async with prompting() as (app, pilot):
        await paste(app, pilot, "\udc80\ud800 /\udfff")
        await pilot.press("enter", "up", "end", "enter")
        assert app.shouted == [["<U+DC80><U+D800> /<U+DFFF>"]] * 2


async def test_up_and_down_walk_through_what_was_typed_and_the_draft_survives() -> None:
    async with prompting("one", "a\nb", "two") as (app, pilot):
        await pilot.press("up", "up")
        assert app.prompt.value == "a␊b"
        assert app.prompt.hint.startswith("send 2 lines?")
        await pilot.press("up", "up", "down", "down", "down", "down")
        assert app.prompt.value == ""
        await pilot.press("t", "up")
        assert app.prompt.value == "two"
        assert app.prompt.cursor_at_end
        await pilot.press("escape")
        assert app.prompt.value == "t"


async def test_keys_that_follow_each_other_at_once_act_in_order() -> None:
    async with prompting("hello") as (app, pilot):
        for key in ["h", "end", "!", "enter", "h", "up", "up", "enter", "/", "e", "tab", "enter"]:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.shouted == [["hello!"], ["hello"]]
        assert app.done == [""]


async def test_the_newest_line_that_begins_so_is_suggested_in_grey() -> None:
    async with prompting("hello world", "hello there", "x") as (app, pilot):
        await pilot.press("h")
        assert "hello there" in row(app, 4)
        await pilot.press("right")
        assert app.prompt.value == "hello there"


async def test_tab_completes_a_command_and_otherwise_moves_the_focus() -> None:
    async with prompting("hello") as (app, pilot):
        await pilot.press("/", "d", "e", "l", "tab")
        assert app.prompt.value == "/delay "
        assert app.prompt.hint.startswith("/delay SECONDS: ")
        await pilot.press("2", "enter")
        assert app.done == [2.0]
        await pilot.press("h", "tab")
        assert app.prompt.value == "h"
        assert not app.prompt.has_focus


@pytest.mark.parametrize("command", ["/dleay 1", "/delay 99", "/", "/etc/[/]\x1b"])
async def test_a_command_that_cannot_be_stays_with_a_hint(command: str) -> None:
    async with prompting() as (app, pilot):
        app.prompt.insert_text_at_cursor(command.replace("\x1b", "␛"))
        await pilot.press("enter")
        assert typed_is(app, command)
        assert app.prompt.wrong
        await pilot.pause()
        assert hinted(app)[:20] == app.prompt.hint[:20]
        await pilot.press("x")
        assert not app.prompt.wrong
        assert (app.done, app.shouted) == ([], [])


def typed_is(app: PromptApp, text: str) -> bool:
    return app.prompt.value == text.replace("\x1b", "␛")


async def test_what_cannot_be_done_now_stays_and_says_so() -> None:
    async with prompting() as (app, pilot):
        app.connected = False
        app.prompt.value = "/delay 1"
        await pilot.press("enter")
        assert typed_is(app, "/delay 1")
        assert app.prompt.hint == "/delay: it can't be done now"
        app.prompt.value = "not lost"
        await pilot.press("enter")
        assert typed_is(app, "not lost")


async def test_commands_and_shouts_are_remembered_as_they_were_typed() -> None:
    async with prompting() as (app, pilot):
        for text in ("/delay 1", "//x", "y"):
            app.prompt.value = text
            await pilot.press("enter")
        assert app.shouted == [["/x"], ["y"]]
        kept = app.prompt.history
        assert [kept[age] for age in (3, 2, 1)] == ["/delay 1", "//x", "y"]


async def test_the_keys_of_the_prompt_can_be_mapped() -> None:
    async with prompting("one") as (app, pilot):
        app.set_keymap({"prompt.older": "ctrl+o"})
        await pilot.press("ctrl+o")
        assert app.prompt.value == "one"
        await pilot.press("escape", "up")
        assert app.prompt.value == ""
