"""The shouts since the last rest, in order of shouting: those that are in the picture."""

import math
from collections import deque
from typing import Final

from reverb_server.core.control import ReverbMode
from reverb_tui.echoes.flight import Flight
from reverb_tui.echoes.learned import revised

MOST_ENDED: Final = 1000
"""Shouts that are remembered after their last echo."""


class Recent:
    """Remembers those in flight, and those that ended last.

    ``left`` is how many were dropped since the last rest; ``ended`` is when the latest shout ended,
    in seconds, also before the last rest.
    """

    def __init__(self) -> None:
        self.left = 0
        self.ended = -math.inf
        self._flights: dict[int, Flight] = {}
        self._over: deque[int] = deque()

    def flights(self) -> list[Flight]:
        """Return all that are remembered."""
        return list(self._flights.values())

    def rest(self) -> None:
        """Forget all of them: the next shout is the first one after rest."""
        self._flights.clear()
        self._over.clear()
        self.left = 0

    def add(self, flight: Flight) -> None:
        """Remember a shout that is sent."""
        self._flights[flight.shout] = flight

    def end(self, flight: Flight) -> None:
        """Handle the last echo of a shout; drop the one that ended first, if there are many."""
        self.ended = flight.ended
        self._over.append(flight.shout)
        if len(self._over) > MOST_ENDED:
            del self._flights[self._over.popleft()]
            self.left += 1

    def revise(self, mode: ReverbMode | None) -> None:
        """Show which shouts waited for their turn, in a mode that was learned later."""
        revision = revised(self._flights.values(), mode)
        self._flights = {flight.shout: flight for flight in revision}
