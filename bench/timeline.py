"""Measure what a frame of the timeline costs, at 120 by 40 cells, with 200 shouts pending.

python -m bench.timeline
"""

import asyncio
import statistics
import time
from typing import Final

from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult

from reverb_server.core.control import ReverbMode
from reverb_server.core.reverb import Reverb
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.widgets.timeline import Timeline

MODES: tuple[ReverbMode, ...] = ("concurrent", "sequential")
SIZE: Final = (120, 40)
DELAY: Final = 1.0
SHOUTS: Final = 200
FRAMES: Final = 300
FRAME: Final = 1 / 30
"""Seconds between two frames."""


class Panel(App[None]):
    """A timeline alone, of a client and a server's core that meet in memory, on their own clock."""

    def __init__(self, mode: ReverbMode) -> None:
        super().__init__()
        self.now = 1000.0
        self.flights = Flights()
        self.flights.mode_changed(mode)
        self.flights.delay_changed(DELAY, 0.0)
        self.timeline = Timeline(self.flights, clock=lambda: self.now)
        self._core = Reverb(delay=DELAY, mode=mode, max_line=65_536)

    def compose(self) -> ComposeResult:
        yield self.timeline

    def shout(self, text: str) -> None:
        """Shout, and hear what comes at once."""
        self.flights.shout(text.encode(), self.now, text)
        self._core.hear(text.encode() + b"\n", self.now)
        self.go(0.0)

    def go(self, seconds: float) -> None:
        """Let time pass, and hear what comes."""
        until = self.now + seconds
        while (due := self._core.next_due) is not None and due <= until:
            self.now = due
            for line in self._core.speak(due).split(b"\n")[:-1]:
                self.flights.hear(line, due)
        self.now = until


async def frames(mode: ReverbMode, height: int) -> list[float]:
    """Draw frames, all the way to what a terminal is sent; return the seconds of CPU of each."""
    app, spent = Panel(mode), []
    for number in range(SHOUTS):
        app.shout(f"shout {number}")
        app.go(1.6 / SHOUTS)
    async with app.run_test(size=SIZE) as pilot:
        app.timeline.styles.height = height
        await pilot.pause()
        for number in range(FRAMES):
            while app.flights.pending < SHOUTS:
                app.shout(f"another shout {number}")
            app.go(FRAME)
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
