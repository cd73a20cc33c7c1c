"""What is known of the server, the connection and the echoes, as it is now."""

from collections.abc import Callable, Iterable
from typing import Final

from reverb_tui.screens.sheet import Section, Sheet

EVERY: Final = 0.5
"""Seconds from one look at the figures to the next."""


class Details(Sheet):
    """Shows what ``sections`` gives, and asks again while it is open; ``keys`` close it."""

    def __init__(
        self, sections: Callable[[int], Iterable[Section]], keys: Iterable[str] = ()
    ) -> None:
        super().__init__("Details", sections, keys)

    def on_mount(self) -> None:
        """Begin to follow the figures."""
        self.set_interval(EVERY, self.draw)
