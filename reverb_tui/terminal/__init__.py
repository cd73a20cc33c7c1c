"""The way to the terminal: its pace, what it sends, and that no cell is shifted."""

import sys

from textual import constants
from textual.driver import Driver


def driver_class() -> type[Driver] | None:
    """Return this client's driver; None where Textual has another (Windows, a browser)."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    from reverb_tui.terminal.driver import TerminalDriver

    return TerminalDriver
