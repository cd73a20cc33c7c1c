"""How shouts and their echoes are drawn: a lane for each, or all of them as a density picture.

Pure: what goes in are flights and an axis, what comes out are runs of text with their looks.
"""

from collections.abc import Iterable
from enum import IntEnum
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Final, TypeAlias

from reverb_tui.echoes.flight import Flight
from reverb_tui.widgets.timeline.axis import Axis

CAME: Final = "█■▪"
DUE: Final = "▯□▫"
"""Marks of the loud, the normal and the quiet echo."""


class Look(IntEnum):
    """The meaning of a run of text, for its style."""

    GROUND = 0
    RULE = 1
    LABEL = 2
    NOW = 3
    LINE = 4
    WAITING = 5
    LOUD = 6
    NORMAL = 7
    QUIET = 8
    DUE = 9
    LATE = 10
    HINT = 11


Runs: TypeAlias = tuple[tuple[str, Look], ...]
"""A row, as runs of text with one look each, from left to right."""

_CAME_LOOKS: Final = (Look.LOUD, Look.NORMAL, Look.QUIET)
_STAGE: Final = attrgetter("stage")


def runs(cells: Iterable[tuple[Look, str]]) -> Runs:
    """Join neighbouring cells of the same look."""
    return tuple(
        ("".join([cell for _, cell in group]), look)
        for look, group in groupby(cells, key=itemgetter(0))
    )


class _Canvas:
    """One row of cells."""

    def __init__(self, width: int) -> None:
        self._cells = [" "] * width
        self._looks = [Look.GROUND] * width

    def put(self, column: int, text: str, look: Look) -> None:
        """Put a character into a cell, if it is in sight."""
        if 0 <= column < len(self._cells):
            self._cells[column], self._looks[column] = text, look

    def fill(self, begin: int, end: int, text: str, look: Look) -> None:
        """Put a character into all cells from ``begin`` on, before ``end``."""
        begin, end = max(0, begin), min(end, len(self._cells))
        if begin < end:
            self._cells[begin:end] = [text] * (end - begin)
            self._looks[begin:end] = [look] * (end - begin)

    def write(self, column: int, text: str, look: Look) -> None:
        """Write a text of characters of one cell each."""
        for offset, character in enumerate(text):
            self.put(column + offset, character, look)

    def row(self) -> Runs:
        return runs(zip(self._looks, self._cells, strict=True))


def header(axis: Axis, margin: int, title: str, now: str) -> Runs:
    """Draw the rule above the lanes, with the ticks; the lanes begin at cell ``margin``."""
    canvas = _Canvas(margin + axis.width)
    canvas.fill(0, margin + axis.width, "─", Look.RULE)
    begin = free = margin + axis.now - len(now) // 2 - 1
    end = begin + len(now) + 2
    canvas.write(1, f" {title} ", Look.GROUND)
    taken = len(title) + 3
    for column, text in axis.ticks():
        left = margin + column - len(text) // 2 - 1
        right = left + len(text) + 2
        if left > taken and right < margin + axis.width and (right < free or left > end):
            canvas.write(left, f" {text} ", Look.RULE)
    canvas.write(begin, f" {now} ", Look.NOW)
    return canvas.row()


def lane(flight: Flight, axis: Axis) -> Runs:
    """Draw a shout and its echoes: dots while it waits, a line while it is in the air."""
    canvas = _Canvas(axis.width)
    begin = axis.column(flight.begins)
    end = axis.column(max([flight.ended, *(instant for _, instant in flight.due)]))
    if flight.pending:
        end = max(end, axis.now)
    canvas.fill(axis.column(flight.sent), begin, "·", Look.WAITING)
    canvas.fill(begin, min(end, axis.now) + 1, "─", Look.LINE)
    canvas.fill(max(begin, axis.now), end + 1, "╌", Look.LINE)
    canvas.put(axis.now, "│", Look.NOW)
    for echo in flight.came:
        _late(canvas, echo.stage, axis.column(echo.due), axis.column(echo.instant))
    for stage, instant in reversed(flight.due):
        column = axis.column(instant)
        if column >= axis.now - 1:
            canvas.put(max(column, axis.now), DUE[stage], Look.DUE)
        else:
            _late(canvas, stage, column, axis.now)
    # The tallest last: echoes that came at once must not hide it.
    for echo in sorted(flight.came, key=_STAGE, reverse=True):
        canvas.put(axis.column(echo.instant), CAME[echo.stage], _CAME_LOOKS[echo.stage])
    if end >= axis.width:
        canvas.put(axis.width - 1, "→", Look.WAITING)
    return canvas.row()


def _late(canvas: _Canvas, stage: int, due: int, until: int) -> None:
    """Show the place that an echo missed, and how far it is behind.

    One cell is no lateness to be seen: where the grid parts two instants is chance.
    """
    if due < until - 1:
        canvas.fill(due + 1, until, "┈", Look.LATE)
        canvas.put(due, DUE[stage], Look.LATE)


def empty(axis: Axis, words: str = "") -> Runs:
    """Draw a row without a shout, with optional ``words``."""
    canvas = _Canvas(axis.width)
    canvas.put(axis.now, "│", Look.NOW)
    canvas.write(axis.now + 2, words, Look.HINT)
    return canvas.row()
