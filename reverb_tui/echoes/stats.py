"""The running figures of one connection, for the status line and the details.

All instants and times are seconds, on one clock.
"""

from bisect import bisect_right
from collections import deque
from typing import Final

from reverb_server.core.lateness import Histogram
from reverb_tui.echoes.flight import Arrival
from reverb_tui.echoes.in_flight import Flights

FLOOD: Final = 200
"""Lines a second from which it is a flood: more than anyone can read."""

SECOND: Final = 1.0
"""Seconds over which lines a second are taken."""

_BOUNDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Where the rows of the histogram begin, but for the first."""

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_BETWEEN: Final = " · "


class Stats:
    """Counts what goes and comes; costs the same however much that is.

    ``round_trip`` is that of the last shout whose first echo has come, but for those that waited
    for their turn: theirs can't be known. None until then.

    Args:
        flights: The shouts and echoes of the connection.
    """

    def __init__(self, flights: Flights) -> None:
        self.round_trip: float | None = None
        self._flights = flights
        self._lateness = Histogram()
        self._rows = [0] * (len(_BOUNDS) + 1)
        self._reads: deque[tuple[float, int]] = deque()  # the last second's, joined by hundredths
        self._lines = 0
        self._sent = self._received = 0  # lines, whatever they are

    def sent(self) -> None:
        """Count a line that was sent."""
        self._sent += 1

    def echo(self, echo: Arrival) -> None:
        """Count an echo that came."""
        if echo.round_trip is not None:
            self.round_trip = echo.round_trip
        if echo.lateness is not None:
            self._lateness.add(echo.lateness, 1)
            self._rows[bisect_right(_BOUNDS, echo.lateness)] += 1

    def heard(self, lines: int, instant: float) -> None:
        """Count the lines of one read."""
        self._forget(instant)
        if self._reads and instant - self._reads[-1][0] < SECOND / 100:
            before, count = self._reads.pop()
            self._reads.append((before, count + lines))
        else:
            self._reads.append((instant, lines))
        self._lines += lines
        self._received += lines

    def rate(self, now: float) -> int:
        """Lines in the second before ``now``."""
        self._forget(now)
        return self._lines

    def line(self, now: float, width: int | None = None, *, raw: bool = False) -> str:
        """All figures in one line; what matters least is left out if it is too long.

        ``width`` is in characters, which have one cell each. ``raw``: of lines, not of echoes.
        """
        lateness = self._lateness
        rate = self.rate(now)
        parts = []  # how little it matters, and the words
        if rate >= FLOOD:
            parts.append((0, f"{rate:,} lines/s"))
        if self.round_trip is not None:
            parts.append((2, f"round trip {_time(self.round_trip)}"))
        if any(self._rows):
            median, high = _time(lateness.quantile(0.5)), _time(lateness.quantile(0.99))
            parts.append((3, f"late {median}, p99 {high}"))
        parts += self._counted_lines() if raw else self._counted_echoes()
        while len(text := _BETWEEN.join(words for _, words in parts)) > (width or len(text)):
            parts.remove(max(parts))
        return text

    def _counted_lines(self) -> list[tuple[int, str]]:
        sent = f"{self._sent:,} line{'s' * (self._sent != 1)} sent"
        return [(4, sent), (1, f"{self._received:,} received")]

    def _counted_echoes(self) -> list[tuple[int, str]]:
        shouts, echoes = self._flights.shouts, self._flights.echoes
        expected = self._flights.expected
        of = expected if expected is not None and expected > echoes else echoes
        came = f"{echoes:,}" if of == echoes else f"{echoes:,} of {of:,}"
        return [
            (4, f"{shouts:,} shout{'s' * (shouts != 1)}"),
            (1, f"{came} echo{'es' * (of != 1)}"),
        ]

    def histogram(self, width: int) -> list[str]:
        """Rows that show how many echoes were how late, each at most ``width`` characters.

        No rows if it is not known of any.
        """
        counted = [row for row, count in enumerate(self._rows) if count]
        if not counted:
            return []
        shown = range(counted[0], counted[-1] + 1)
        labels = [_range(row) for row in shown]
        counts = [f"{self._rows[row]:,}" for row in shown]
        margin, tail = max(map(len, labels)), max(map(len, counts))
        room = max(1, width - margin - tail - 3)
        most = max(self._rows)
        return [
            f"{label:>{margin}} {_bar(self._rows[row] / most, room):<{room}} {count:>{tail}}"
            for row, label, count in zip(shown, labels, counts, strict=True)
        ]

    def _forget(self, now: float) -> None:
        while self._reads and self._reads[0][0] <= now - SECOND:
            self._lines -= self._reads.popleft()[1]


def _time(seconds: float) -> str:
    """A time as it is read at a glance: two or three digits."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"


def _range(row: int) -> str:
    if row == 0:
        return f"below {_bound(_BOUNDS[0])}"
    if row == len(_BOUNDS):
        return f"{_bound(_BOUNDS[-1])} and more"
    return f"{_bound(_BOUNDS[row - 1])} to {_bound(_BOUNDS[row])}"


def _bound(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def _bar(share: float, cells: int) -> str:
    """A bar of at most ``cells``, to the eighth; whatever is not nothing is seen."""
    eighths = round(share * cells * 8)
    if share:
        eighths = max(1, eighths)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
