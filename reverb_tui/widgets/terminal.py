"""Whether the terminal keeps up with what is drawn."""

from typing import Any, Final

from textual.app import App

MOST_WAITING: Final = 2
"""Writes that may wait for the terminal before frames are skipped."""


def terminal_is_behind(app: App[Any]) -> bool:
    """Whether the terminal is slower than what is drawn; False where that can't be known.

    Textual's driver queues 30 writes and blocks the whole client when they are full.
    """
    try:
        waiting: int = app._driver._writer_thread._queue.qsize()  # type: ignore[union-attr]
    except AttributeError:
        return False
    return waiting > MOST_WAITING
