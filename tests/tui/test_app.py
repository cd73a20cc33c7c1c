"""Leaving the client, and copying, which the same key does."""

import asyncio

from reverb_tui.app import TWICE
from reverb_tui.entry import Kind
from tests.pictures.studio import in_virtual_time, staged
from tests.tui.screen import SLOW, noted, running


async def test_ctrl_q_quits() -> None:
    async with running() as screen:
        await screen.connected()
        await screen.press("ctrl+q")
        await screen.until(lambda: screen.app.return_code is not None)
        assert screen.app.return_code == 0


def test_ctrl_c_forgets_after_a_while_and_its_note_stands_for_all_of_it() -> None:
    async def scene() -> list[str]:
        async with staged((80, 24)) as stage:
            seen = []
            for _ in range(2):
                await stage.app.action_interrupt()
                seen.append(noted(stage.app))
                await asyncio.sleep(1.5 * TWICE)
            assert stage.app.return_code is None
            stage.prompt.value = "abc"
            stage.prompt.select_all()
            await stage.app.action_interrupt()
            await asyncio.sleep(0.75 * TWICE)
            await stage.app.action_interrupt()
            await asyncio.sleep(0.75 * TWICE)
            seen.append(noted(stage.app))
            await asyncio.sleep(0.5 * TWICE)
            return [*seen, noted(stage.app)]

    assert in_virtual_time(scene) == [*["Ctrl-C again quits"] * 3, ""]


async def test_ctrl_c_drops_the_line_first_and_up_brings_it_back() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.type("half a shout")
        await screen.press("ctrl+c")
        assert screen.prompt.value == ""
        assert screen.note == "Ctrl-C again quits"
        await screen.press("up")
        assert screen.prompt.value == "half a shout"
        await screen.press("ctrl+c")
        assert (screen.prompt.value, screen.app.return_code) == ("", None)
        await screen.press("ctrl+c")
        await screen.until(lambda: screen.app.return_code == 0)
        assert (Kind.SHOUT, "half a shout") not in screen.lines


async def test_ctrl_c_quits_the_second_time_unless_something_is_typed_between() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.press("ctrl+c")
        assert screen.note == "Ctrl-C again quits"
        await screen.shout("hi")
        await screen.until(lambda: not screen.note)
        await screen.press("ctrl+c")
        assert screen.note == "Ctrl-C again quits"
        assert screen.app.return_code is None
        await screen.press("ctrl+c")
        await screen.until(lambda: screen.app.return_code is not None)
        assert screen.app.return_code == 0


async def test_ctrl_c_copies_what_is_selected_and_closes_the_search() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.press("ctrl+f")
        await screen.press("ctrl+c")
        assert not screen.app.main.search.is_open
        assert (screen.note, screen.app.return_code) == ("", None)
        await screen.until(lambda: screen.prompt.has_focus)
        await screen.shout("Hello?")
        await screen.until(lambda: "    HELLO?" in screen.rows)
        row = screen.rows.index("    HELLO?") - screen.log.region.y
        await screen.pilot.mouse_down("EchoLog", offset=(0, row - 1))
        await screen.pilot.hover("EchoLog", offset=(10, row))
        await screen.pilot.mouse_up("EchoLog", offset=(10, row))
        await screen.press("ctrl+c")
        assert screen.app.clipboard == "Hello?\n    HELLO?"
        await screen.press("ctrl+v")
        assert screen.prompt.value == "Hello?␊    HELLO?"
        screen.prompt.value = ""
        await screen.type("abc def")
        await screen.press("shift+home")
        await screen.press("ctrl+c")
        assert screen.app.clipboard == "abc def"
        assert screen.note == "copied"
        await screen.press("ctrl+c")
        assert screen.note == "Ctrl-C again quits"
