from textual.command import CommandPalette

from tests.tui.screen import SLOW, running


async def test_what_is_offered_is_shown_as_it_is_typed_with_its_brackets() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.press("ctrl+p")
        await screen.until(lambda: screen.shows(CommandPalette))
        await screen.until(lambda: "/search [TEXT]" in screen.text)
        await screen.press(*"sear")
        await screen.until(lambda: "/connect" not in screen.text and "/search" in screen.text)
        assert "/search [TEXT]" in screen.text
