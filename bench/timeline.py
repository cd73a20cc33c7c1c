"""Measure what a frame of the timeline costs, with 200 shouts pending, and one of a comparison.

python -m bench.timeline
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Final

from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.strip import Strip

from reverb_server.core.control import ReverbMode
from reverb_server.core.reverb import Reverb
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.widgets.timeline import Timeline
from reverb_tui.widgets.timeline.scale import Scale

MODES: tuple[ReverbMode, ...] = ("concurrent", "sequential")
SIZE: Final = (120, 40)
DELAY: Final = 1.0
SHOUTS: Final = 200
FRAMES: Final = 300
FRAME: Final = 1 / 30
"""Seconds between two frames."""


class Talk:
    """A client and a server's core that meet in memory, on their own clock."""

    def __init__(self, mode: ReverbMode) -> None:
        self.now = 1000.0
        self.flights = Flights()
        self.flights.mode_changed(mode)
        self.flights.delay_changed(DELAY, 0.0)
        self._core = Reverb(delay=DELAY, mode=mode, max_line=65_536)

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


class Panel(App[None]):
    """Timelines alone, one below the other, on one scale."""

    def __init__(self, talks: Sequence[Talk]) -> None:
        super().__init__()
        scale = Scale()
        self.timelines = [
            Timeline(talk.flights, clock=lambda talk=talk: talk.now, scale=scale)  # type: ignore[misc]
            for talk in talks
        ]

    def compose(self) -> ComposeResult:
        yield from self.timelines


async def frames(modes: Sequence[ReverbMode], height: int) -> list[float]:
    """Draw frames, all the way to what a terminal is sent; return the seconds of CPU of each.

    ``height`` is the rows of each timeline. A frame in which nothing changed is not counted.
    """
    talks = [Talk(mode) for mode in modes]
    spent: list[float] = []
    for number in range(SHOUTS):
        for talk in talks:
            talk.shout(f"shout {number}")
            talk.go(1.6 / SHOUTS)
    app = Panel(talks)
    async with app.run_test(size=SIZE) as pilot:
        for timeline in app.timelines:
            timeline.styles.height = height
        await pilot.pause()
        before: object = None
        while len(spent) < FRAMES:
            for talk in talks:
                while talk.flights.pending < SHOUTS:
                    talk.shout("another shout")
                talk.go(FRAME)
            begin = time.process_time()
            for timeline in app.timelines:
                timeline.draw()
            app.screen._compositor.update_widgets(set(app.timelines))
            update = app.screen._compositor.render_update()
            if isinstance(update, CompositorUpdate):
                update.render_segments(app.console)
            cost = time.process_time() - begin
            now = [strip.text for timeline in app.timelines for strip in rendered(timeline)]
            if now != before:
                spent.append(cost)
            before = now
    return spent


def rendered(timeline: Timeline) -> list[Strip]:
    """Return the rows as they are drawn."""
    return [timeline.render_line(y) for y in range(timeline.size.height)]


def main() -> None:
    """Print the figures of both modes, at the height it has, filling the screen, and of both."""
    cases: list[tuple[tuple[ReverbMode, ...], int]] = [
        ((mode,), height) for mode in MODES for height in (8, 39)
    ]
    for modes, height in [*cases, (MODES, 13)]:
        spent = sorted(asyncio.run(frames(modes, height)))
        middle, high = statistics.median(spent), spent[len(spent) * 99 // 100]
        print(
            f"{SHOUTS} shouts pending, {' and '.join(modes)}, {height} rows: "
            f"{middle * 1000:.1f} ms of CPU a frame, p99 {high * 1000:.1f} ms"
        )


if __name__ == "__main__":
    main()
