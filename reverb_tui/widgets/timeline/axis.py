"""Where an instant lies on the timeline: the axis of time, from left to right.

Instants fall into cells of a grid that stands still, and the grid moves under the line for *now*
cell by cell. So all marks move together, and the picture changes only when a cell has passed.
All instants and spans are seconds.
"""

from math import floor, log10
from typing import Final, NamedTuple

SHORTEST: Final = 0.5
"""The shortest span right of *now*: what passes faster can't be followed."""

_SPANS: Final = (1, 1.5, 2.5, 4, 6, 10)
_TICKS: Final = (1, 2, 5, 10)
_LOOSE: Final = 3
"""A span is kept until it is so many times what is needed: it must not jump with the slider."""

_TICK_CELLS: Final = 10
"""Cells from one tick to the next, at least."""


class Axis(NamedTuple):
    """``width`` cells of ``cell`` seconds each; *now* is in the cell number ``now``.

    ``origin`` is the cell of the grid that lies at the left end.
    """

    width: int
    now: int
    cell: float
    origin: int

    @property
    def instant(self) -> float:
        """The instant up to which *now* has come, to the cell."""
        return (self.origin + self.now + 1) * self.cell

    def column(self, instant: float) -> int:
        """Return the cell of an instant; below 0 or from ``width`` on if it is out of sight."""
        return floor(instant / self.cell) - self.origin

    @property
    def since(self) -> float:
        """The instant at the left end."""
        return self.origin * self.cell

    def ticks(self) -> list[tuple[int, str]]:
        """Return the cells to label, and their labels: seconds from now."""
        step = _nice(self.cell * _TICK_CELLS, _TICKS)
        reach = floor(self.now * self.cell / step)
        ticks = []
        for count in range(-reach, reach + 1):
            sign = "+" if count > 0 else "\N{MINUS SIGN}"
            if count:
                column = self.now + round(count * step / self.cell)
                ticks.append((column, f"{sign}{abs(count) * step:g} s"))
        return ticks


def axis(now: float, span: float, width: int) -> Axis:
    """Lay out an axis of ``width`` cells with *now* in the middle and ``span`` on either side."""
    middle = width // 2
    cell = span / max(1, width - 1 - middle)
    return Axis(width, middle, cell, floor(now / cell) - middle)


def span(need: float, before: float | None) -> float:
    """Return the span to show on either side of *now* for ``need``; ``before`` if that will do."""
    need = max(need, SHORTEST)
    if before is not None and need <= before <= _LOOSE * need:
        return before
    return _nice(need, _SPANS)


def _nice(least: float, steps: tuple[float, ...]) -> float:
    decade = 10.0 ** floor(log10(least))
    return next(float(f"{step * decade:.3g}") for step in steps if step * decade >= least * 0.9999)
