"""Where an instant is on the timeline: a stopwatch that begins with the first shout after rest.

All instants and spans are seconds.
"""

from math import ceil, floor, log10
from typing import Final, NamedTuple

SHORTEST: Final = 0.5
"""The shortest span: what passes faster can't be followed."""

SPARE: Final = 1.25
"""A new span is so many times what is needed, so that the next shout needs no other one."""

LOOSE: Final = 3.0
"""A span is kept until it is so many times what is needed."""

STEADY: Final = 1.0
"""Seconds between two changes of the scale, and after the hand has let the slider go."""

EASE: Final = 0.3
"""Seconds that a change of the scale takes on the screen."""

_SPANS: Final = (1, 1.5, 2.5, 4, 6, 10)
_TICKS: Final = (1, 2, 5, 10)
_TICK_CELLS: Final = 10
"""Cells from one tick to the next, at least."""


class Axis(NamedTuple):
    """``width`` cells of ``cell`` seconds each.

    ``zero`` is the instant that is labelled 0, and ``scrolled`` the cells that have left at the
    left end since: marks move by whole cells, all together.
    """

    width: int
    zero: float
    cell: float
    scrolled: int = 0

    def column(self, instant: float) -> int:
        """Return the cell of an instant; below 0 or from ``width`` on if it is out of sight."""
        return floor((instant - self.zero) / self.cell + 1e-6) - self.scrolled

    def ticks(self) -> list[tuple[int, str]]:
        """Return the cells to label, and their labels: seconds since zero."""
        step = _nice(self.cell * _TICK_CELLS, _TICKS)
        first = ceil(self.scrolled * self.cell / step - 1e-6)
        last = floor((self.scrolled + self.width) * self.cell / step)
        instants = [count * step for count in range(first, last + 1)]
        return [(self.column(self.zero + each), f"{each:g} s") for each in instants]

    def scroll_to(self, instant: float) -> "Axis":
        """Return the axis with an instant at its left end, if it lies after zero."""
        return self._replace(scrolled=max(0, self.column(instant) + self.scrolled))


class Stopwatch:
    """Chooses the scale: it changes in whole steps, eased, and never under the hand."""

    def __init__(self) -> None:
        self._zero: float | None = None
        self._span = 0.0
        self._before = 0.0
        self._changed = 0.0
        self._owed = False  # another span would be better, and has to wait

    def axis(self, zero: float, need: float, now: float, width: int, *, held: bool) -> Axis:
        """Return the axis at ``now`` that shows ``need`` seconds; ``zero`` is its beginning.

        Another zero begins another picture, whose scale needs to respect nothing. While ``held``,
        the scale is as it was.
        """
        need = max(need, SHORTEST)
        fits = need <= self._span <= LOOSE * need
        if zero != self._zero:
            self._zero, self._changed = zero, now - STEADY
            if not fits:
                self._span = self._before = _nice(SPARE * need, _SPANS)
            self._before = self._span
        elif not fits and not held and now - self._changed >= STEADY:
            self._before, self._span = self._span, _nice(SPARE * need, _SPANS)
            self._changed = now
        self._owed = not need <= self._span <= LOOSE * need
        share = min(1.0, max(0.0, (now - self._changed) / EASE))
        share = share * share * (3 - 2 * share)
        span = self._before + (self._span - self._before) * share
        return Axis(width, zero, span / max(1, width - 1))

    def is_moving(self, now: float) -> bool:
        """Return whether a change of the scale is on its way, or has to wait for its time."""
        return self._owed or (self._before != self._span and now - self._changed < EASE)


def _nice(least: float, steps: tuple[float, ...]) -> float:
    decade = 10.0 ** floor(log10(least))
    return next(float(f"{step * decade:.3g}") for step in steps if step * decade >= least * 0.9999)
