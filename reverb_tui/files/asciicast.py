"""The format of recordings: asciicast, version 2, a JSON value on each line.

The first line is an object, each of the rest an event: seconds since the beginning, what it is, and
its text. See https://docs.asciinema.org/manual/asciicast/v2/.

Only what draws is recorded. The rest that a terminal is sent (questions, modes of the mouse and the
keyboard, copies) would act on the terminal in which the recording is played: questions would be
answered to a shell, and a copy would replace the clipboard.
"""

import json
import re
from typing import Final

BEGIN: Final = "\x1b[m\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
"""An empty screen without a cursor and without wrapping, as the frames need it."""

_NO_DRAWING: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # copies, titles, the shape of the pointer
    r"|\x1b\[(?![0-9;:]*[A-HJKm])[0-?]*[ -/]*[@-~]"  # but moves, looks and erasing
    r"|\x1b[^\[\]]|\x07"
)


def header(columns: int, rows: int, timestamp: float, terminal: str) -> bytes:
    """Return the first line; ``timestamp`` in seconds since 1970, ``terminal`` as TERM names it."""
    return _line(
        {
            "version": 2,
            "width": columns,
            "height": rows,
            "timestamp": int(timestamp),
            "env": {"TERM": terminal},
        }
    )


def output(seconds: float, text: str) -> bytes:
    """Return the event of a text that was drawn."""
    return _line([round(seconds, 6), "o", text])


def resize(seconds: float, columns: int, rows: int) -> bytes:
    """Return the event of another size of the terminal."""
    return _line([round(seconds, 6), "r", f"{columns}x{rows}"])


def drawing(piece: str) -> str:
    """Return what draws of a piece that a terminal is sent, made of whole sequences."""
    return _NO_DRAWING.sub("", piece)


def end(rows: int) -> str:
    """Return what gives a terminal back to a shell: the screen stays, the cursor is under it."""
    return f"\x1b[m\x1b[{rows};1H\x1b[?7h\x1b[?25h"


def _line(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", "replace")
