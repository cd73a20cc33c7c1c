"""Many shouts in few rows: each is a line of dots, four to a row, as braille.

A mark is a dot; a shout that waits for its turn is a sparse row of dots. A cell has the hue of the
first shout that has a mark in it.

The dots of a row are one number: a byte for each cell, the leftmost lowest, and in it two bits for
each line. Marks are joined by a shift and an or, and all cells of a row become text in one call.
"""

import re
from codecs import charmap_decode
from collections.abc import Sequence
from functools import lru_cache
from operator import or_
from typing import Final, NamedTuple

from reverb_tui.echoes.flight import Due, Flight
from reverb_tui.widgets.hues import hue_of
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.lanes import NO_HUE, Look, Runs

FOUR: Final = 4
"""Lines of dots in a row."""

LOOSE: Final = 2
"""In a lasting crowd shouts share a line until they could be so many times fewer."""

_SPARSE: Final = 6
"""Dots from one to the next in a sparse row."""

_BRAILLE: Final = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
"""For each bit of a cell (left and right of the first line, then of the second): its dot."""

_TEXT: Final = " " + "".join(
    chr(0x2800 + sum(dot for bit, dot in enumerate(_BRAILLE) if cell >> bit & 1))
    for cell in range(1, 256)
)
"""For each cell: its character."""

# What a cell is drawn as: nothing, a mark of the line 0, 1, 2 or 3, a wait, now; a mark to come.
_NOTHING, _MARK, _WAIT, _NOW, _TO_COME = 0, 1, 5, 6, 8

_MARKED: Final = bytes(
    next((_MARK + line for line in range(FOUR) if cell >> 2 * line & 3), _NOTHING)
    for cell in range(256)
)
"""For each cell: the first line that has a mark."""

_WAITED: Final = bytes([_NOTHING, *[_WAIT << 3] * 255])
_MARK_FIRST: Final = bytes(drawn & 7 or drawn >> 3 for drawn in range(256))
"""For a mark and a wait in one cell: the mark."""

_AFTER_NOW: Final = bytes(
    drawn + _TO_COME if _MARK <= drawn < _WAIT else drawn for drawn in range(256)
)
_RUN: Final = re.compile(rb"(.)(?:\1|\0)*", re.DOTALL)
"""Cells that are drawn alike: in a colour of its own, nothing looks the same."""


class Lines(NamedTuple):
    """Shouts by the line that they share.

    Args:
        number: The number of the first line since the last rest.
        flights: The shouts of each line; empty where all have left.
    """

    number: int
    flights: list[Sequence[Flight]]


class _Dots(NamedTuple):
    """The dots of one shout, as bits of line 0 on an axis that has not scrolled.

    Args:
        due, came: The shout as it was then: what is to come, and how many echoes have come.
        first: The first bit of the cell of the first mark.
        marks: The marks from there on.
        waits, until: The bits at which its waiting begins and ends.
    """

    due: Sequence[Due]
    came: int
    first: int
    marks: int
    waits: int
    until: int


class _Line(NamedTuple):
    """The dots of all shouts of one line, from the bit ``first`` on."""

    flights: Sequence[Flight]
    first: int
    marks: int
    waits: int


