"""Layout of the timeline: axis, mode and counts, a row for each shout, and what the marks mean."""

from itertools import chain, takewhile
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size

from reverb_tui.echoes.flight import Flight
from reverb_tui.echoes.moment import Moment
from reverb_tui.widgets.hues import hue_of
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.density import FOUR, Density
from reverb_tui.widgets.timeline.lanes import (
    ABOVE_TALL,
    BELOW_TALL,
    CAME,
    NO_HUE,
    NOW,
    PAUSED,
    TALL,
    Look,
    Runs,
    beside_lane,
    empty,
    heading,
    lane,
    legend,
    ruler,
)

EMPTY_HINT: Final = "your shouts will appear here"
CHOSEN: Final = "◂"
"""Behind the text of the selected shout: not by colour alone."""

ABOVE: Final = 2
"""Rows above the lanes: the axis, and the mode with the counts."""

SCROLLED: Final = 3.0
"""A lasting crowd is shown for so many times the age of its oldest shout."""

FEWEST: Final = 3
"""Lanes that there is room for before there are shouts."""

TALL_ROWS: Final = 3
"""Rows of a tall lane."""

_CHIPS: Final = {
    "concurrent": ("CONCURRENT", "all at once"),
    "sequential": ("SEQUENTIAL", "one at a time"),
    "plain": ("PLAIN", "bytes come back"),
}


class Lanes(NamedTuple):
    """The rows below the axis and the heading, and the shout of each, 0 where there is none."""

    rows: list[Runs]
    owners: list[int]


class Scene(NamedTuple):
    """The rows from top to bottom, and the shouts that can be selected, in order.

    ``owners`` has the shout of each row, 0 where there is none. ``crowded`` is whether there are
    so many that they are drawn as a density picture. ``wanted`` is how many rows would be best.
    """

    rows: list[Runs]
    owners: list[int]
    shouts: list[int]
    crowded: bool
    wanted: int


class Frame(NamedTuple):
    """Where a scene is drawn.

    Args:
        axis: The time, right of the margin.
        now: The instant; None at rest.
        margin: Cells for the texts of the shouts.
        height: Rows, 3 or more.
        mode: The mode in force; None while it is unknown.
        selected: The shout that is highlighted.
        numbered: Whether the texts have the number of their shout, where colours can't tell.
        estimated: Whether the mode was measured, and not told by the server.
        ruler: Whether the axis has its ticks.
        legend: Whether the last row says what the marks mean, if there is room.
        tall: Whether lanes have three rows, while there is room for that.
        banner: What to say there instead while the picture is paused, otherwise empty.
    """

    axis: Axis
    now: float | None
    margin: int
    height: int
    mode: str | None = None
    selected: int = 0
    numbered: bool = False
    estimated: bool = False
    ruler: bool = True
    legend: bool = True
    tall: bool = False
    banner: str = ""


class Picture(NamedTuple):
    """Part of the shouts to draw, from when until when. Instants in seconds.

    ``before`` is how many shouts since the last rest have left.
    """

    flights: list[Flight]
    begin: float
    end: float
    crowded: bool
    before: int


def picture(moment: Moment, now: float, height: int, crowded: bool) -> Picture:
    """Choose what is to be seen in ``height`` rows; ``crowded`` is whether it was crowded before.

    Lanes leave at the top, the oldest first, once they are over. A crowd that lasts scrolls, and
    is there as a whole again at rest.
    """
    flying, before, room = moment.flights, moment.left, height - ABOVE
    pending = [flight for flight in flying if flight.pending]
    if moment.in_flight:
        # It stays crowded until there is room to spare.
        most = room * 3 // 4 if crowded else room
        crowded = moment.counted > 0 or len(pending) > most
    else:
        crowded = crowded and len(flying) > room
    end = max([now, *[flight.due[-1][1] for flight in flying if flight.due]])
    begin = moment.began if flying else now
    if not crowded:
        spare = len(flying) - room
        if spare > 0:
            over = {flight.shout for flight in flying if not flight.pending}
            over = set(sorted(over)[:spare])
            flying = [flight for flight in flying if flight.shout not in over]
            begin = flying[0].sent
    elif pending:
        begin = max(begin, end - SCROLLED * (end - pending[0].sent))
        ended = takewhile(lambda flight: not flight.pending and flight.ended < begin, flying)
        left = len(list(ended))
        before, flying = before + left, flying[left:]
    return Picture(flying, begin, end, crowded, before)


def counts(moment: Moment, flying: list[Flight], frame: Frame) -> list[str]:
    """Return how many shouts are in the air and waiting, and for how long, or how it ended."""
    now = frame.now
    if not flying:
        return []
    if now is None or not moment.in_flight:
        last = max(flight.ended for flight in flying)
        if moment.lost:
            return ["connection ended", f"{moment.lost:,} echoes missing"]
        return [f"done in {max(0.0, last - moment.began):.1f} s"]
    waiting = sum([flight.begins > now for flight in flying if flight.pending])
    parts = [f"in the air {moment.matched - waiting:,}", f"waiting {waiting:,}"]
    if moment.counted:
        parts.append(f"{moment.counted:,} not drawn")
    passed = f"{now - moment.began:.1f} s"
    return [*parts, f"paused at {passed}" if frame.banner else passed]


