"""The rows of the main screen, shared between the timeline and the log."""

from collections.abc import Callable

from textual.geometry import Size

from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.timeline import LEAST_ROWS, Timeline


class Room:
    """Shows the timeline, the log, or both.

    Args:
        timeline: Is over the log where there is room for it, or alone.
        lines: The log.
        no_echoes: Returns whether there are no echoes that a timeline could show.
    """

    def __init__(self, timeline: Timeline, lines: EchoLog, no_echoes: Callable[[], bool]) -> None:
        self._timeline = timeline
        self._lines = lines
        self._no_echoes = no_echoes

    @property
    def newest_is_seen(self) -> bool:
        """Whether the newest line of the log is in sight, and not the timeline alone."""
        return self._lines.following and not self._timeline.tall

    def fit(self, size: Size) -> None:
        """Show the timeline if there are echoes to see, and room in a terminal of this size."""
        wanted = self._timeline.tall or self._timeline.fits(size)
        self._timeline.display = wanted and not self._no_echoes()

    def toggle_timeline(self, size: Size) -> str:
        """Show the timeline over the log, or hide it; return why that can't be, or ""."""
        if size.height < LEAST_ROWS:
            return f"the timeline needs {LEAST_ROWS} rows, here are {size.height}"
        self._timeline.wanted = not self._timeline.display
        self.fit(size)
        return ""

    def toggle_big(self, size: Size) -> None:
        """Show the timeline alone, with tall lanes, or the log again."""
        big = self._timeline.tall = not self._timeline.tall
        self._lines.display = not big
        self._timeline.set_class(big, "-big")
        self.fit(size)
        self._timeline.wake()
