"""Many shouts in few rows: each is a line of dots, four to a row, as braille.

A mark is a dot; a shout that waits for its turn is a sparse row of dots.
"""

from collections.abc import Sequence
from math import floor
from operator import or_
from typing import Final

from reverb_tui.echoes.flight import Flight
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.lanes import Look, Runs, runs

FOUR: Final = 4
"""Lines of dots in a row."""

_SPARSE: Final = 6
"""Dots from one to the next in a sparse row."""

_BRAILLE: Final = 0x2800
_DOTS: Final = (
    (0x00, 0x01, 0x08, 0x09),
    (0x00, 0x02, 0x10, 0x12),
    (0, 4, 32, 36),
    (0, 64, 128, 192),
)
"""For each line of a cell: the dots of braille for its two bits, the left one first."""


def density(flights: Sequence[Flight], axis: Axis, rows: int) -> list[Runs]:
    """Draw all flights in so many rows."""
    marks = [0] * (rows * FOUR)
    waits = [0] * (rows * FOUR)
    share = shared(len(flights), rows)
    sparse = [_sparse(axis, offset) for offset in (0, _SPARSE // 2)]
    origin, dots, limit = 2 * axis.origin, 2 / axis.cell, 2 * axis.width
    for index, flight in enumerate(flights):
        line = index // share
        instants = [echo[1] for echo in flight.came]
        instants += [echo[1] for echo in flight.due]
        for instant in instants:
            dot = floor(instant * dots) - origin
            if 0 <= dot < limit:
                marks[line] |= 1 << dot
        if flight.begins > flight.sent:
            begin = _ones(floor(flight.begins * dots) - origin, limit)
            sent = _ones(floor(flight.sent * dots) - origin, limit)
            waits[line] |= sparse[line % 2] & begin & ~sent
    return [
        _row(marks[begin : begin + FOUR], waits[begin : begin + FOUR], axis)
        for begin in range(0, len(marks), FOUR)
    ]


def shared(shouts: int, rows: int) -> int:
    """Return how many shouts share one line of dots."""
    return max(1, -(-shouts // (rows * FOUR)))


def _sparse(axis: Axis, offset: int) -> int:
    """Dots that stand still on the grid, whatever part of it is in sight."""
    first = (offset - 2 * axis.origin) % _SPARSE
    return sum(1 << dot for dot in range(first, 2 * axis.width, _SPARSE))


def _ones(dots: int, limit: int) -> int:
    return (1 << min(max(dots, 0), limit)) - 1


def _row(marks: Sequence[int], waits: Sequence[int], axis: Axis) -> Runs:
    first, second, third, fourth = map(or_, marks, waits)
    marked = marks[0] | marks[1] | marks[2] | marks[3]
    one, two, three, four = _DOTS
    cells = []
    look = Look.WAITING
    for shift in range(0, 2 * axis.width, 2):
        dots = one[first >> shift & 3] | two[second >> shift & 3]
        dots |= three[third >> shift & 3] | four[fourth >> shift & 3]
        if marked >> shift & 3:
            look = Look.NORMAL if shift < 2 * axis.now else Look.DUE
        elif dots:
            look = Look.WAITING
        cells.append((look, chr(_BRAILLE | dots) if dots else " "))
    cells[axis.now] = (Look.NOW, "│")
    return runs(cells)
