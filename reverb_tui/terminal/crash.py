"""The traceback that is printed after an unexpected error."""

import traceback
from typing import Any, Final

from textual.app import App

from reverb_tui.display import visible_text
from reverb_tui.terminal.textual_internals import on_fatal_error

LONGEST_TRACEBACK: Final = 16_384
"""Characters of a traceback; of a longer one its end is printed, which names the error."""


def print_plainly(app: App[Any]) -> None:
    """Make the app print Python's own traceback to its ``error_console`` after an error.

    Rich's needs seconds on a busy machine, and shows the values of variables: what was typed.
    """

    def report() -> None:
        app.error_console.file.write(plain(traceback.format_exc()))
        app.panic()  # ends the app, and has nothing more to print

    on_fatal_error(app, report)


def plain(text: str) -> str:
    """Return a traceback, bounded and safe to show: an error may quote the network."""
    return "\n".join(map(visible_text, text[-LONGEST_TRACEBACK:].split("\n")))
