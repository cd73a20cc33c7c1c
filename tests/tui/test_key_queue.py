"""What is typed in one burst: the same comes of it as of the same keys one by one."""

import asyncio
from collections.abc import AsyncIterator

from textual.binding import Binding
from textual.events import Key, Paste

from reverb_tui.entry import Kind
from reverb_tui.files.config import Config
from reverb_tui.screens.bindings import EVERYWHERE, MAIN
from reverb_tui.screens.help import Help
from reverb_tui.terminal.textual_internals import key_of_character
from reverb_tui.widgets.line_input import EDITING
from reverb_tui.widgets.timeline import Timeline
from tests.tui.screen import FAST, SLOW, Screen, running

PLACES = ("prompt", "log", "delay slider", "timeline", "nothing")


def focus(screen: Screen, place: str) -> None:
    main = screen.app.screen
    widgets = {
        "prompt": screen.prompt,
        "log": screen.log,
        "delay slider": screen.slider,
        "timeline": screen.app.query_one(Timeline),
        "nothing": None,
    }
    main.set_focus(widgets[place])
    assert main.focused is widgets[place]


def burst(screen: Screen, *keys: str) -> None:
    """Press keys, or type what is longer than a key and has no name, all at once."""
    for key in keys:
        if key in NAMED:
            screen.app.post_message(Key(key, None))
        else:
            for character in key:
                screen.app.post_message(Key(key_of_character(character), character))


def test_no_key_that_edits_a_line_does_anything_else() -> None:
    bound = [
        key
        for each in [*EVERYWHERE, *MAIN]
        if isinstance(each, Binding)
        for key in each.key.split(",")
    ]
    # These two do so only while the picture is paused, and then edit nothing.
    assert EDITING.keys() & set(bound) == {"left", "right"}


NAMED = ("enter", "shift+home", "ctrl+c", "ctrl+z", "f1", "escape", "home", "tab", "ctrl+f")


async def from_each_place(screen: Screen) -> AsyncIterator[str]:
    """Give the focus to each place in turn, and drop afterwards what stands in the prompt."""
    for place in PLACES:
        focus(screen, place)
        yield place
        burst(screen, "ctrl+c")
        await screen.until(lambda: not screen.prompt.value)


async def shouts(screen: Screen, count: int) -> list[str]:
    """Wait for so many shouts, and return them."""

    def found() -> list[str]:
        return [text for kind, text in screen.lines if kind == Kind.SHOUT]

    await screen.until(lambda: len(found()) >= count)
    return found()


async def test_enter_overtakes_nothing_wherever_the_focus_is() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        shouted = []
        async for place in from_each_place(screen):
            shouted.append(f"from {place}")
            burst(screen, shouted[-1], "enter", "and")
            await screen.until(lambda: screen.prompt.value == "and")
            assert await shouts(screen, len(shouted)) == shouted


async def test_a_key_of_the_users_own_overtakes_nothing() -> None:
    async with running(FAST, config=Config(keys={"quit": "f5,ctrl+u"})) as screen:
        await screen.connected()
        burst(screen, "last words", "enter", "x")
        screen.app.post_message(Key("ctrl+u", None))
        assert await shouts(screen, 1) == ["last words"]
        await screen.until(lambda: screen.app.return_code == 0)


async def test_ctrl_c_copies_what_was_selected_right_before_it() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        async for place in from_each_place(screen):
            burst(screen, f"from {place}", "shift+home", "ctrl+c", "home", ">")
            await screen.until(lambda: screen.prompt.value.startswith(">"))
            assert screen.app.clipboard == f"from {place}"
            assert screen.prompt.value == f">from {place}"


async def test_what_is_typed_behind_a_paste_comes_behind_it() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        async for _ in from_each_place(screen):
            burst(screen, "a")
            screen.app.post_message(Paste("pasted"))
            burst(screen, "b")
            await screen.until(lambda: screen.prompt.value == "apastedb")


async def test_keys_for_a_sheet_come_to_it_in_one_burst_with_its_own() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        async for _ in from_each_place(screen):
            burst(screen, "f1", "escape", "x")
            await screen.until(lambda: screen.prompt.value == "x")
            assert not screen.shows(Help)


async def test_quitting_waits_for_what_was_typed_before_it() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        burst(screen, "last words", "enter")
        screen.app.post_message(Key("ctrl+q", None))
        assert await shouts(screen, 1) == ["last words"]
        await screen.until(lambda: screen.app.return_code == 0)


async def test_no_key_overtakes_an_enter_that_came_to_another_widget() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        for count, key in enumerate(("ctrl+d", "ctrl+q"), 1):
            await screen.until(lambda: "●" in screen.status)
            await screen.type(f"said before {key}")
            focus(screen, "delay slider")
            burst(screen, "enter")
            screen.app.post_message(Key(key, None))
            assert (await shouts(screen, count))[-1] == f"said before {key}"
            if key == "ctrl+d":
                await screen.until(lambda: screen.status.endswith(" closed"))
                await screen.shout("/connect")
        await screen.until(lambda: screen.app.return_code == 0)


async def test_keys_go_on_where_something_is_busy_with_one_for_long() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        free = asyncio.Event()
        screen.prompt.call_later(free.wait)
        burst(screen, "stuck")
        screen.app.post_message(Key("ctrl+q", None))
        await screen.until(lambda: screen.app.return_code == 0)
        free.set()
