"""Keep every cell in its place, however wide a terminal draws what comes before it.

Terminals do not agree on the width of every character: of the vowel signs of Indic scripts, of
halves of flags, of what is new in Unicode. So a piece of text with such a character in it is
drawn over its own blanks and those behind it, and what follows is sent to where it belongs.
"""

import re
from typing import Final

from rich.cells import cell_len

_DISPUTED: Final = re.compile(
    "[^\0-\u0902\u1e00-\u262f\u2638-\u2689\u2690-\u302d\u3030-\u3247\u3250-\u4dbf\u4e00-\ua4cf"
    "\uac00-\ud7a3\uf900-\ufaff\ufe10-\uffe6\U0001f300-\U0001f64f\U0001f680-\U0001f6d2"
    "\U00020000-\U0003fffd]"
)
"""All but whole ranges of whose width there is one opinion."""

_PIECES: Final = re.compile("\x1b\\[[0-9]+;([0-9]+)H|\x1b\\[[^@-~]*[@-~]|[^\x1b]+|\x1b")


def placed(frame: str) -> str:
    """Return the same frame for any terminal: each of its rows begins with a move."""
    if not _DISPUTED.search(frame):
        return frame
    return "\n".join(_row(row) if _DISPUTED.search(row) else row for row in frame.split("\n"))


def _row(row: str) -> str:
    column = 1
    look = ""
    late, late_look = "", ""  # what is drawn over its blanks, once nothing else is blank
    done = []
    for match in _PIECES.finditer(row):
        piece = match[0]
        if match[1]:
            column = int(match[1])
        elif piece.endswith("m") and piece[0] == "\x1b":
            look = piece
        elif piece[0] != "\x1b":
            begin = column
            column += cell_len(piece)
            if late and (piece.strip(" ") or look != late_look):
                done.append(f"{late}{look}\x1b[{begin}G")
                late = ""
            if _DISPUTED.search(piece):
                text = piece.rstrip(" ")
                late, late_look = f"{look}\x1b[{begin}G{text}\x1b[0m", look
                piece = " " * (column - begin)
        done.append(piece)
    if late:
        done.append(f"{late}\x1b[{column}G")
    return "".join(done)
