"""What is typed is sent, and keys do in the prompt what they do in a shell."""

from textual.events import Key

from reverb_tui.terminal.textual_internals import key_of_character
from tests.tui.prompting import PromptApp, prompting, row
from tests.tui.screen import press

UNSEEN = ["\u00a0", "\u3000", "\u200d", "\u00ad", "\ue000", "\U000e0100", "\u2028", "\U0010ffff"]


def type_in(app: PromptApp, text: str) -> None:
    for character in text:
        app.post_message(Key(key_of_character(character), character))


async def test_characters_that_nobody_sees_and_marks_and_emoji_are_sent_as_they_are_typed() -> None:
    marked = "e\u0301 \u2764\ufe0f \U0001f469\u200d\U0001f680 x" + "\u0301" * 8
    async with prompting() as (app, _):
        for typed in (*(f"a{character}b" for character in UNSEEN), marked):
            app.begin()
            type_in(app, typed)
            await press(app, "enter")
            assert app.shouted == [[typed]], ascii(typed)


async def test_a_sign_that_is_typed_stands_for_itself() -> None:
    async with prompting() as (app, _):
        for typed in ("a⟨U+200D⟩b", "␛[0m", "⟨FF⟩ ⟨…⟩", "⟨U+27E8⟩", "⟨⟨U+2028⟩", "␉␊␀␡"):
            app.begin()
            type_in(app, typed)
            await press(app, "enter")
            assert app.shouted == [[typed]], typed
            await press(app, "up", "enter")
            assert app.shouted == [[typed], [typed]], typed


async def test_what_is_left_of_a_sign_makes_no_other_one() -> None:
    async with prompting() as (app, _):
        type_in(app, "⟨x\u200d")
        await press(app, "left", "left", "delete")
        type_in(app, "U+200D⟩")
        await press(app, "end", "enter")
        assert app.shouted == [["⟨U+200D⟩\u200d"]]


async def test_a_sign_is_one_character_for_the_cursor() -> None:
    async with prompting() as (app, pilot):
        type_in(app, "a\u200db")
        await pilot.pause()
        assert "a⟨U+200D⟩b" in row(app, 4)
        await press(app, "left", "left")
        assert app.prompt.cursor_position == 1
        await press(app, "right")
        assert app.prompt.cursor_position == 9
        await press(app, "shift+left")
        assert app.prompt.selected_text == "⟨U+200D⟩"
        await press(app, "end", "left", "ctrl+left")
        assert app.prompt.cursor_position in (0, 1)
        await press(app, "end", "left", "backspace")
        assert app.prompt.value == "ab"
        type_in(app, "\u00ad")
        await press(app, "left", "delete")
        assert app.prompt.value == "ab"


async def test_keys_do_what_they_do_in_a_shell() -> None:
    cases = [
        ("alt+backspace", "one two/"),
        ("ctrl+backspace", "one two/"),
        ("ctrl+w", "one "),
        ("shift+backspace", "one two/thre"),
        ("backspace", "one two/thre"),
        ("ctrl+h", "one two/thre"),
        ("ctrl+u", ""),
        ("home ctrl+k", ""),
        ("ctrl+a alt+d", "two/three"),
        ("ctrl+a ctrl+delete", "two/three"),
        ("home delete", "ne two/three"),
        ("home shift+delete", "ne two/three"),
        ("alt+b ctrl+k", "one two/"),
        ("ctrl+left ctrl+left ctrl+k", "one "),
        ("home alt+f ctrl+u", "two/three"),
        ("home ctrl+right ctrl+e ctrl+b ctrl+k", "one two/thre"),
        ("alt+a", "one two/three"),
        ("ctrl+x", "one two/three"),
    ]
    async with prompting() as (app, _):
        for keys, left in cases:
            app.begin()
            type_in(app, "one two/three")
            await press(app, *keys.split())
            assert app.prompt.value == left, keys


async def test_enter_is_enter_with_every_modifier() -> None:
    async with prompting() as (app, _):
        for key in ("enter", "shift+enter", "ctrl+j", "ctrl+m", "alt+enter"):
            app.begin()
            await press(app, "h", "i", key)
            assert app.shouted == [["hi"]], key


async def test_a_key_with_alt_or_control_types_nothing() -> None:
    async with prompting() as (app, _):
        app.post_message(Key("alt+a", "a"))
        app.post_message(Key("super+a", "a"))
        await press(app, "b")
        assert app.prompt.value == "b"


async def test_cutting_nothing_leaves_the_clipboard_alone() -> None:
    async with prompting() as (app, _):
        app.copy_to_clipboard("kept")
        await press(app, "a", "ctrl+x")
        assert app.clipboard == "kept"
        assert app.prompt.value == "a"
