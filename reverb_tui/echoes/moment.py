"""The shouts of a picture as they are at one instant, now or in the past.

All instants are seconds on one clock.
"""

from dataclasses import replace
from typing import NamedTuple

from reverb_tui.echoes.flight import Flight


class Moment(NamedTuple):
    """The shouts since the last rest.

    Args:
        flights: Those that are drawn, in order of shouting.
        began: The instant of the first one.
        matched: Pending shouts among them.
        counted: Pending shouts that are only counted.
        lost: Echoes that did not come before the end of the connection.
        left: Shouts before them that are remembered no longer.
    """

    flights: list[Flight]
    began: float
    matched: int = 0
    counted: int = 0
    lost: int = 0
    left: int = 0

    @property
    def in_flight(self) -> bool:
        """Whether an echo is still to come."""
        return self.matched + self.counted > 0

    @property
    def arrivals(self) -> list[float]:
        """The instants at which echoes came."""
        return [echo.instant for flight in self.flights for echo in flight.came]

    def at(self, instant: float) -> "Moment":
        """Return how it was at an earlier instant; what was only counted is unknown by then."""
        flights = [as_of(flight, instant) for flight in self.flights if flight.sent <= instant]
        lost = any(flight.lost is not None for flight in flights)
        pending = sum(flight.pending for flight in flights)
        return Moment(flights, self.began, pending, lost=self.lost if lost else 0, left=self.left)


def as_of(flight: Flight, instant: float) -> Flight:
    """Return a shout as it was at an instant after it was sent: what came later was due then."""
    came = [echo for echo in flight.came if echo.instant <= instant]
    later = [(echo.stage, echo.due) for echo in flight.came[len(came) :]]
    lost = None if flight.lost is None or flight.lost > instant else flight.lost
    pending = lost is None and (bool(later) or flight.pending or flight.lost is not None)
    return replace(flight, came=came, due=[*later, *flight.due], pending=pending, lost=lost)
