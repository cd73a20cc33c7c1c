"""Pointing at characters of the log, and the text that is selected; marks stay with theirs."""

from rich.cells import get_character_cell_size
from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui.entry import PREFIXES
from reverb_tui.widgets.log.wrapped_lines import Row, WrappedLines, past_marks


def pointed(lines: WrappedLines, column: int, row: int) -> Offset | None:
    """Return the character (x) and the line (y) at a cell; None if there are no lines.

    Right of a row it is the row's last character; right of the last row, the line's end. Below the
    last line it is the end of that.
    """
    if row >= lines.height:
        if not len(lines):
            return None
        kind, text, _, _ = lines.entry(lines.total - 1)
        return Offset(len(PREFIXES[kind]) + len(text), lines.total - 1)
    seen = lines.row(max(0, row))
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
        if seen.begin + len(seen.text) == len(lines.entry(seen.line)[1]):
            character = len(seen.text)
    return Offset(margin + seen.begin + character, seen.line)


def selected(lines: WrappedLines, selection: Selection) -> str | None:
    """Return the selected lines as they are seen but for the wrapping; None if there are none."""
    start, end = selection
    begin = lines.first if start is None else start.y
    entries = lines.entries(begin, lines.total if end is None else end.y + 1)
    texts = [PREFIXES[kind] + text for kind, text, _, _ in entries]
    if not texts:
        return None
    if end is not None and end.y < lines.total:
        texts[-1] = texts[-1][: _whole_end(texts[-1], end.x)]
    if start is not None and start.y >= lines.first:
        texts[0] = texts[0][past_marks(texts[0], start.x) :]
    return "\n".join(texts)


def spans(selection: Selection, row: Row, text: str) -> list[tuple[int, int]]:
    """Return which part of a row is selected, if any: a begin and an end, maybe beyond the row."""
    span = selection.get_span(row.line)
    if span is None:
        return []
    shown = PREFIXES[row.kind] + text
    end = _whole_end(shown, span[1]) if span[1] >= 0 else len(shown)
    return [(span[0] - row.begin, end - row.begin)]


def _whole_end(text: str, end: int) -> int:
    """Return where a selection ends that was made cell by cell.

    What was pointed at last is a character and belongs to it, with all of its marks; Textual
    itself may take the marks on the character before for it.
    """
    return past_marks(text, past_marks(text, end - 1) + 1) if end > 0 else 0
