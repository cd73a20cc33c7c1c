"""Many shouts in few rows: each is a line of dots, four to a row, as braille.

A mark is a dot; a shout that waits for its turn is a sparse row of dots. A cell has the hue of the
first shout that has a mark in it.
"""

from collections.abc import Sequence
from itertools import chain, islice
from typing import Final

from reverb_tui.echoes.flight import Flight
from reverb_tui.widgets.hues import hue_of
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.lanes import NO_HUE, Cell, Look, Runs, runs

FOUR: Final = 4
"""Lines of dots in a row."""

_SPARSE: Final = 6
"""Dots from one to the next in a sparse row."""

_BRAILLE: Final = [chr(0x2800 + dots) for dots in range(256)]
_BLANK: Final[Cell] = (Look.GROUND, NO_HUE, " ")
_PAIRS: Final = [tuple(byte >> shift & 3 for shift in (0, 2, 4, 6)) for byte in range(256)]
"""The two bits of each of the four cells in a byte, the left one first."""
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
    scale, limit = 2 / axis.cell, 2 * axis.width
    bits = [1 << dot for dot in range(limit)]
    # Nothing is before the zero: to cut is to round down, and takes half of the time.
    zero, origin = axis.zero - 1e-6 * axis.cell, 2 * axis.scrolled
    for index, flight in enumerate(flights):
        line = index // share
        instants = [echo.instant for echo in flight.came]
        instants += [instant for _, instant in flight.due]
        for instant in instants:
            dot = int((instant - zero) * scale) - origin
            if 0 <= dot < limit:
                marks[line] |= bits[dot]
        if flight.begins > flight.sent:
            begin = _ones(int((flight.begins - zero) * scale) - origin, limit)
            sent = _ones(int((flight.sent - zero) * scale) - origin, limit)
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


def _pairs(dots: int, width: int) -> list[int]:
    """Return the two bits of each cell."""
    pairs = chain.from_iterable([_PAIRS[byte] for byte in dots.to_bytes(width // 4 + 1, "little")])
    return list(islice(pairs, width))


def _row(
    marks: Sequence[int], waits: Sequence[int], hues: Sequence[int], axis: Axis, here: int
) -> Runs:
    lines = [_pairs(mark | wait, axis.width) for mark, wait in zip(marks, waits, strict=True)]
    marked = _pairs(marks[0] | marks[1] | marks[2] | marks[3], axis.width)
    one, two, three, four = _DOTS
    cells: list[Cell] = []
    for column, (first, second, third, fourth, is_marked) in enumerate(
        zip(*lines, marked, strict=True)
    ):
        dots = one[first] | two[second] | three[third] | four[fourth]
        if not dots:
            cells.append(_BLANK)
        elif is_marked:
            look = Look.NORMAL if column < here else Look.DUE
            shift = 2 * column
            hue = next(hue for line, hue in zip(marks, hues, strict=False) if line >> shift & 3)
            cells.append((look, hue, _BRAILLE[dots]))
        else:
            cells.append((Look.WAITING, NO_HUE, _BRAILLE[dots]))
    if 0 <= here < axis.width:
        cells[here] = (Look.NOW, NO_HUE, "│")
    return runs(cells)
