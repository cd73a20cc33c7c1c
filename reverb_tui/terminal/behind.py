"""Whether the terminal keeps up with what is drawn."""

from typing import Any, Final

from textual.app import App

MOST_WAITING: Final = 2
"""Writes that may wait for the terminal before what can wait is not drawn."""


MOST_QUEUED: Final = 20
"""Writes that may wait before nothing is drawn: a frame is up to four, and Textual's driver, which
queues 30, blocks the whole client when they are full."""


def terminal_is_behind(app: App[Any]) -> bool:
    """Whether the terminal is slower than what is drawn; False where that can't be known."""
    return _waiting(app) > MOST_WAITING or getattr(app._driver, "behind", False)


def terminal_is_stuck(app: App[Any]) -> bool:
    """Whether the terminal takes nothing, so that what is drawn would have to be waited for."""
    return _waiting(app) > MOST_QUEUED


def _waiting(app: App[Any]) -> int:
    try:
        waiting: int = app._driver._writer_thread._queue.qsize()  # type: ignore[union-attr]
    except AttributeError:
        return 0
    return waiting
