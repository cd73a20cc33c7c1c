"""Times at the right edge of the log, one for each line."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final

from reverb_tui.entry import Entry, Kind, Timestamps

WIDTHS: Final = {
    Timestamps.NONE: 0,
    Timestamps.CLOCK: len(" 10:02:01.250"),
    Timestamps.SINCE: len(" +120.000 s"),
}
"""Cells that the times take, including one between the text and them."""


class Shouts:
    """The instants of at least the newest ``most`` shouts, by their numbers."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._instants: dict[int, float] = {}

    def note(self, entries: Iterable[Entry]) -> None:
        """Keep the instants of the shouts among these entries."""
        instants = self._instants
        for kind, _, instant, shout in entries:
            if kind == Kind.SHOUT and shout:
                instants[shout] = instant
        if len(instants) > 2 * self._most:  # rarely: finding the oldest costs more each time
            self._instants = dict(islice(instants.items(), len(instants) - self._most, None))

    def since(self, entry: Entry) -> float | None:
        """Return the seconds from its shout to an entry; None if they are unknown."""
        kind, _, instant, shout = entry
        heard = self._instants.get(shout)
        if kind == Kind.SHOUT or not heard or not instant:
            return None
        return instant - heard


def stamp(entry: Entry, timestamps: Timestamps, shouts: Shouts) -> str:
    """Return the time beside an entry, right-aligned in its cells; blank where there is none."""
    width = WIDTHS[timestamps]
    if timestamps is Timestamps.SINCE:
        seconds = shouts.since(entry)
        text = "" if seconds is None else since(seconds)
    else:
        text = clock(entry[2]) if timestamps is Timestamps.CLOCK and entry[2] else ""
    return text.rjust(width)[:width]


def since(seconds: float) -> str:
    """Format seconds since a shout, in 10 characters if they suffice: ``+0.251 s``."""
    text = f"{seconds:+.3f} s"
    return text if len(text) <= 10 else f"{seconds:+.0f} s"


@lru_cache(maxsize=256)
def clock(instant: float) -> str:
    """Format an instant in seconds of wall clock as local time of day: ``10:02:01.250``."""
    return datetime.fromtimestamp(instant).strftime("%H:%M:%S.%f")[:-3]
