"""Many shouts in few rows: each is a line of dots, four to a row, as braille.

A mark is a dot; a shout that waits for its turn is a sparse row of dots. A cell has the hue of the
first shout that has a mark in it.
"""

from collections.abc import Sequence
from math import floor
from operator import or_
from typing import Final

from reverb_tui.echoes.flight import Flight
from reverb_tui.widgets.hues import hue_of
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.lanes import NO_HUE, Cell, Look, Runs, runs

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


def density(flights: Sequence[Flight], axis: Axis, now: float | None, rows: int) -> list[Runs]:
    """Draw all flights in so many rows; ``now`` is None at rest."""
    marks = [0] * (rows * FOUR)
    waits = [0] * (rows * FOUR)
    share = shared(len(flights), rows)
    sparse = [_sparse(axis, offset) for offset in (0, _SPARSE // 2)]
    origin, dots, limit = 2 * axis.scrolled, 2 / axis.cell, 2 * axis.width
    zero = axis.zero - 1e-6 * axis.cell
    for index, flight in enumerate(flights):
        line = index // share
        instants = [echo[1] for echo in flight.came]
        instants += [echo[1] for echo in flight.due]
        for instant in instants:
            dot = floor((instant - zero) * dots) - origin
            if 0 <= dot < limit:
                marks[line] |= 1 << dot
        if flight.begins > flight.sent:
            begin = _ones(floor((flight.begins - zero) * dots) - origin, limit)
            sent = _ones(floor((flight.sent - zero) * dots) - origin, limit)
            waits[line] |= sparse[line % 2] & begin & ~sent
    here = axis.width if now is None else axis.column(now)
    hues = [hue_of(flight.shout) for flight in flights[::share]]
    hues += [NO_HUE] * (rows * FOUR - len(hues))
    return [
        _row(marks[begin : begin + FOUR], waits[begin : begin + FOUR], hues[begin:], axis, here)
        for begin in range(0, len(marks), FOUR)
    ]


def shared(shouts: int, rows: int) -> int:
    """Return how many shouts share one line of dots."""
    return max(1, -(-shouts // (rows * FOUR)))


def _sparse(axis: Axis, offset: int) -> int:
    """Dots that stand still on the axis, whatever part of it is in sight."""
    first = (offset - 2 * axis.scrolled) % _SPARSE
    return sum(1 << dot for dot in range(first, 2 * axis.width, _SPARSE))


def _ones(dots: int, limit: int) -> int:
    return (1 << min(max(dots, 0), limit)) - 1


def _row(
    marks: Sequence[int], waits: Sequence[int], hues: Sequence[int], axis: Axis, here: int
) -> Runs:
    first, second, third, fourth = map(or_, marks, waits)
    marked = marks[0] | marks[1] | marks[2] | marks[3]
    one, two, three, four = _DOTS
    cells: list[Cell] = []
    for shift in range(0, 2 * axis.width, 2):
        dots = one[first >> shift & 3] | two[second >> shift & 3]
        dots |= three[third >> shift & 3] | four[fourth >> shift & 3]
        if not dots:
            cells.append((Look.GROUND, NO_HUE, " "))
        elif marked >> shift & 3:
            look = Look.NORMAL if shift < 2 * here else Look.DUE
            hue = next(hue for line, hue in zip(marks, hues, strict=False) if line >> shift & 3)
            cells.append((look, hue, chr(_BRAILLE | dots)))
        else:
            cells.append((Look.WAITING, NO_HUE, chr(_BRAILLE | dots)))
    if 0 <= here < axis.width:
        cells[here] = (Look.NOW, NO_HUE, "│")
    return runs(cells)
