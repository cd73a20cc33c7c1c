"""Whatever the size of the terminal: what matters is seen."""

import re
from functools import partial

from reverb_tui.files.config import Config
from reverb_tui.screens.details import Details
from tests.tui.screen import FAST, SLOW, Screen, running


async def test_everything_fits_in_a_small_terminal_and_after_a_resize() -> None:
    long = "Is there anybody out there who can hear this?"
    async with running(size=(40, 12)) as screen:
        await screen.connected()
        await screen.shout(long)
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.until(lambda: "s?" in screen.text)
        assert "0.02 s" in screen.text
        assert screen.status in screen.text
        footer = "Alt+←→ Delay ^T Mode F1 Help ^Q Quit"
        await screen.until(lambda: screen.rows[-1] == footer)
        await screen.pilot.resize_terminal(100, 24)
        await screen.until(lambda: f"    {long.lower()}" in screen.rows)
        await screen.until(lambda: " │ in the air 0 · waiting 0 │ concurrent ●" in screen.text)
        await screen.pilot.resize_terminal(40, 12)
        await screen.until(lambda: f"    {long.lower()[:30].rstrip()}" in screen.rows)


async def test_in_a_low_terminal_the_timeline_gives_way_and_the_prompt_is_seen() -> None:
    async with running(SLOW, size=(40, 12), config=Config(timeline=True)) as screen:
        await screen.connected()
        await screen.type("abc")
        for size in ((40, 12), (40, 8), (80, 10)):
            await screen.pilot.resize_terminal(*size)
            await screen.until(lambda: "> abc" in screen.rows and "CONCURRENT" not in screen.text)
            await screen.press("f2")
            sentence = f"the timeline needs 16 rows, here are {size[1]}"
            await screen.until(partial(says, screen, sentence))
            for seen in ("> abc", "30.00 s", screen.status):
                assert seen in screen.text, size
            assert "CONCURRENT" not in screen.text, size
            await screen.pilot.resize_terminal(80, 24)
            await screen.until(lambda: "CONCURRENT" in screen.text)
            await screen.pilot.resize_terminal(*size)
            await screen.until(lambda: "> abc" in screen.rows and "CONCURRENT" not in screen.text)


def says(screen: Screen, sentence: str) -> bool:
    return sentence in " ".join(screen.text.split())  # in a narrow terminal it wraps


async def test_the_prompt_is_seen_where_there_is_hardly_room_for_its_hint() -> None:
    async with running(SLOW, size=(40, 24)) as screen:
        await screen.connected()
        await screen.press("ctrl+f", "escape")
        await screen.type("/")
        await screen.press("f2")
        words = {f"/{entry.word}" for entry in screen.prompt.commands}
        for height in (16, 12, 8, 5):
            await screen.pilot.resize_terminal(40, height)
            await screen.until(lambda: "> /" in "\n".join(screen.rows))
            await screen.until(lambda: "/quit" in screen.text)
            if height == 12:  # a long hint breaks between words
                await screen.until(lambda: words <= set(screen.text.split()))


async def test_a_tiny_terminal_ends_nothing() -> None:
    async with running(size=(1, 1)) as screen:
        await screen.shout("Hello?")
        await screen.until(lambda: "●" in screen.status)
        await screen.pilot.resize_terminal(80, 24)
        await screen.until(lambda: "connected" in screen.text)


async def test_the_histogram_of_the_details_fits() -> None:
    async with running(FAST, size=(120, 40)) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 4)

        def bars() -> list[str]:
            return [row for row in screen.rows if " ms " in row and "█" in row]

        fits = re.compile(r" ms [█▉▊▋▌▍▎▏]+ +[123] ")
        for width in (120, 60, 40):
            await screen.pilot.resize_terminal(width, 40)
            await screen.press("f4")
            await screen.until(lambda: screen.shows(Details))
            await screen.press("end")
            # It is drawn once more when the box has its size.
            await screen.until(lambda: (found := bars()) and all(map(fits.search, found)))
            await screen.press("f4")
            await screen.until(lambda: not screen.shows(Details))
