"""The screen of a session: where what is typed goes, and how its parts belong together."""

from functools import partial
from itertools import product

from anyio.abc import SocketStream

from reverb_tui.entry import Kind
from reverb_tui.files.config import Config
from reverb_tui.options import Options
from reverb_tui.screens.details import Details
from tests.client.servers import serving
from tests.tui.screen import FAST, SLOW, Screen, running


async def test_what_is_typed_anywhere_is_shouted_and_a_key_of_ones_own_empties_the_log() -> None:
    async with running(config=Config(keys={"clear": "f9"})) as screen:
        assert screen.prompt.has_focus  # from the start
        await screen.type("abc")
        assert screen.prompt.value == "abc"
        await screen.connected()
        for elsewhere, typed in product(("log", "slider"), ("hey", "\u00a0\u3000")):
            screen.prompt.value = ""
            getattr(screen, elsewhere).focus()
            await screen.type(typed)
            assert screen.prompt.value == typed
            await screen.until(lambda: screen.prompt.has_focus)
            screen.app.main.action_clear_log()
            await screen.press("enter")
            await screen.until(partial(is_shouted, screen, typed))
        await screen.type("you")
        screen.slider.focus()
        await screen.press("enter")  # also from the slider
        await screen.press("ctrl+l")  # which is not the key any more
        await screen.until(lambda: (Kind.SHOUT, "you") in screen.lines)
        assert (Kind.SHOUT, "") not in screen.lines
        await screen.press("f9")
        await screen.until(lambda: (Kind.SHOUT, "you") not in screen.lines)


def is_shouted(screen: Screen, text: str) -> bool:
    return (Kind.SHOUT, text) in screen.lines


async def test_a_flood_does_not_disturb_typing() -> None:
    async def flood(stream: SocketStream) -> None:
        while True:
            await stream.send(b"it never ends\n" * 100)

    async with serving(flood) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: screen.log.line_count > 1000)
        before = screen.log.entries()[-1][2]
        await screen.type("Is there anybody there?")
        assert screen.prompt.value == "Is there anybody there?"
        assert screen.prompt.has_focus
        await screen.until(lambda: screen.log.entries()[-1][2] > before)


async def test_search_counts_and_goes_back_and_scrolling_up_stops_following_until_a_key() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.press("ctrl+f")
        await screen.press(*"hello")
        await screen.until(lambda: "1 of 4" in screen.text)
        await screen.press("escape")
        await screen.until(lambda: screen.prompt.has_focus)
        await screen.until(lambda: "find:" not in screen.text)
        for number in range(12):
            await screen.shout(f"shout {number}")
        await screen.until(lambda: len(screen.lines) == 52 and "    shout 11" in screen.rows)
        await screen.until(lambda: screen.log.settled)
        await screen.press("pageup")
        await screen.until(lambda: "Newest" in screen.keys)
        top = screen.rows[screen.log.region.y]
        await screen.shout("while away")
        await screen.until(lambda: "4 new lines" in screen.text)
        assert screen.rows[screen.log.region.y] == top
        assert not [row for row in screen.rows if row.lower() in ("while away", "    while away")]
        await screen.press("ctrl+end")
        await screen.until(lambda: "    while away" in screen.rows)
        await screen.until(lambda: "Newest" not in screen.keys)


async def test_the_mouse_selects_a_shout_switches_the_mode_and_shows_and_hides_the_details() -> (
    None
):
    async with running(SLOW, size=(80, 24)) as screen:
        await screen.connected()
        await screen.shout("one")
        await screen.shout("two")
        await screen.until(lambda: "    TWO" in screen.rows)
        timeline = screen.app.main.timeline
        await screen.pilot.click(
            "EchoLog", offset=(1, screen.rows.index("two") - screen.log.region.y)
        )
        await screen.until(lambda: timeline.selected == 2)
        assert screen.log.highlighted == 2
        await screen.until(lambda: any(row.startswith("one  ") for row in screen.rows))
        lane = next(row for row, text in enumerate(screen.rows) if text.startswith("one  "))
        await screen.pilot.click(offset=(2, lane))
        await screen.until(lambda: screen.log.highlighted == 1)
        await screen.until(lambda: " │ concurrent ●" in screen.text)
        row = next(y for y, row in enumerate(screen.rows) if " │ concurrent ●" in row)
        mode = screen.rows[row].index("concurrent")
        await screen.pilot.click(offset=(mode + 3, row))
        await screen.until(lambda: screen.status.startswith("sequential ●"))
        await screen.pilot.click(offset=(mode + 20, row))
        await screen.until(lambda: screen.shows(Details))
        await screen.press("escape")
        await screen.until(lambda: not screen.shows(Details))
        await screen.pilot.click(offset=(3, row))  # on the figures
        await screen.until(lambda: screen.shows(Details))
        await screen.until(lambda: "Esc closes" in screen.text)
        row = next(y for y, row in enumerate(screen.rows) if "Esc closes" in row)
        await screen.pilot.click(offset=(screen.rows[row].index("Esc"), row))
        await screen.until(lambda: not screen.shows(Details))
