"""Draw when the echoes of a shout came, in the timeline's own marks."""

from collections.abc import Sequence
from typing import Final

from reverb_check.promises.promise import Lane

MARKS: Final = "█■▪"
"""The loud, the normal and the quiet echo."""

BAR: Final = "━"
WAITS: Final = "░░ waits "
HATCH: Final = "░"

INSTANT: Final = 1e-6
"""Seconds within which all is at one instant."""


def sketch(lanes: Sequence[Lane], width: int) -> list[str]:
    """Return one row for each lane, at most ``width`` cells wide, on one scale."""
    if not lanes:
        return []
    label = max(len(lane.label) for lane in lanes) + 2
    cells = max(10, width - label)
    instants = [instant for lane in lanes for instant in (lane.since, *lane.marks)]
    first, last = min(instants), max(instants)
    scale = (cells - 1) / (last - first) if last - first > INSTANT else 0.0
    return [f"{lane.label:>{label - 2}}  {_row(lane, first, scale)}".rstrip() for lane in lanes]


def _row(lane: Lane, first: float, scale: float) -> str:
    if not lane.marks:
        return "nothing"
    begin = round((lane.since - first) * scale)
    places = [round((instant - first) * scale) for instant in lane.marks]
    row = [" "] * (max(places) + 1)
    waits = places[0] - begin
    if waits > 1:
        words = WAITS if waits >= len(WAITS) + 2 else ""
        row[begin : places[0]] = f"{words}{HATCH * (waits - len(words))}"
    row[places[0] : places[-1]] = BAR * (places[-1] - places[0])
    for place, mark in zip(places, MARKS, strict=False):
        row[place] = mark
    return "".join(row)