def scene(moment: Moment, shown: Picture, frame: Frame, drawn: Lanes) -> Scene:
    """Draw everything: over what is ``drawn`` of a ``moment``, the axis and the heading."""
    flying, axis = shown.flights, frame.axis
    mode, manner = _CHIPS.get(frame.mode or "", ("MODE UNKNOWN", ""))
    mode = f"≈ {mode}" if frame.estimated else mode
    word = PAUSED if frame.banner else NOW
    top = [
        ruler(axis, frame.margin, frame.now, word, ticks=frame.ruler),
        heading(frame.margin + axis.width, mode, manner, counts(moment, flying, frame)),
    ]
    wanted = ABOVE + max(FEWEST, len(moment.flights)) + frame.legend
    shouts = [flight.shout for flight in flying]
    return Scene([*top, *drawn.rows], [0, 0, *drawn.owners], shouts, shown.crowded, wanted)


def lanes(shown: Picture, frame: Frame, density: Density) -> Lanes:
    """Draw the rows of the shouts, and of what the marks mean, if there is room."""
    flying, axis, now, margin = shown.flights, frame.axis, frame.now, frame.margin
    room = frame.height - ABOVE
    if shown.crowded:
        rows, owners = _together(shown, frame, room, density)
    else:
        tall = frame.tall and TALL_ROWS * len(flying) + frame.legend <= room
        drawn = [_tall(flight, frame) if tall else [_labelled(flight, frame)] for flight in flying]
        rows = [row for lane_rows in drawn for row in lane_rows]
        owners = [
            flight.shout for flight, lane_rows in zip(flying, drawn, strict=True) for _ in lane_rows
        ]
    if not rows:
        rows, owners = [(*_blank(margin), *empty(axis, now, EMPTY_HINT))], [0]
    if len(rows) < room:
        blank = (*_blank(margin), *empty(axis, now))
        owners += [0] * (room - len(rows))
        rows += [blank] * (room - len(rows))
    if frame.legend and not owners[-1] and room > 1:
        rows[-1] = legend(margin + axis.width, frame.banner)
    return Lanes(rows, owners)


def _blank(cells: int) -> Runs:
    return ((" " * cells, Look.GROUND, NO_HUE),)


def _together(shown: Picture, frame: Frame, room: int, density: Density) -> Lanes:
    """All shouts as a density picture; under it the selected one in its own lane."""
    flying, selected = shown.flights, frame.selected
    chosen = [flight for flight in flying if flight.shout == selected] if selected else []
    chosen = chosen if room > 1 else []
    room -= len(chosen)
    divided = density.divide(flying, shown.before, room)
    groups = [
        list(chain.from_iterable(divided.flights[begin : begin + FOUR]))
        for begin in range(0, len(divided.flights), FOUR)
    ]
    labels = [_range(group) for group in groups] + [""] * room
    dots = density.rows(divided, frame.axis, frame.now, room)
    rows: list[Runs] = [
        ((_fitted(label, frame.margin), Look.HINT, NO_HUE), *row)
        for label, row in zip(labels, dots, strict=False)
    ]
    owners = [selected if chosen and chosen[0] in group else group[0].shout for group in groups]
    owners += [0] * (room - len(owners))
    rows += [_labelled(flight, frame) for flight in chosen]
    return Lanes(rows, owners + [flight.shout for flight in chosen])


def _range(group: list[Flight]) -> str:
    """Name the shouts of a row by their numbers."""
    first, last = group[0].shout, group[-1].shout
    return f"{first:,}" if first == last else f"{first:,} to {last:,}"


def _tall(flight: Flight, frame: Frame) -> list[Runs]:
    axis, now, blank = frame.axis, frame.now, _blank(frame.margin)
    return [
        (*blank, *beside_lane(flight, axis, now, ABOVE_TALL)),
        _labelled(flight, frame, TALL),
        (*blank, *beside_lane(flight, axis, now, BELOW_TALL)),
    ]


def _labelled(flight: Flight, frame: Frame, marks: str = CAME) -> Runs:
    text = f"{flight.shout} {flight.text}" if frame.numbered else flight.text
    label = _fitted(text, frame.margin)
    if flight.shout == frame.selected:
        label = label[:-1] + CHOSEN
    return ((label, Look.LABEL, hue_of(flight.shout)), *lane(flight, frame.axis, frame.now, marks))


def _fitted(text: str, cells: int) -> str:
    """Fit a text into so many cells, the last of them empty; ``…`` marks where it was cut."""
    room = cells - 1
    if cell_len(text) > room:
        text = set_cell_size(text, room - 1) + "…"
    return set_cell_size(text, cells)
