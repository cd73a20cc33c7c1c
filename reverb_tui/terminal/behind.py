"""Whether the terminal keeps up with what is drawn."""

from typing import Any

from textual.app import App
from textual.message import Message


class CaughtUp(Message, bubble=False):
    """The terminal has drawn what it was sent: what waited for that can be drawn."""


def terminal_is_behind(app: App[Any]) -> bool:
    """Whether the terminal is slower than what is drawn; False where that can't be known."""
    return getattr(app._driver, "behind", False)
