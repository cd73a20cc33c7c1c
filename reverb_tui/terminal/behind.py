"""Whether the terminal keeps up with what is drawn."""

from typing import Any

from textual.app import App
from textual.message import Message

from reverb_tui.terminal.textual_internals import driver_of


class CaughtUp(Message, bubble=False):
    """The terminal has drawn what it was sent: what waited for that can be drawn."""


def terminal_is_behind(app: App[Any]) -> bool:
    """Whether the terminal is slower than what is drawn; False where that can't be known."""
    return getattr(driver_of(app), "behind", False)
