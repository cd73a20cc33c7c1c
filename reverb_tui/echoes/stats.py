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

    def brief(self, now: float, *, raw: bool = False) -> str:
        """Return what is in the air at ``now`` in a few words; during a flood, the rate first.

        Of lines and not of echoes where ``raw``, of a plain echo, and while nobody knows how the
        server echoes; "" before any of them.
        """
        flights, rate = self._flights, self.rate(now)
        flood = [f"{_short(rate)} lines/s"] if rate >= FLOOD else []
        if raw or flights.mode == "plain" or flights.expected is None:
            if not (raw or flights.mode == "plain" or self._sent or self._received):
                return ""
            parts = [f"received {_short(self._received)}", f"sent {_short(self._sent)}"]
        else:
            waiting = flights.waiting(now)
            in_the_air = flights.pending - waiting
            parts = [f"in the air {_short(in_the_air)}", f"waiting {_short(waiting)}"]
        return _BETWEEN.join([*flood, *parts][:2])

    def rows(self, now: float, *, raw: bool = False) -> list[tuple[str, str]]:
        """Return all figures, each with its label; ``raw``: of lines, not of echoes."""
        rate = ("lines a second", f"{self.rate(now):,}")
        if raw:
            return [("sent", _lines(self._sent)), ("received", _lines(self._received)), rate]
        rows = [("shouts", f"{self._flights.shouts:,}"), ("echoes", self._echoes), rate]
        if self.round_trip is not None:
            rows.append(("round trip", _time(self.round_trip)))
        if any(self._rows):
            quantiles = [_time(self._lateness.quantile(share)) for share in (0.5, 0.99)]
            rows.append(("lateness", "median {}, p99 {}".format(*quantiles)))
        return rows

    @property
    def _echoes(self) -> str:
        came, expected = self._flights.echoes, self._flights.expected
        more = expected is not None and expected > came
        return f"{came:,} of {expected:,}" if more else f"{came:,}"

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


def _lines(count: int) -> str:
    return f"{count:,} line{'s' * (count != 1)}"


def _short(count: int) -> str:
    """A count in four characters at most: 999, 1.2k, 12k, 3.4M."""
    if count < 1000:
        return str(count)
    power = 1 if count < 999_500 else 2 if count < 999_500_000 else 3
    return f"{count / 1000**power:.1f}"[:3].rstrip(".") + "_kMG"[power]


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
