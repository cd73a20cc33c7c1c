"""What the client looks like in several situations, each of them played with the real one."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from reverb_server.core.control import ReverbMode
from reverb_tui.screens.compare import CompareScreen
from reverb_tui.widgets.prompt import Prompt
from tests.pictures.studio import staged, together

ANYBODY: Final = "Is there anybody there?"
YOOO: Final = "Yooo-hooo!"
SHOUTS: Final = (
    (ANYBODY, 0.5),
    (YOOO, 0.375),
    ("Hello?", 0.375),
    ("I am over here", 0.25),
    ("Where?", 0.375),
    ("In the valley", 0.125),
)
"""Shouts, each with the seconds until the next."""


async def reverb() -> str:
    """The transcript of the concurrent mode, and one more shout in the air."""
    async with staged((92, 25)) as stage:
        await stage.shout(ANYBODY, 1)
        await stage.shout(YOOO, 2.25)
        await stage.shout("Hello?", 0.5)
        return await stage.picture("reverb-tui")


async def compare() -> str:
    """The finished comparison of three shouts."""
    async with staged((100, 30)) as stage:
        stage.app.main.action_compare()
        await asyncio.sleep(0.25)
        screen = stage.app.screen
        assert isinstance(screen, CompareScreen)
        screen.prompt.cursor_blink = False
        for text, seconds in (("Is anybody there?", 0.5), (YOOO, 0.5), ("Hello?", 6.5)):
            screen.on_prompt_shouted(Prompt.Shouted([text], secret=False))
            await asyncio.sleep(seconds)
        return await stage.picture("reverb-tui --compare")


async def modes() -> str:
    """The same two shouts in both modes, at the same instant."""
    return together([await _mode("concurrent"), await _mode("sequential")], beside=True)


async def _mode(mode: ReverbMode) -> str:
    async with staged((60, 21), mode=mode) as stage:
        stage.app.main.action_clear_log()
        await stage.shout(ANYBODY, 1)
        await stage.shout(YOOO, 1.6)
        return await stage.picture(f"reverb-tui --mode {mode}")


async def timeline() -> str:
    """The timeline before the slider is dragged, and right after."""
    async with staged((92, 24)) as stage:
        for text, seconds in SHOUTS:
            await stage.shout(text, seconds)
        rows = slice(stage.timeline.region.y, stage.timeline.region.bottom + 1)
        before = await stage.picture("a delay of a second", rows)
        stage.slider.step(-2)
        await asyncio.sleep(1 / 1024)  # the server says yes
        after = await stage.picture("the slider was dragged, in the same instant", rows)
        return together([before, after], beside=False)


async def narrow() -> str:
    """A terminal with hardly any room."""
    async with staged((40, 12)) as stage:
        await stage.shout(ANYBODY, 1)
        await stage.shout(YOOO, 2.5)
        return await stage.picture("40 by 12")


async def help() -> str:  # noqa: A001 (the picture's name)
    """Every key and every command."""
    async with staged((80, 44)) as stage:
        stage.app.main.action_help()
        await asyncio.sleep(0.25)
        return await stage.picture("reverb-tui, F1")


async def search() -> str:
    """A search in the log, with timestamps."""
    async with staged((80, 24)) as stage:
        await stage.shout(ANYBODY, 1)
        await stage.shout(YOOO, 2.5)
        stage.app.main.action_set_timestamps("since")
        stage.app.main.action_search("yooo")
        await asyncio.sleep(0.25)
        return await stage.text()


async def crowd() -> str:
    """More shouts than there are lanes."""
    async with staged((80, 24)) as stage:
        for number in range(200):
            await stage.shout(f"shout {number}", 0.01)
        return await stage.text()


async def paste() -> str:
    """Several lines pasted at once."""
    async with staged((80, 24)) as stage:
        stage.prompt.paste("".join(f"line {number}\n" for number in range(12)))
        await asyncio.sleep(0.25)
        return await stage.text()


async def details() -> str:
    """All there is to know about the connection."""
    async with staged((80, 40)) as stage:
        await stage.shout(ANYBODY, 2.5)
        stage.app.main.action_details()
        await asyncio.sleep(0.25)
        return await stage.text()


_ROOT: Final = Path(__file__).parents[2]
_DRAWN: Final = (compare, reverb, modes, timeline, narrow, help)
_DUMPED: Final = (search, crowd, paste, details)

FILES: Final[dict[Path, Callable[[], Coroutine[None, None, str]]]] = {
    **{_ROOT / f"docs/pictures/{scene.__name__}.svg": scene for scene in _DRAWN},
    **{_ROOT / f"tests/pictures/{scene.__name__}.txt": scene for scene in _DUMPED},
}
"""Where each picture is kept: the README's as SVG, the others as text."""
