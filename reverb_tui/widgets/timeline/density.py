"""Many shouts in few rows: each is a line of dots, four to a row, as braille.

A mark is a dot; a shout that waits for its turn is a sparse row of dots. A cell has the hue of the
first shout that has a mark in it.
"""

import sys
from array import array
from collections.abc import Sequence
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
_DOTS: Final = (
    (0x00, 0x01, 0x08, 0x09),
    (0x00, 0x02, 0x10, 0x12),
    (0, 4, 32, 36),
    (0, 64, 128, 192),
)
"""For each line of a cell: the dots of braille for its two bits, the left one first."""

_QUADS: Final = [
    [
        int.from_bytes([line[byte >> shift & 3] for shift in (0, 2, 4, 6)], sys.byteorder)
        for byte in range(256)
    ]
    for line in _DOTS
]
"""For each line: the dots of the four cells that a byte has the bits of, as a number."""

_FIRST_LINE: Final = [
    next((line for line, table in enumerate(_DOTS) if dots & table[3]), 0) for dots in range(256)
]
"""For each cell's dots: the first line that has one."""


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
        dots = [int((echo[1] - zero) * scale) - origin for echo in flight.came]
        if flight.due:
            dots += [int((instant - zero) * scale) - origin for _, instant in flight.due]
        for dot in dots:
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


def _dots(lines: Sequence[int], width: int) -> list[int]:
    """Return the dots of braille of each cell of a row, which has four lines of bits."""
    size = width // 4 + 1
    quads = [
        [table[byte] for byte in line.to_bytes(size, "little")]
        for table, line in zip(_QUADS, lines, strict=True)
    ]
    # Four cells at once, as the four bytes of a number: their dots differ by line.
    joined = [
        first | second | third | fourth for first, second, third, fourth in zip(*quads, strict=True)
    ]
    return list(array("I", joined).tobytes()[:width])


def _row(
    marks: Sequence[int], waits: Sequence[int], hues: Sequence[int], axis: Axis, here: int
) -> Runs:
    marked = _dots(marks, axis.width)
    waiting = _dots(waits, axis.width) if any(waits) else [0] * axis.width
    cells: list[Cell] = []
    for column, (mark, wait) in enumerate(zip(marked, waiting, strict=True)):
        if mark:
            look = Look.NORMAL if column < here else Look.DUE
            cells.append((look, hues[_FIRST_LINE[mark]], _BRAILLE[mark | wait]))
        elif wait:
            cells.append((Look.WAITING, NO_HUE, _BRAILLE[wait]))
        else:
            cells.append(_BLANK)
    if 0 <= here < axis.width:
        cells[here] = (Look.NOW, NO_HUE, "│")
    return runs(cells)
