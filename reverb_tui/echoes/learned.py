"""The delay and the mode of a server that tells neither, estimated from its echoes.

The delay is the median gap between echoes of one shout. The mode shows where two shouts overlap:
only a concurrent server begins a shout before another has ended, and only a sequential one lets a
shout wait. The latest evidence wins.

Shouts with the same text, pending at the same time, are left out: whose echo came is not certain.
All instants and delays are seconds on one clock; memory is bounded.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from reverb_server.core.control import ReverbMode
from reverb_server.core.voice import LOUD, QUIET
from reverb_tui.echoes.case_folding import fold
from reverb_tui.echoes.flight import Arrival, Flight
from reverb_tui.echoes.mode_words import MODE_WORDS

GAPS: Final = 6
"""Gaps between echoes that the delay is the median of: those of three shouts."""

LEAST_DELAY: Final = 0.005
"""Seconds below which echoes come at once: the gaps are those of the network."""

LEAST_WAIT: Final = 0.05
"""Seconds beyond the round trip below which a late loud echo proves no wait, but jitter."""

MOST: Final = 1000
"""Pending shouts that are followed; above that, the oldest is forgotten."""


@dataclass(slots=True)
class _Text:
    """Pending shouts of one text; ``single`` is whether there never were two."""

    pending: int = 0
    single: bool = True


@dataclass(slots=True)
class _Shout:
    sent: float
    key: bytes
    text: _Text
    came: list[float] = field(default_factory=list)


class Learned:
    """Estimates of one server.

    ``delay`` and ``mode`` are None while unknown, the delay also where all echoes come at once.
    """

    def __init__(self) -> None:
        self.delay: float | None = None
        self.mode: ReverbMode | None = None
        self._gaps: deque[float] = deque(maxlen=GAPS)
        self._pending: dict[int, _Shout] = {}
        self._texts: dict[bytes, _Text] = {}
        self._begun: set[int] = set()
        self._ended = -1, -math.inf  # the latest shout that ended, and when
        self._round_trip = math.inf

    def __str__(self) -> str:
        """Return it for the status line; "" while the delay is unknown."""
        if self.delay is None:
            return ""
        words = f", {MODE_WORDS[self.mode]}" if self.mode else ""
        return f"≈ {self.delay:.2f} s{words}"

    def sent(self, shout: int, text: bytes, now: float) -> None:
        """Follow a shout that is sent at ``now``."""
        if len(self._pending) >= MOST:
            self._forget(next(iter(self._pending)))
        key = fold(text)
        alike = self._texts.setdefault(key, _Text())
        alike.pending += 1
        alike.single = alike.single and alike.pending == 1
        self._pending[shout] = _Shout(now, key, alike)

    def came(self, echo: Arrival) -> None:
        """Learn from an echo that came."""
        shout = self._pending.get(echo.shout)
        if shout is None:
            return
        shout.came.append(echo.instant)
        if echo.stage == LOUD:
            if shout.text.single:
                self._learn_mode(echo, shout)
            self._begun.add(echo.shout)
        elif echo.stage == QUIET:
            if shout.text.single and len(shout.came) > QUIET:
                self._learn_delay(echo, *shout.came)
            self._forget(echo.shout)

    def _learn_delay(self, echo: Arrival, loud: float, normal: float, quiet: float) -> None:
        """Learn from a shout that is complete."""
        self._gaps += normal - loud, quiet - normal
        delay = median(self._gaps)
        self.delay = delay if delay >= LEAST_DELAY else None
        self._ended = echo.shout, quiet

    def _learn_mode(self, echo: Arrival, shout: _Shout) -> None:
        """Learn from a shout that begins."""
        waited = echo.instant - shout.sent
        self._round_trip = min(self._round_trip, waited)
        if any(self._pending[other].text.single for other in self._begun):
            self.mode = "concurrent"
            return
        number, ended = self._ended
        overlapped = number < echo.shout and shout.sent < ended <= echo.instant
        long = max(LEAST_WAIT, (self.delay or math.inf) / 2)
        if overlapped and waited - self._round_trip > long:
            self.mode = "sequential"

    def _forget(self, number: int) -> None:
        shout = self._pending.pop(number)
        self._begun.discard(number)
        shout.text.pending -= 1
        if not shout.text.pending:
            del self._texts[shout.key]


def forecast(
    pending: Iterable[Flight], delay: float, mode: ReverbMode | None, ended: float
) -> None:
    """Set when each echo to come is due, by estimates; the latest shout before ended at ``ended``.

    Shouts that have begun get their begins again: the mode may have been learned since. While it is
    unknown, only the oldest shout and those that have begun are forecast.
    """
    oldest = True
    for flight in pending:
        stage, instant = LOUD, _begins(flight, mode, ended)
        flight.begins = instant
        if flight.came:
            stage, instant = flight.came[-1].stage, flight.came[-1].instant
        known = oldest or mode is not None or bool(flight.came)
        flight.due = (
            [(to, instant + (to - stage) * delay) for to in flight.to_come] if known else ()
        )
        if flight.due:
            ended = max(ended, flight.due[-1][1])
        oldest = False


def revised(flights: Iterable[Flight], mode: ReverbMode | None) -> list[Flight]:
    """Return shouts, in order, with their waiting as it was in a mode that was learned later.

    Those that are over and were drawn otherwise are replaced by others, and not changed.
    """
    ended, shown = -math.inf, []
    for flight in flights:
        begins = flight.begins if flight.pending else _begins(flight, mode, ended)
        shown.append(flight if begins == flight.begins else replace(flight, begins=begins))
        ended = max(ended, flight.ended)
    return shown


def _begins(flight: Flight, mode: ReverbMode | None, ended: float) -> float:
    """Return when its turn came or will come, if the shout before ends at ``ended``."""
    begins = max(flight.sent, ended) if mode == "sequential" else flight.sent
    return min(begins, flight.came[0].instant) if flight.came else begins
