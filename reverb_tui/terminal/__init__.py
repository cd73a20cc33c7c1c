"""The way to the terminal: its pace, what it sends, and that no cell is shifted."""

import sys
from typing import Any

from textual import constants
from textual.app import App
from textual.driver import Driver
from textual.message import Message

from reverb_tui.terminal.textual_internals import driver_of


def driver_class() -> type[Driver] | None:
    """Return this client's driver; None where Textual has another (Windows, a browser)."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    from reverb_tui.terminal.driver import TerminalDriver

    return TerminalDriver


class CaughtUp(Message, bubble=False):
    """The terminal has drawn what it was sent: what waited for that can be drawn."""


def terminal_is_behind(app: App[Any]) -> bool:
    """Return whether the terminal is slower than what is drawn; False if that can't be known."""
    return getattr(driver_of(app), "behind", False)


def suspend(app: App[Any]) -> None:
    """Stop this process, and what the shell knows as the same job (a script, sudo) with it.

    A shell does not notice a stop before the whole job has stopped.
    """
    if sys.platform != "win32":
        from reverb_tui.terminal.driver import TerminalDriver

        driver = driver_of(app)
        if isinstance(driver, TerminalDriver):
            driver.stop_job()
