"""The way from a server that drains to the next one: what is held, what is sent, and when.

From the word of a server that it drains, shouts are held. Its connection is left after the last
echo, and the next one gets what was held, once its server has shown what it is.
"""

from enum import Enum, auto
from math import inf
from typing import Final

from reverb_tui.connection.leaving import ANSWERED_WITHIN, Leaving
from reverb_tui.session.held import HeldShouts

DRAINS: Final = (
    "the server is draining: pending echoes still come, new shouts wait for the next connection"
)


class Step(Enum):
    """Things to do with a connection."""

    RELEASE = auto()
    """Send what was held: this connection takes it."""
    HALF_CLOSE = auto()
    """End the client's side: no echo is to be expected any more."""
    LEAVE = auto()
    """Close it: the server does not."""


class Handover:
    """Follows one connection after the other, and holds what is shouted between them.

    All instants are seconds on one clock.
    """

    def __init__(self) -> None:
        self.held = HeldShouts()
        """Shouts that wait for the next connection."""
        self._leaving: Leaving | None = None  # while the server of this connection drains
        self._release_at = inf  # when this connection gets what is held

    @property
    def draining(self) -> bool:
        """Whether the server of this connection, the last one if it has ended, drains."""
        return self._leaving is not None

    def connecting(self) -> None:
        """Note that another connection is being made."""
        self._leaving, self._release_at = None, inf

    def connected(self, now: float, *, asked: bool) -> None:
        """Note that it was made; ``asked`` is whether its server is to say first what it is."""
        if self.held.holds:
            self._release_at = now + (ANSWERED_WITHIN if asked else 0)

    def answered(self, now: float) -> None:
        """Note that the server has shown what it is."""
        if self._release_at < inf:
            self._release_at = now  # once nothing else is at hand: it may say that it drains

    def begin(self, now: float) -> bool:
        """Note that the server drains; return whether the one before it did not."""
        news = not self.held.holds
        self._leaving, self._release_at = Leaving(now), inf
        self.held.begin()
        return news

    def came(self, now: float) -> None:
        """Note that something came."""
        if self._leaving is not None:
            self._leaving.came(now)

    def end_input(self, *, takes: bool) -> bool:
        """Handle the end of input; return whether it waits for the next connection.

        It does if shouts are held, which come before it, and if this connection can't be ended:
        ``takes`` is whether it can.
        """
        if self.held.holds and (self.held or not takes):
            self.held.input_ended = True
            return True
        if takes:
            self.held.release()
            self._leaving, self._release_at = None, inf
        return False

    def deadline(self, missing: int | None, delay: float | None) -> float:
        """Return when the next step is due, if nothing comes; for both see `Leaving.deadline`."""
        leave_at = inf if self._leaving is None else self._leaving.deadline(missing, delay)
        return min(self._release_at, leave_at)

    def due(self, now: float, missing: int | None, delay: float | None) -> Step | None:
        """Return the step that is due, None if there is none; it counts as done then."""
        if now < self.deadline(missing, delay):
            return None
        if self._leaving is None:
            self._release_at = inf
            return Step.RELEASE
        if self._leaving.half_closed:
            return Step.LEAVE
        self._leaving.half_close(now)
        return Step.HALF_CLOSE
