"""What is pasted: shown on one line, taken as it was, and asked for if it is several lines."""

from typing import Any

from textual.events import Paste
from textual.pilot import Pilot

from reverb_tui.widgets.key_bar import KeyBar
from reverb_tui.widgets.prompt.hint import Hint
from tests.tui.prompting import PromptApp, hinted, prompting
from tests.tui.screen import press


async def paste(app: PromptApp, pilot: Pilot[Any], text: str) -> None:
    app.post_message(Paste(text))
    await pilot.pause()


async def test_a_paste_is_shown_on_one_line_and_taken_as_it_was() -> None:
    cases = [
        "",
        "one",
        "one\ntwo",
        "one\r\ntwo\rthree",
        "one\n\ntwo",
        "\x1b[2J\u202e\t\x85",
        "[/red] [/]",
        "␛ ⟨U+0041⟩",
        "/quit",
        "//quit",
        "/quit\n//quit\n/delay 1",
        "//quit\nx",
    ]
    async with prompting() as (app, pilot):
        for pasted in cases:
            app.begin()
            await paste(app, pilot, pasted)
            assert app.prompt.value.isprintable(), ascii(pasted)
            await press(app, "enter")
            lines = pasted.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            assert app.shouted == [lines], ascii(pasted)
            assert app.prompt.value == "", ascii(pasted)


async def test_the_line_end_behind_a_pasted_line_is_no_second_line() -> None:
    async with prompting() as (app, pilot):
        for pasted in ("one\n", "one\r\n", "/quit\n"):
            app.begin()
            await paste(app, pilot, pasted)
            assert app.prompt.hint == "", ascii(pasted)
            await press(app, "enter")
            assert app.shouted == [[pasted.rstrip()]], ascii(pasted)


async def test_a_paste_replaces_what_is_selected() -> None:
    async with prompting() as (app, pilot):
        app.prompt.value = "one two"
        app.prompt.select_all()
        await paste(app, pilot, "a\nb")
        assert app.prompt.value == "a␊b"


async def test_what_was_copied_in_the_client_is_pasted_as_safely() -> None:
    async with prompting() as (app, _):
        app.copy_to_clipboard("a\nb\x1b")
        await press(app, "ctrl+v")
        assert app.prompt.value == "a␊b␛"


async def test_several_lines_are_asked_for_and_sent_in_order() -> None:
    lines = [f"line {number}" for number in range(12)]
    async with prompting() as (app, pilot):
        await paste(app, pilot, "\n".join(lines))
        await pilot.pause()
        assert hinted(app) == "Send 12 lines? Enter: send, Esc: cancel"
        assert not app.query_one(KeyBar).display
        await press(app, "enter")
        assert app.shouted == [lines]
        assert app.prompt.hint == ""
        assert app.query_one(KeyBar).display


async def test_escape_takes_back_a_paste_of_several_lines_and_nothing_else() -> None:
    async with prompting() as (app, pilot):
        app.prompt.value = "draft "
        app.prompt.cursor_position = 6
        await paste(app, pilot, "a\nb")
        await press(app, "escape")
        assert (app.prompt.value, app.shouted) == ("draft ", [])
        await press(app, "escape")
        assert app.prompt.value == "draft "


async def test_the_question_is_answered_by_the_mouse() -> None:
    async with prompting() as (app, pilot):
        for answer, shouted, left in (("Esc", [], "draft "), ("Enter", [["a", "b"]], "")):
            app.begin()
            app.prompt.value = "draft "
            await paste(app, pilot, "a\nb")
            app.prompt.value = "a␊b"
            await pilot.pause()
            assert not await clicked(app, pilot, "lines?"), answer
            await clicked(app, pilot, answer)
            assert app.shouted == shouted, answer
            assert app.prompt.value == left, answer


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
        await press(app, "enter")
        assert (app.done, app.shouted) == ([2.0], [])


async def test_surrogates_crash_nothing() -> None:
    async with prompting() as (app, pilot):
        await paste(app, pilot, "\udc80\ud800 /\udfff")
        await press(app, "enter", "up", "end", "enter")
        assert app.shouted == [["⟨80⟩⟨U+D800⟩ /⟨U+DFFF⟩"]] * 2
