"""Takes pictures of the real client with its own server, in virtual time: always the same bytes."""

import asyncio
import io
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from itertools import accumulate
from typing import Final, TypeVar
from unittest.mock import patch

from rich.console import Console
from rich.segment import Segment, Segments
from textual.pilot import Pilot
from textual.strip import Strip

from reverb_server import Settings
from reverb_server.core.control import ReverbMode
from reverb_server.testing import VirtualLoop
from reverb_tui.app import ReverbApp
from reverb_tui.connection.targets import AnyTarget, Embedded
from reverb_tui.files.config import Config
from reverb_tui.files.picture import self_contained
from reverb_tui.options import Options
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.timeline import Timeline
from tests.tui.screen import strips_of

Result = TypeVar("Result")

NOON: Final = 1_700_000_000.0
"""The wall clock when a picture begins."""

GAP: Final = 12
"""Pixels between two pictures that are put together."""


class Stage:
    """The client on a screen, for a picture of it."""

    def __init__(self, app: ReverbApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self.log = app.query_one(EchoLog)
        self.prompt = app.query_one(Prompt)
        self.slider = app.query_one(DelaySlider)
        self.timeline = app.query_one(Timeline)

    async def shout(self, text: str, seconds: float) -> None:
        """Shout at once, and let time pass."""
        self.app.main.on_prompt_shouted(Prompt.Shouted([text], secret=False))
        await asyncio.sleep(seconds)

    async def strips(self) -> list[Strip]:
        """Give the screen, row by row, when all that has happened is on it."""
        await settle()
        self.app.main.status.draw()
        if self.timeline.display:
            self.timeline.draw()
        await settle()
        return strips_of(self.app)

    async def picture(self, title: str, rows: slice = slice(None)) -> str:
        """Give the picture, or some rows of it, as SVG."""
        return svg(await self.strips(), title, rows)

    async def text(self) -> str:
        """Give the screen as text."""
        return "".join(f"{strip.text.rstrip()}\n" for strip in await self.strips())


async def settle() -> None:
    """Wait, in no time, until nothing happens any more."""
    for _ in range(60):
        await asyncio.sleep(0)


@asynccontextmanager
async def staged(
    size: tuple[int, int],
    *,
    mode: ReverbMode = "concurrent",
    delay: float = 1.0,
    timeline: bool | None = None,
    target: AnyTarget | None = None,
) -> AsyncIterator[Stage]:
    """Run the client while the block runs, from instant 0 of a server's clock on."""
    target = target or Embedded(Settings(delay=delay, mode=mode, max_connections=1000))
    app = ReverbApp(target, Options(), Config(timeline=timeline, theme="textual-dark"))
    async with app.run_test(size=size) as pilot:
        stage = Stage(app, pilot)
        stage.prompt.cursor_blink = False
        await asyncio.sleep(0.25)
        yield stage
    await settle()  # what was cancelled ends


def in_virtual_time(scene: Callable[[], Coroutine[None, None, Result]]) -> Result:
    """Play a scene, on a clock that jumps over all waiting."""
    loop = VirtualLoop()
    with (
        patch.dict(os.environ, {"COLORTERM": "truecolor", "NO_COLOR": ""}),
        patch("textual._time.get_time", loop.time),
        patch("reverb_tui.session.session.BREATH", 0.0),  # who reads twice is not late
        # How long a frame takes is real time; here no frame is left out for it.
        patch("reverb_tui.widgets.timeline.timeline._SHARE", 0.0),
        patch.object(time, "time", lambda: NOON + loop.time()),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        return runner.run(scene())


def svg(strips: Sequence[Strip], title: str, rows: slice = slice(None)) -> str:
    """Draw some rows of a screen."""
    shown = strips[rows]
    console = Console(
        width=shown[0].cell_length,
        height=len(shown),
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    for strip in shown:
        console.print(Segments([*strip, Segment.line()]), end="", soft_wrap=True)
    drawn = console.export_svg(title=title, unique_id=re.sub(r"\W+", "-", f"picture {title}"))
    return self_contained(drawn)


def together(pictures: Sequence[str], *, beside: bool) -> str:
    """Put pictures beside each other, or one under the other."""
    sizes = [tuple(map(float, re.findall(r"[\d.]+", _box(picture))))[2:] for picture in pictures]
    along = 0 if beside else 1
    places = [0.0, *accumulate(size[along] + GAP for size in sizes)]
    width, height = (max(size[axis] for size in sizes) for axis in (0, 1))
    if beside:
        width = places[-1] - GAP
    else:
        height = places[-1] - GAP
    parts = [
        picture.replace(
            "<svg ",
            f'<svg x="{place if beside else 0:g}" y="{0 if beside else place:g}" '
            f'width="{size[0]:g}" height="{size[1]:g}" ',
            1,
        )
        for picture, place, size in zip(pictures, places, sizes, strict=False)
    ]
    head = f'<svg viewBox="0 0 {width:g} {height:g}" xmlns="http://www.w3.org/2000/svg">\n'
    return f"{head}{''.join(parts)}</svg>\n"


def _box(picture: str) -> str:
    found = re.search(r'viewBox="[^"]*"', picture)
    assert found is not None
    return found[0]
