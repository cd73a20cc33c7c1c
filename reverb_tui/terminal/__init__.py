"""The way to the terminal: its pace, what it sends, and that no cell is shifted."""

import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from textual import constants
from textual.app import App
from textual.driver import Driver
from textual.message import Message

from reverb_tui.terminal.textual_internals import driver_of

if TYPE_CHECKING:
    from reverb_tui.terminal.driver import TerminalDriver

WEB_DRIVER: Final = "textual.drivers.web_driver:WebDriver"
"""The driver that is asked for by whoever serves the client to a browser."""


class Viewer(Protocol):
    """Sees what the terminal is sent."""

    def sent(self, piece: bytes) -> object:
        """Take a piece, a frame say, of whole characters and control sequences."""

    def resized(self, columns: int, rows: int) -> object:
        """Take the size for which the next pieces are meant."""


def driver_class() -> type[Driver] | None:
    """Return this client's driver; None where Textual has another (Windows)."""
    if in_browser():
        from reverb_tui.terminal.web_driver import BrowserDriver

        return BrowserDriver
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    from reverb_tui.terminal.driver import TerminalDriver

    return TerminalDriver


class CaughtUp(Message, bubble=False):
    """The terminal has drawn what it was sent: what waited for that can be drawn."""


def terminal_is_behind(app: App[Any]) -> bool:
    """Return whether the terminal is slower than what is drawn; False if that can't be known."""
    return getattr(driver_of(app), "behind", False)


def in_browser() -> bool:
    """Return whether the client is drawn in a browser, for a visitor of this machine."""
    return constants.DRIVER == WEB_DRIVER


def suspend(app: App[Any]) -> None:
    """Stop this process, and what the shell knows as the same job (a script, sudo) with it.

    A shell does not notice a stop before the whole job has stopped.
    """
    if driver := _own_driver(app):
        driver.stop_job()


def watch(app: App[Any], viewer: Viewer | None) -> bool:
    """Show a viewer all that the terminal is sent from now on, first the whole screen.

    Return False where that can't be seen, because Textual has another driver there.
    """
    driver = _own_driver(app)
    if driver is not None:
        driver.watch(viewer)
    return driver is not None


def _own_driver(app: App[Any]) -> "TerminalDriver | None":
    if sys.platform == "win32":
        return None
    from reverb_tui.terminal.driver import TerminalDriver

    driver = driver_of(app)
    return driver if isinstance(driver, TerminalDriver) else None
