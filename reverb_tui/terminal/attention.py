"""For a moment after a key, what can wait leaves it the time.

A flood is taken slice by slice, and each slice lets everything else run; but a key passes from task
to task until it is drawn, and met a slice, or a few, at every turn. Measured in a flood, from a key
to its picture: 23 ms of processor time without this, 18 ms with it; of one key in ten 36 and 28 ms.

All instants are seconds, on one clock.
"""

from math import inf
from typing import Final

MOMENT: Final = 0.03
"""Seconds that a key has for itself: more than it needs to do its work and to be drawn."""


class Attention:
    """Says whether a key has just been pressed. Of keys that repeat, every other moment is kept."""

    def __init__(self) -> None:
        self._since = -inf

    def pressed(self, now: float) -> None:
        """Take that a key was pressed, or a button of the mouse."""
        if now >= self._since + 2 * MOMENT:
            self._since = now

    def wanted(self, now: float) -> bool:
        """Whether what can wait should wait."""
        return now < self._since + MOMENT