class Density:
    """Draws shouts as dots.

    Dots are remembered: those of a shout stay where they are until an echo of it comes or its due
    instants change, and those of a line whose shouts are over stay as long as the scale does.
    """

    def __init__(self) -> None:
        self._scale = 0.0, 0.0
        self._share = 1
        self._known: dict[Flight, _Dots] = {}
        self._over: dict[int, _Line] = {}

    def divide(self, flights: Sequence[Flight], before: int, rows: int) -> Lines:
        """Divide shouts into lines for so many rows; ``before`` is how many have left.

        While older ones leave, a shout stays with those that it shares a line and a row with: so
        the picture is steady, and what is over need not be drawn again.
        """
        before = before if rows > 1 else 0
        full = rows - 1 if before else rows  # the first row can be left in part
        share = max(1, -(-len(flights) // (full * FOUR)))
        if before and share <= self._share < LOOSE * share:
            share = self._share
        self._share = share
        left = before % (share * FOUR)
        begins = range(-left, len(flights), share)
        parts = [flights[max(0, begin) : max(0, begin + share)] for begin in begins]
        return Lines((before - left) // share, parts)

    def rows(self, lines: Lines, axis: Axis, now: float | None, rows: int) -> list[Runs]:
        """Draw lines of shouts in so many rows; ``now`` is None at rest."""
        self._forget((axis.zero, axis.cell), lines)
        left, width = 8 * axis.scrolled, axis.width
        begins = (0, _SPARSE // 2)
        sparse = [_sparse((begin - 2 * axis.scrolled) % _SPARSE, width) for begin in begins]
        marks, waits, hues = [0] * rows, [0] * rows, [NO_HUE] * (rows * FOUR)
        for number, flights in enumerate(lines.flights):
            if not flights:
                continue
            line = self._over.get(lines.number + number)
            if line is None or line.flights != flights:
                line = self._line(lines.number + number, flights, axis)
            row, nth = divmod(number, FOUR)
            hues[number] = hue_of(flights[0].shout)
            marks[row] |= _shifted(line.marks, line.first - left + 2 * nth)
            waited = _shifted(line.waits, line.first - left) & sparse[nth % 2]
            waits[row] |= waited << 2 * nth
        here = width if now is None else axis.column(now)
        return [
            _row(marks[row], waits[row], hues[FOUR * row : FOUR * row + FOUR], width, here)
            for row in range(rows)
        ]

    def _forget(self, scale: tuple[float, float], lines: Lines) -> None:
        """Forget what is not so any more, and, from time to time, what is not seen any more."""
        if scale != self._scale or len(self._known) > 2 * sum(map(len, lines.flights)):
            self._scale = scale
            self._known.clear()
            self._over.clear()

    def _line(self, number: int, flights: Sequence[Flight], axis: Axis) -> _Line:
        """Join the dots of a line: of one that is over all of them, otherwise those in sight."""
        every = [self._dots(flight, axis) for flight in flights]
        left, right = 8 * axis.scrolled, 8 * axis.width
        over = not any(flight.pending for flight in flights)
        if over:
            left = min(min(dots.first, dots.waits & ~7) for dots in every)
        marked = waited = 0
        for _, _, first, marks, waits, until in every:
            first -= left
            if first < 0:
                marked |= marks >> -first
            elif over or first < right:
                marked |= marks << first
            if waits < until:
                waits = max(0, waits - left)
                until = until - left if over else min(until - left, right)
                waited |= (1 << until) - (1 << waits) if waits < until else 0
        line = _Line(flights, left, marked, waited)
        if over:
            self._over[number] = line
        return line

    def _dots(self, flight: Flight, axis: Axis) -> _Dots:
        known = self._known.get(flight)
        if known is None or known.due is not flight.due or known.came != len(flight.came):
            known = self._known[flight] = _dots(flight, axis)
        return known


def _dots(flight: Flight, axis: Axis) -> _Dots:
    # Nothing is before the zero: to cut is to round down, and takes half of the time.
    zero, scale = axis.zero - 1e-6 * axis.cell, 2 / axis.cell
    dots = [int((echo[1] - zero) * scale) for echo in flight.came]
    dots += [int((instant - zero) * scale) for _, instant in flight.due]
    cell = min(dots, default=0) >> 1
    first, marks = 8 * cell, 0
    for dot in dots:
        marks |= 1 << _bit(dot) - first
    waits = until = first
    if flight.begins > flight.sent:
        waits, until = (_bit(int((at - zero) * scale)) for at in (flight.sent, flight.begins))
    return _Dots(flight.due, len(flight.came), first, marks, waits, until)


def _shifted(bits: int, by: int) -> int:
    return bits << by if by >= 0 else bits >> -by


def _bit(dot: int) -> int:
    """Return which bit a dot of line 0 is."""
    return dot >> 1 << 3 | dot & 1


@lru_cache(maxsize=2 * _SPARSE)
def _sparse(first: int, width: int) -> int:
    return sum(1 << _bit(dot) for dot in range(first, 2 * width, _SPARSE))


def _row(marks: int, waits: int, hues: Sequence[int], width: int, here: int) -> Runs:
    in_sight = (1 << 8 * width) - 1
    marks, waits = marks & in_sight, waits & in_sight
    text, _ = charmap_decode((marks | waits).to_bytes(width, "little"), "strict", _TEXT)
    drawn = marks.to_bytes(width, "little").translate(_MARKED)
    if waits:
        waited = waits.to_bytes(width, "little").translate(_WAITED)
        drawn = bytes(map(or_, drawn, waited)).translate(_MARK_FIRST)
    before = max(0, here)
    drawn = drawn[:before] + drawn[before:].translate(_AFTER_NOW)
    if 0 <= here < width:
        text = f"{text[:here]}│{text[here + 1 :]}"
        drawn = b"%b%c%b" % (drawn[:here], _NOW, drawn[here + 1 :])
    looks = {_NOTHING: (Look.GROUND, NO_HUE), _WAIT: (Look.WAITING, NO_HUE)}
    looks[_NOW] = Look.NOW, NO_HUE
    for line, hue in enumerate(hues):
        looks[_MARK + line] = Look.NORMAL, hue
        looks[_MARK + line + _TO_COME] = Look.DUE, hue
    spans = [match.span() for match in _RUN.finditer(drawn)]
    return tuple((text[begin:end], *looks[drawn[begin]]) for begin, end in spans)
