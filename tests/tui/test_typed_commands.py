"""Commands that are typed with a slash, or chosen in the palette."""

from functools import partial

from textual.command import CommandPalette

from reverb_tui.widgets.prompt.prompt import Tone
from tests.tui.screen import SLOW, Screen, running


async def test_delay_and_mode_can_be_typed_and_a_command_that_cant_be_stays_with_a_hint() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/delay 0.25")
        await screen.until(lambda: screen.slider.confirmed == 0.25)
        assert screen.slider.value == 0.25
        assert screen.prompt.value == ""
        for mode in ("concurrent", "sequential", "sequential", "concurrent"):
            await screen.shout(f"/mode {mode}")
            assert screen.prompt.value == ""
            await screen.until(partial(says_mode, screen, mode))
        for wrong in ("/dely 1", "/delay", "/delay much", "/theme none", "/help me"):
            await screen.shout(wrong)
            assert screen.prompt.value == wrong
            assert screen.prompt.advice.tone is Tone.REFUSES, wrong
            await screen.until(lambda: screen.prompt.hint[:20] in screen.text)
        assert screen.lines == []


def says_mode(screen: Screen, mode: str) -> bool:
    return screen.status.startswith(f"{mode} ●")


async def test_the_palette_and_clear_timeline_and_quit_do_what_they_say() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.press("ctrl+p")
        await screen.until(lambda: screen.shows(CommandPalette))
        await screen.until(lambda: "/delay SECONDS" in screen.text)
        await screen.press("f2", "f4")  # they are the palette's while it is there
        await screen.until(lambda: "/search [TEXT]" in screen.text)  # as it is typed
        await screen.press(*"sear")
        await screen.until(lambda: "/connect" not in screen.text and "/search" in screen.text)
        assert "/search [TEXT]" in screen.text
        await screen.press("escape")
        await screen.until(lambda: not screen.shows(CommandPalette))
        assert "CONCURRENT" in screen.text
        await screen.shout("Hello?")
        await screen.until(lambda: "    HELLO?" in screen.rows)
        await screen.shout("/clear")
        await screen.until(lambda: "    HELLO?" not in screen.rows)
        assert "CONCURRENT" in screen.text
        await screen.shout("/timeline")
        await screen.until(lambda: "CONCURRENT" not in screen.text)
        await screen.shout("/quit")
        await screen.until(lambda: screen.app.return_code == 0)
