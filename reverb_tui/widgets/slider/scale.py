"""The scale of the delay: which value lies where on the track, and which values are nice.

Logarithmic, but with 0 at its left end: the place of a value is ``log(1 + value / softness)``,
nearly even below the softness and logarithmic above it. Both ends are exact. All values and
maxima are in seconds; a maximum of 0 leaves 0 as the only value.
"""

from bisect import bisect_left, bisect_right
from functools import lru_cache
from math import expm1, floor, log1p, log10
from typing import Final

_SOFTNESS: Final = 0.01
_LEAST: Final = 1e-6
"""The least softness, which a maximum that is all but 0 must not make 0."""

_STEPS: Final = ("1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8")
"""The nice values from 1 to 10: steps of about a quarter, that people use."""


def _softness(maximum: float) -> float:
    return max(min(_SOFTNESS, maximum / 100), _LEAST)


def cell(value: float, maximum: float, cells: int) -> int:
    """Return the cell of a track of ``cells`` (2 or more) for a value, 0 to ``cells - 1``.

    Only 0 itself lies in the first cell, and only the maximum in the last one, when there are
    cells between them.
    """
    if value <= 0:
        return 0
    if value >= maximum:
        return cells - 1
    softness = _softness(maximum)
    place = log1p(value / softness) / log1p(maximum / softness)
    return max(min(1, cells - 1), min(cells - 2, round(place * (cells - 1))))


def value_at(cell_: int, maximum: float, cells: int) -> float:
    """Return the roundest value in this cell; cells beyond the track mean its ends."""
    if cell_ <= 0:
        return 0.0
    if cell_ >= cells - 1:
        return maximum
    softness = _softness(maximum)
    exact = softness * expm1(log1p(maximum / softness) * cell_ / (cells - 1))
    for digits in range(1, 17):
        value = float(f"{exact:.{digits}g}")
        if cell(value, maximum, cells) == cell_:
            return value
    return exact


@lru_cache
def nice_values(maximum: float) -> tuple[float, ...]:
    """Return 0, the nice values from a hundredth of a second on, and the maximum."""
    if maximum <= 0:
        return (0.0,)
    lowest = floor(log10(_softness(maximum)))
    decades = range(lowest, floor(log10(maximum)) + 1)
    between = (float(f"{step}e{decade}") for decade in decades for step in _STEPS)
    return (0.0, *(value for value in between if value < maximum), maximum)


def stepped(value: float, steps: int, maximum: float, also: float) -> float:
    """Return the value ``steps`` nice values up (down, if negative), no further than the ends.

    ``also`` counts as nice: with the value where stepping began, stepping back returns to it.
    """
    stops = sorted({*nice_values(maximum), min(max(also, 0.0), maximum)})
    if steps > 0:
        return stops[min(bisect_right(stops, value) + steps, len(stops)) - 1]
    if steps < 0:
        return stops[max(bisect_left(stops, value) + steps, 0)]
    return value
