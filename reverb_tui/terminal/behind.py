"""Whether the terminal keeps up with what is drawn, and what is typed with what comes."""

import sys
from typing import Any, Final

from textual.app import App
from textual.driver import Driver

MOST_WAITING: Final = 2
"""Writes that may wait for the terminal before frames are skipped."""


def terminal_is_behind(app: App[Any]) -> bool:
    """Whether the terminal is slower than what is drawn; False where that can't be known.

    Textual's driver queues 30 writes and blocks the whole client when they are full.
    """
    driver = app._driver
    try:
        waiting: int = driver._writer_thread._queue.qsize()  # type: ignore[union-attr]
    except AttributeError:
        return False
    return waiting > MOST_WAITING or getattr(driver, "behind", False)


def key_at_hand(app: App[Any]) -> bool:
    """Whether a flood should leave the time to a key that was just pressed."""
    return getattr(app._driver, "at_hand", False)


def asking(driver: type[Driver]) -> type[Driver]:
    """Give a driver that knows more of the terminal, if there is one in the place of this one."""
    if sys.platform != "win32":
        from textual.drivers.linux_driver import LinuxDriver

        from reverb_tui.terminal.driver import AskingDriver

        if driver is LinuxDriver:
            return AskingDriver
    return driver
