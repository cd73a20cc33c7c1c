"""Drawing one row of text with styles laid over parts of it."""

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

from rich.segment import Segment
from rich.style import Style

from reverb_tui.widgets.log.wrapped import past_marks

Overlay: TypeAlias = tuple[int, int, Style]
"""From a character to before another: the style laid over what is there."""


def pieces(text: str, style: Style, overlays: Iterable[Overlay]) -> list[Segment]:
    """Cut a text where its look changes, but never between a character and its marks.

    Overlays may reach beyond the text, and lie over each other: later ones win.
    """
    laid = []
    for begin, end, over in overlays:
        begin, end = (past_marks(text, min(max(0, edge), len(text))) for edge in (begin, end))
        if begin < end:
            laid.append((begin, end, over))
    if not laid:
        return [Segment(text, style)]
    edges = sorted({0, len(text), *(edge for begin, end, _ in laid for edge in (begin, end))})
    segments = []
    for begin, end in pairwise(edges):
        look = style
        for first, last, over in laid:
            if first <= begin and end <= last:
                look += over
        segments.append(Segment(text[begin:end], look))
    return segments
