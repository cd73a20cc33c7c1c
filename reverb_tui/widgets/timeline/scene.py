"""Layout of the timeline: rows of shouts, and their labels."""

from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size

from reverb_tui.echoes.flight import Flight
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.density import FOUR, density, shared
from reverb_tui.widgets.timeline.lanes import Look, Runs, empty, header, lane

TITLE: Final = "echoes"
EMPTY_HINT: Final = "your shouts will appear here"
CHOSEN: Final = "◂"
"""Behind the text of the selected shout: not by colour alone."""


class Scene(NamedTuple):
    """The rows from top to bottom, and the shouts that can be selected, in order.

    ``owners`` has the shout of each row, 0 where there is none. ``crowded`` is whether there are
    so many that they are drawn as a density picture.
    """

    rows: list[Runs]
    owners: list[int]
    shouts: list[int]
    crowded: bool


def scene(
    flights: Flights, axis: Axis, margin: int, height: int, selected: int, crowded: bool
) -> Scene:
    """Draw everything: the axis, and under it a row for each shout, or all of them together.

    Args:
        flights: What there is.
        axis: The time, right of the margin.
        margin: Cells for the texts of the shouts.
        height: Rows, 2 or more.
        selected: The shout that is highlighted.
        crowded: Whether it was so before: it stays so until there is room to spare.
    """
    room = height - 1
    flying = flights.picture(axis.since)
    pending = sum(flight.pending for flight in flying)
    crowded = flights.counted > 0 or pending > (room * 3 // 4 if crowded else room)
    top = header(axis, margin, TITLE, "now" if flights.in_flight else "at rest")
    if crowded:
        rows, owners = _together(flights, flying, axis, margin, room, selected)
    else:
        spare = len(flying) - room
        if spare > 0:
            gone = {flight.shout for flight in flying if not flight.pending}
            gone = set(sorted(gone)[:spare])
            flying = [flight for flight in flying if flight.shout not in gone]
        rows = [_labelled(flight, axis, margin, selected) for flight in flying]
        owners = [flight.shout for flight in flying]
    blank = ((" " * margin, Look.GROUND), *empty(axis))
    if not rows:
        rows = [((" " * margin, Look.GROUND), *empty(axis, EMPTY_HINT))]
        owners = [0]
    missing = room - len(rows)
    return Scene(
        [top, *rows, *[blank] * missing],
        [0, *owners, *[0] * missing],
        [flight.shout for flight in flying],
        crowded,
    )


def _together(
    flights: Flights, flying: list[Flight], axis: Axis, margin: int, room: int, selected: int
) -> tuple[list[Runs], list[int]]:
    """All shouts as a density picture; under it the selected one in its own lane."""
    chosen = [flight for flight in flying if flight.shout == selected and room > 1]
    room -= len(chosen)
    waiting = sum(flight.waits(axis.instant) for flight in flying)
    words = [f"{flights.pending:,} pending"]
    if waiting:
        words.append(f"{waiting:,} waiting")
    if flights.counted:
        words.append(f"{flights.counted:,} not drawn")
    words += [""] * room
    rows: list[Runs] = [
        ((_fitted(label, margin), Look.HINT), *row)
        for label, row in zip(words, density(flying, axis, room), strict=False)
    ]
    step = shared(len(flying), room) * FOUR
    shouts = [flight.shout for flight in flying]
    groups = [shouts[begin : begin + step] for begin in range(0, len(shouts), step)]
    owners = [selected if selected in group else group[0] for group in groups]
    owners += [0] * (room - len(owners))
    rows += [_labelled(flight, axis, margin, selected) for flight in chosen]
    return rows, owners + [flight.shout for flight in chosen]


def _labelled(flight: Flight, axis: Axis, margin: int, selected: int) -> Runs:
    look = Look.WAITING if flight.waits(axis.instant) else Look.LABEL
    label = _fitted(flight.text, margin)
    if flight.shout == selected:
        label = label[:-1] + CHOSEN
    return ((label, look), *lane(flight, axis))


def _fitted(text: str, cells: int) -> str:
    """Fit a text into so many cells, the last of them empty; ``…`` marks where it was cut."""
    room = cells - 1
    if cell_len(text) > room:
        text = set_cell_size(text, room - 1) + "…"
    return set_cell_size(text, cells)
