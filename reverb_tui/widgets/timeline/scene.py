"""Layout of the timeline: axis, mode and counts, a row for each shout, and what the marks mean."""

from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size

from reverb_tui.echoes.flight import Flight
from reverb_tui.echoes.moment import Moment
from reverb_tui.widgets.hues import hue_of
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.density import FOUR, density, shared
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
    """Part of the shouts to draw, from when until when. Instants in seconds."""

    flights: list[Flight]
    begin: float
    end: float
    crowded: bool


def picture(moment: Moment, now: float, height: int, crowded: bool) -> Picture:
    """Choose what is to be seen in ``height`` rows; ``crowded`` is whether it was crowded before.

    Lanes leave at the top, the oldest first, once they are over. A crowd that lasts scrolls, and
    is there as a whole again at rest.
    """
    flying, room = moment.flights, height - ABOVE
    pending = [flight for flight in flying if flight.pending]
    if moment.in_flight:
        # It stays crowded until there is room to spare.
        most = room * 3 // 4 if crowded else room
        crowded = moment.counted > 0 or len(pending) > most
    else:
        crowded = crowded and len(flying) > room
    end = max([now, *(at for flight in flying for _, at in flight.due)])
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
        flying = [flight for flight in flying if flight.pending or flight.ended >= begin]
    return Picture(flying, begin, end, crowded)


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
    waiting = sum(flight.waits(now) for flight in flying)
    parts = [f"in the air {moment.matched - waiting:,}", f"waiting {waiting:,}"]
    if moment.counted:
        parts.append(f"{moment.counted:,} not drawn")
    passed = f"{now - moment.began:.1f} s"
    return [*parts, f"paused at {passed}" if frame.banner else passed]


def scene(moment: Moment, shown: Picture, frame: Frame) -> Scene:
    """Draw everything: ``shown`` is what is to be seen of the shouts of a ``moment``."""
    flying = shown.flights
    axis, now, margin, height = frame.axis, frame.now, frame.margin, frame.height
    room = height - ABOVE
    width = margin + axis.width
    mode, manner = _CHIPS.get(frame.mode or "", ("MODE UNKNOWN", ""))
    mode = f"≈ {mode}" if frame.estimated else mode
    top = [
        ruler(axis, margin, now, PAUSED if frame.banner else NOW, ticks=frame.ruler),
        heading(width, mode, manner, counts(moment, flying, frame)),
    ]
    wanted = ABOVE + max(FEWEST, len(flying)) + frame.legend
    if shown.crowded:
        rows, owners = _together(flying, frame, room)
    else:
        tall = frame.tall and TALL_ROWS * len(flying) + frame.legend <= room
        drawn = [_tall(flight, frame) if tall else [_labelled(flight, frame)] for flight in flying]
        rows = [row for lane_rows in drawn for row in lane_rows]
        owners = [
            flight.shout for flight, lane_rows in zip(flying, drawn, strict=True) for _ in lane_rows
        ]
    if not rows:
        rows, owners = [(*_blank(margin), *empty(axis, now, EMPTY_HINT))], [0]
    blank = (*_blank(margin), *empty(axis, now))
    while len(rows) < room:
        rows.append(blank)
        owners.append(0)
    if frame.legend and not owners[-1] and room > 1:
        rows[-1] = legend(width, frame.banner)
    return Scene(
        [*top, *rows], [0, 0, *owners], [flight.shout for flight in flying], shown.crowded, wanted
    )


def _blank(cells: int) -> Runs:
    return ((" " * cells, Look.GROUND, NO_HUE),)


def _together(flying: list[Flight], frame: Frame, room: int) -> tuple[list[Runs], list[int]]:
    """All shouts as a density picture; under it the selected one in its own lane."""
    selected = frame.selected
    chosen = [flight for flight in flying if flight.shout == selected and room > 1]
    room -= len(chosen)
    step = shared(len(flying), room) * FOUR
    groups = [flying[begin : begin + step] for begin in range(0, len(flying), step)]
    labels = [_range(group) for group in groups] + [""] * room
    rows: list[Runs] = [
        ((_fitted(label, frame.margin), Look.HINT, NO_HUE), *row)
        for label, row in zip(labels, density(flying, frame.axis, frame.now, room), strict=False)
    ]
    shouts = [[flight.shout for flight in group] for group in groups]
    owners = [selected if selected in group else group[0] for group in shouts]
    owners += [0] * (room - len(owners))
    rows += [_labelled(flight, frame) for flight in chosen]
    return rows, owners + [flight.shout for flight in chosen]


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
