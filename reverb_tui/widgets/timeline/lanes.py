"""How shouts and their echoes are drawn: a lane for each, an axis above them, a legend below.

Pure: flights and an axis go in, runs of text with their looks come out.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Final, TypeAlias

from reverb_tui.echoes.flight import Flight
from reverb_tui.widgets.hues import hue_of
from reverb_tui.widgets.timeline.axis import Axis

CAME: Final = "█■▪"
DUE: Final = "▯□▫"
"""Marks of the loud, the normal and the quiet echo."""

TALL: Final = "██■"
ABOVE_TALL: Final = "█▄ "
BELOW_TALL: Final = "█▀ "
"""Marks of the three in a tall lane, and what is seen of them above and below it."""

NOW: Final = " NOW "
PAUSED: Final = " PAUSED "
"""The word over *now*, and over the instant at which the picture stands."""

WAITS: Final = " waits "
SEPARATOR: Final = " · "
BEYOND: Final = 9
"""Cells at the right edge that say how far an echo is beyond it."""
LEGEND: Final = ("█ loud  ■ normal  ▪ quiet", "hollow = due", "░ waits for its turn")


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
    CHIP = 12
    COUNTS = 13


NO_HUE: Final = -1

Run: TypeAlias = tuple[str, Look, int]
"""A text with one look, and its hue."""

Runs: TypeAlias = tuple[Run, ...]
"""A row, from left to right."""

Cell: TypeAlias = tuple[Look, int, str]

_CAME_LOOKS: Final = (Look.LOUD, Look.NORMAL, Look.QUIET)
_STAGE: Final = attrgetter("stage")
_LOOK_OF: Final = itemgetter(0, 1)


def runs(cells: Iterable[Cell]) -> Runs:
    """Join neighbouring cells of the same look and hue."""
    return tuple(
        ("".join([cell for _, _, cell in group]), look, hue)
        for (look, hue), group in groupby(cells, key=_LOOK_OF)
    )


class _Canvas:
    """One row of cells."""

    def __init__(self, width: int, hue: int = NO_HUE) -> None:
        self._cells: list[Cell] = [(Look.GROUND, NO_HUE, " ")] * width
        self._hue = hue

    def put(self, column: int, text: str, look: Look, hue: int | None = None) -> None:
        """Put a character into a cell, if it is in sight."""
        if 0 <= column < len(self._cells):
            self._cells[column] = (look, self._hue if hue is None else hue, text)

    def fill(self, begin: int, end: int, text: str, look: Look) -> None:
        """Put a character into all cells from ``begin`` on, before ``end``."""
        begin, end = max(0, begin), min(end, len(self._cells))
        if begin < end:
            self._cells[begin:end] = [(look, self._hue, text)] * (end - begin)

    def write(self, column: int, text: str, look: Look, hue: int | None = None) -> None:
        """Write a text of characters of one cell each."""
        for offset, character in enumerate(text):
            self.put(column + offset, character, look, hue)

    def row(self) -> Runs:
        return runs(self._cells)


def ruler(
    axis: Axis, margin: int, now: float | None, word: str = NOW, *, ticks: bool = True
) -> Runs:
    """Draw the axis and its ticks, and a ``word`` over *now*, which is None at rest.

    The lanes begin at cell ``margin``.
    """
    canvas = _Canvas(margin + axis.width)
    canvas.fill(0, margin + axis.width, "─", Look.RULE)
    if not ticks:
        return canvas.row()
    here = margin + axis.column(now) if now is not None else -9
    near = len(word) // 2 + 1
    taken = 0
    for column, text in axis.ticks():
        left = max(0, margin + column - len(text) // 2 - 1)
        right = left + len(text) + 2
        clear = right < here - near or left > here + near
        if left >= taken and right <= margin + axis.width and clear:
            canvas.write(left, f" {text} ", Look.RULE)
            taken = right
    if now is not None:
        canvas.write(min(here - len(word) // 2, margin + axis.width - len(word)), word, Look.NOW)
    return canvas.row()


def heading(width: int, mode: str, manner: str, counts: Sequence[str]) -> Runs:
    """Draw the line with the mode at the left, and at the right as many counts as have room.

    The mode is said in a word, and if there is room in its ``manner`` as well.
    """
    canvas = _Canvas(width)
    words = SEPARATOR.join(counts)
    chip = f" {mode}{SEPARATOR}{manner} " if manner else f" {mode} "
    if len(chip) + 1 + len(words) > width:
        chip = f" {mode} "
    while len(chip) + 1 + len(words) > width and counts:
        counts = counts[:-1]
        words = SEPARATOR.join(counts)
    canvas.write(0, chip, Look.CHIP)
    canvas.write(width - len(words), words, Look.COUNTS)
    return canvas.row()


def legend(width: int, banner: str = "") -> Runs:
    """Draw what the marks mean, or a banner instead, as much as has room."""
    canvas, parts = _Canvas(width), [banner[:width]] if banner else list(LEGEND)
    while parts and len(text := "   ".join(parts)) > width:
        parts.pop()
    canvas.write(0, text if parts else "", Look.HINT)
    return canvas.row()


def lane(flight: Flight, axis: Axis, now: float | None, marks: str = CAME) -> Runs:
    """Draw a shout and its echoes: a hatched bar while it waits, a line while it is in the air.

    ``now`` is None at rest, where no line is drawn for it. ``marks`` are those of echoes that came.
    """
    canvas = _Canvas(axis.width, hue_of(flight.shout))
    # A bar begins with its first mark: the way to the server and back is no time in the air.
    begin = axis.column(flight.came[0].instant if flight.came else flight.begins)
    end = axis.column(max([flight.ended, *(instant for _, instant in flight.due)]))
    here = axis.column(now) if now is not None else axis.column(flight.over)
    if flight.pending:
        end = max(end, here)
    sent = axis.column(flight.sent)
    waited = flight.begins > flight.sent
    if waited:
        canvas.fill(sent, begin, "░", Look.WAITING)
    if waited and begin - sent >= len(WAITS) + 2:
        cut = sent + 2 <= here < sent + 2 + len(WAITS) and here + len(WAITS) < begin
        canvas.write(here + 1 if cut else sent + 2, WAITS, Look.WAITING)
    canvas.fill(begin, min(end, here) + 1, "━", Look.LINE)
    canvas.fill(max(begin, here), end + 1, "╌", Look.LINE)
    if now is not None:
        canvas.put(here, "│", Look.NOW, NO_HUE)
    for echo in flight.came:
        _late(canvas, echo.stage, axis.column(echo.due), axis.column(echo.instant))
    for stage, instant in reversed(flight.due):
        column = axis.column(instant)
        if now is None or column >= here - 1:
            canvas.put(max(column, here) if now is not None else column, DUE[stage], Look.DUE)
        else:
            _late(canvas, stage, column, here)
    # The tallest last: echoes that came at once must not hide it.
    for echo in sorted(flight.came, key=_STAGE, reverse=True):
        canvas.put(axis.column(echo.instant), marks[echo.stage], _CAME_LOOKS[echo.stage])
    if end >= axis.width and flight.due:
        beyond = max(instant for _, instant in flight.due) - (axis.zero if now is None else now)
        words = f"→ +{beyond:.3g} s".rjust(BEYOND, "╌")
        canvas.write(axis.width - len(words), words, Look.DUE)
    return canvas.row()


def beside_lane(flight: Flight, axis: Axis, now: float | None, tips: str) -> Runs:
    """Draw the row above or below a tall lane: how far its marks and its waiting reach there.

    ``tips`` are what is seen there of a loud, a normal and a quiet echo.
    """
    canvas = _Canvas(axis.width, hue_of(flight.shout))
    if flight.begins > flight.sent:
        begin = axis.column(flight.came[0].instant if flight.came else flight.begins)
        canvas.fill(axis.column(flight.sent), begin, "░", Look.WAITING)
    if now is not None:
        canvas.put(axis.column(now), "│", Look.NOW, NO_HUE)
    for echo in sorted(flight.came, key=_STAGE, reverse=True):
        if tips[echo.stage] != " ":
            column = axis.column(echo.instant)
            canvas.put(column, tips[echo.stage], _CAME_LOOKS[echo.stage])
    return canvas.row()


def _late(canvas: _Canvas, stage: int, due: int, until: int) -> None:
    """Show the place that an echo missed, and how far it is behind.

    One cell is no lateness to be seen: where the cells part two instants is chance.
    """
    if due < until - 1:
        canvas.fill(due + 1, until, "┈", Look.LATE)
        canvas.put(due, DUE[stage], Look.LATE)


def empty(axis: Axis, now: float | None, words: str = "") -> Runs:
    """Draw a row without a shout, with optional ``words``."""
    canvas = _Canvas(axis.width)
    canvas.write(0, words, Look.HINT)
    if now is not None:
        canvas.put(axis.column(now), "│", Look.NOW)
    return canvas.row()
