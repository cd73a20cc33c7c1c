"""Drawing one row of text with styles laid over parts of it."""

from collections.abc import Iterable
from itertools import groupby
from typing import TypeAlias

from rich.segment import Segment
from rich.style import Style

from reverb_tui.widgets.log.wrap import past_marks

Overlay: TypeAlias = tuple[int, int, Style]
"""From a character to before another: the style laid over what is there."""


def segments(text: str, style: Style, overlays: Iterable[Overlay]) -> list[Segment]:
    """Cut a text where its look changes, but never between a character and its marks.

    Overlays may reach beyond the text, and lie over each other: later ones win.
    """
    looks = [style] * len(text)
    for begin, end, over in overlays:
        begin, end = (past_marks(text, min(max(0, edge), len(text))) for edge in (begin, end))
        looks[begin:end] = [look + over for look in looks[begin:end]]
    segments = []
    begin = 0
    for look, characters in groupby(looks):
        end = begin + len(list(characters))
        segments.append(Segment(text[begin:end], look))
        begin = end
    return segments
