"""The line of figures."""

from collections.abc import Callable
from typing import Final

import anyio
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from reverb_tui.session.transcript import Transcript

INTERVAL: Final = 0.25
"""Seconds between two showings of the figures: faster than that nobody reads."""

LEAST: Final = 20
"""Cells that the figures are made for at least."""


class StatsLine(Static):
    """Shows the figures of the connection at the moment, while they change."""

    def __init__(self, transcript: Callable[[], Transcript]) -> None:
        super().__init__(id="figures", markup=False)
        self._transcript = transcript
        self._ticking: Timer | None = None

    def on_mount(self) -> None:
        """Begin to follow the figures."""
        self._ticking = self.set_interval(INTERVAL, self.draw)

    def on_resize(self) -> None:
        """Show those that there is room for."""
        self.draw()

    def wake(self) -> None:
        """Follow the figures until they stand still."""
        if self._ticking is not None:
            self._ticking.resume()

    def draw(self) -> None:
        """Show the figures as they are now."""
        transcript = self._transcript()
        now, width = anyio.current_time(), max(LEAST, self.app.size.width - 2)
        line = transcript.stats.line(now, width, raw=transcript.raw)
        self.update(Content(line), layout=False)  # one row, whatever it says
        if self._ticking is not None and not (
            transcript.flights.in_flight or transcript.stats.rate(now)
        ):
            self._ticking.pause()
