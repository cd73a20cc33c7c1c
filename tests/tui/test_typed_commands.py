"""Commands that are typed with a slash, or chosen in the palette."""

import pytest
from textual.command import CommandPalette

from tests.tui.screen import SLOW, running


async def test_the_delay_can_be_typed() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/delay 0.25")
        await screen.until(lambda: screen.slider.confirmed == 0.25)
        assert screen.slider.value == 0.25
        assert screen.prompt.value == ""
        assert screen.lines == []


@pytest.mark.parametrize("mode", ["sequential", "concurrent"])
async def test_the_mode_can_be_typed_also_the_one_it_is_already(mode: str) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(f"/mode {mode}")
        await screen.until(lambda: screen.status.startswith(f"{mode}  ●"))


@pytest.mark.parametrize("wrong", ["/dely 1", "/delay", "/delay much", "/theme none", "/help me"])
async def test_a_command_that_cant_be_stays_with_a_hint(wrong: str) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(wrong)
        assert screen.prompt.value == wrong
        assert screen.prompt.wrong
        await screen.until(lambda: screen.prompt.hint[:20] in screen.text)
        assert screen.lines == []


async def test_clear_timeline_and_quit_do_what_they_say() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "    HELLO?" in screen.rows)
        await screen.shout("/clear")
        await screen.until(lambda: "    HELLO?" not in screen.rows)
        assert "─ echoes ─" in screen.text
        await screen.shout("/timeline")
        await screen.until(lambda: "─ echoes ─" not in screen.text)
        await screen.shout("/quit")
        await screen.until(lambda: screen.app.return_code == 0)


async def test_the_palette_offers_the_same_words() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.press("ctrl+p")
        await screen.until(lambda: isinstance(screen.app.screen, CommandPalette))
        await screen.until(lambda: "/delay SECONDS" in screen.text)
        await screen.press("f2", "f4")  # they are the palette's while it is there
        await screen.press("escape")
        await screen.until(lambda: not isinstance(screen.app.screen, CommandPalette))
        assert "─ echoes ─" in screen.text
