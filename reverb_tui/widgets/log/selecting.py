"""Pointer and selection in wrapped lines; marks stay with their characters."""

from rich.cells import get_character_cell_size
from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui.entry import PREFIXES
from reverb_tui.widgets.log.wrap import past_marks
from reverb_tui.widgets.log.wrapped import Wrapped


def pointed(wrapped: Wrapped, column: int, row: int) -> Offset | None:
    """The character (x) and the line (y) at a cell; None if there are no lines.

    Right of a row it is the row's last character; right of the last row, the line's end. Below the
    last line it is the end of that.
    """
    if row >= wrapped.height:
        if not len(wrapped):
            return None
        kind, text, _, _ = wrapped.entry(wrapped.total - 1)
        return Offset(len(PREFIXES[kind]) + len(text), wrapped.total - 1)
    seen = wrapped.row(max(0, row))
    margin = len(PREFIXES[seen.kind])
    if column < margin:
        return Offset(seen.begin + margin if seen.begin else max(0, column), seen.line)
    reached, character = margin, 0
    for index, size in enumerate(map(get_character_cell_size, seen.text)):
        character = index if size else character
        reached += size
        if reached > column:
            break
    else:
        if seen.begin + len(seen.text) == len(wrapped.entry(seen.line)[1]):
            character = len(seen.text)
    return Offset(margin + seen.begin + character, seen.line)


def selected(wrapped: Wrapped, selection: Selection) -> str | None:
    """The selected lines as they are seen but for the wrapping; None if there are none."""
    start, end = selection
    first, total = wrapped.first, wrapped.total
    lines = wrapped.lines(
        start.y if start is not None else first, end.y + 1 if end is not None else total
    )
    if not lines:
        return None
    if end is not None and end.y < total:
        lines[-1] = lines[-1][: whole_end(lines[-1], end.x)]
    if start is not None and start.y >= first:
        lines[0] = lines[0][past_marks(lines[0], start.x) :]
    return "\n".join(lines)


def whole_end(text: str, end: int) -> int:
    """Where a selection ends that was made cell by cell.

    What was pointed at last is a character and belongs to it, with all of its marks; Textual
    itself may take the marks on the character before for it.
    """
    return past_marks(text, past_marks(text, end - 1) + 1) if end > 0 else 0
