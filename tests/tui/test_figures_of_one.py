"""The figures are those of one connection, and say so where there was another one before."""

from tests.tui.screen import FAST, running


async def test_figures_that_began_anew_say_of_what_they_are() -> None:
    async with running(FAST, size=(100, 40)) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.press("f4")
        await screen.until(lambda: " Figures " in screen.text)
        await screen.press("f4")
        await screen.shout("/connect")
        await screen.until(lambda: str(screen.log.entries()).count("connected: ") == 2)
        await screen.press("f4")
        await screen.until(lambda: "Figures of this connection" in screen.text)
        assert "0 shouts · 0 echoes" in screen.text
