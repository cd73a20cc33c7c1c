"""In front of a class: the paused picture, the large one, the demo, black on white."""

import asyncio
import re

from textual.color import Color

from reverb_server import Settings
from reverb_tui.connection.targets import Embedded
from reverb_tui.entry import Kind
from reverb_tui.screens.demo import NOTE
from reverb_tui.themes import PAPER
from tests.pictures.studio import Stage, in_virtual_time, staged
from tests.tui.screen import SLOW, drawn, running, strips_of
from tests.tui.screens.test_compare import compared, shout_both

SIZE = (100, 30)
DIALOGUES = """\
Hello?
    HELLO?
    Hello?
    hello?
Is there anybody there?
    IS THERE ANYBODY THERE?
Yooo-hooo!
    Is there anybody there?
    is there anybody there?
    YOOO-HOOO!
    Yooo-hooo!
    yooo-hooo!
Is there anybody there?
    IS THERE ANYBODY THERE?
Yooo-hooo!
    Is there anybody there?
    YOOO-HOOO!
    is there anybody there?
    Yooo-hooo!
    yooo-hooo!"""

EITHER = "Yooo-hooo!\n    Is there anybody there?", "    Is there anybody there?\nYooo-hooo!"
"""The second shout and an echo of the first are due at the same instant."""


async def test_a_key_pauses_the_picture_and_then_the_arrows_step_and_no_longer_afterwards() -> None:
    async with running(SLOW, size=SIZE) as screen:
        await screen.connected()
        await screen.press("f7")  # there is nothing to pause
        assert "PAUSED" not in screen.text
        await screen.shout("one")
        await screen.until(lambda: any(re.match(r" ?one +█", row) for row in screen.rows))
        await screen.type("draft")
        await screen.press("f7")
        await screen.until(lambda: " PAUSED " in screen.text)
        assert "← → step from echo to echo, F7 goes on" in screen.text
        (loud,) = screen.app.main.timeline.arrivals
        await screen.press("left")
        await screen.until(lambda: screen.app.main.pause.at == loud)
        assert screen.prompt.cursor_position == len("draft")
        await screen.press("f7")
        await screen.until(lambda: " NOW " in screen.text)
        await screen.press("left")
        assert screen.prompt.cursor_position == len("draft") - 1


async def test_both_halves_of_a_comparison_are_paused_together() -> None:
    async with running(SLOW, size=SIZE) as screen:
        await screen.connected()
        compare = await compared(screen)
        await shout_both(screen, "one")
        await screen.until(lambda: screen.text.count("█") == 3)  # and the legend
        await screen.press("f7")
        await screen.until(lambda: screen.text.count("paused at") == 2)
        assert "paused, time goes on" in screen.text
        await screen.press("f7")
        await screen.until(lambda: "paused" not in screen.text)
        assert compare.prompt.has_focus


async def test_the_large_picture_has_the_screen_to_itself_until_it_is_left() -> None:
    async with running(SLOW, size=SIZE) as screen:
        await screen.connected()
        await screen.shout("one")
        await screen.until(lambda: (Kind.LOUD, "ONE") in screen.lines)
        await screen.shout("/big")
        await screen.until(lambda: len([row for row in screen.rows if "█" in row]) == 4)
        assert not screen.log.display
        assert any("█ loud  ■ normal" in row for row in screen.rows)
        await screen.shout("/delay 99")
        await screen.until(lambda: "out of range" in screen.text)
        screen.prompt.value = ""
        await screen.shout("/big")
        await screen.until(lambda: len([row for row in screen.rows if "█" in row]) == 2)
        assert screen.log.display


async def test_a_problem_is_seen_while_the_large_picture_hides_the_log() -> None:
    async with running(SLOW, size=SIZE) as screen:
        await screen.connected()
        await screen.shout("/big")
        screen.app.main.complain("the disk is full")
        await screen.until(lambda: screen.note == "the disk is full")


async def test_black_on_white_is_black_on_white() -> None:
    async with running(SLOW, size=SIZE) as screen:
        await screen.connected()
        await screen.shout(f"/theme {PAPER.name}")
        await screen.shout("one")
        await screen.until(lambda: (Kind.LOUD, "ONE") in screen.lines)
        await drawn(screen.app)
        colours = {
            (part.style.color, part.style.bgcolor)
            for strip in strips_of(screen.app)
            for part in strip
            if "every line you shout" in part.text or "ONE" in part.text
            if part.style is not None
        }
        assert {Color.from_rich_color(ground).hex for _, ground in colours} == {"#FFFFFF"}


def log_of(stage: Stage) -> str:
    entries = [
        entry for entry in stage.log.entries() if entry[0] not in (Kind.NOTICE, Kind.PROBLEM)
    ]
    return "\n".join(("" if kind == Kind.SHOUT else "    ") + text for kind, text, *_ in entries)


def test_the_demo_types_the_dialogues_of_the_book_and_puts_back_what_there_was() -> None:
    async def scene() -> None:
        async with staged(SIZE, delay=0.3) as stage:
            history = len(stage.prompt.history)
            stage.app.main.action_start_demo()
            await asyncio.sleep(1.4)
            assert stage.app.main.hint.note is not None
            assert stage.app.main.hint.note.text == NOTE
            typed = stage.prompt.value
            assert typed
            assert "Hello?".startswith(typed)
            await asyncio.sleep(16.0)
            assert log_of(stage).replace(*EITHER) == DIALOGUES.replace(*EITHER)
            assert stage.app.main.session.client is not None
            info = stage.app.main.session.client.info
            assert (info.delay, info.mode) == (0.3, "concurrent")
            assert stage.prompt.value == ""
            assert stage.app.main.hint.note is None
            assert len(stage.prompt.history) == history

    in_virtual_time(scene)


async def test_any_key_stops_the_demo_and_does_nothing_else() -> None:
    async with running(Embedded(Settings(delay=0.25)), size=SIZE) as screen:
        await screen.connected()
        screen.prompt.value = "draft"
        screen.app.main.action_start_demo()
        await screen.until(lambda: screen.note == NOTE)
        await screen.until(lambda: screen.slider.confirmed == 1.0)
        await screen.press("x")
        await screen.until(lambda: screen.note == "")
        assert screen.prompt.value == "draft"
        await screen.until(lambda: screen.slider.confirmed == 0.25)


async def test_a_demo_needs_a_server_that_can_be_asked() -> None:
    async with running(SLOW, size=SIZE) as screen:
        await screen.connected()
        screen.app.main.session.disconnect()
        await screen.until(lambda: "not connected" in screen.app.main.obstacle("start_demo"))
