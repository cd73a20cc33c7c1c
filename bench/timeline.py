"""Measure what a frame of the timeline costs, at 120 by 40 cells, with 200 shouts pending.

python -m bench.timeline
"""

import asyncio
import statistics
import time

from textual._compositor import CompositorUpdate

from reverb_server.core.control import Mode
from tests.tui.panel import crowd, panel

MODES: tuple[Mode, ...] = ("concurrent", "sequential")
SHOUTS = 200
FRAMES = 300
FRAME = 1 / 30
"""Seconds between two frames."""


async def frames(mode: Mode, height: int) -> list[float]:
    """Draw frames, all the way to what a terminal is sent; return the seconds of CPU of each."""
    world, spent = crowd(mode, SHOUTS), []
    async with panel(world, (120, 40)) as (app, pilot):
        app.timeline.styles.height = height
        await pilot.pause()
        for number in range(FRAMES):
            while world.matcher.pending < SHOUTS:
                world.shout(f"another shout {number}")
            world.go(FRAME)
            begin = time.process_time()
            app.timeline.draw()
            app.screen._compositor.update_widgets({app.timeline})
            update = app.screen._compositor.render_update()
            if isinstance(update, CompositorUpdate):
                update.render_segments(app.console)
            spent.append(time.process_time() - begin)
    return spent


def main() -> None:
    """Print the figures of both modes, at the height it has, and filling the screen."""
    for mode in MODES:
        for height in (8, 39):
            spent = sorted(asyncio.run(frames(mode, height)))
            middle, high = statistics.median(spent), spent[len(spent) * 99 // 100]
            print(
                f"{SHOUTS} shouts pending, {mode}, {height} rows: {middle * 1000:.1f} ms of CPU "
                f"a frame, p99 {high * 1000:.1f} ms"
            )


if __name__ == "__main__":
    main()
