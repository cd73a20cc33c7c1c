"""The shouts in the air and those that have just ended, with the instants of their echoes.

What has come is remembered as it came; what is to come is asked of the matcher, whose due
instants they are, but with the delay as the hand has it *now*, before the server said yes.

All instants and delays are seconds on one clock.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, NamedTuple

from reverb_server.core.voice import LOUD
from reverb_tui.echoes.matching import Matcher
from reverb_tui.echoes.pending import Due

MOST_ENDED: Final = 1000
"""Shouts that are remembered after their last echo."""

LONGEST: Final = 100
"""Characters of a shout that are remembered."""


class Came(NamedTuple):
    """An echo that came at ``instant``; ``lateness`` is None if it is not known when it was due."""

    stage: int
    instant: float
    lateness: float | None

    @property
    def due(self) -> float:
        """When it was due, if that is known."""
        return self.instant - (self.lateness or 0.0)


@dataclass(eq=False, slots=True)
class Flight:
    """A shout and its echoes.

    Args:
        shout: Its number, as the matcher gave it.
        text: It, safe to show.
        sent: When it was sent.
        came: Its echoes that came, in this order.
        due: Its echoes that are still to come, where their instants are known.
        pending: Whether it is still waited for, known or not.
        begins: When its turn came or will come; it waits from ``sent`` until then.
    """

    shout: int
    text: str
    sent: float
    came: list[Came] = field(default_factory=list)
    due: Sequence[Due] = ()
    pending: bool = True
    begins: float = -math.inf

    def waits(self, now: float) -> bool:
        """Whether its turn has not come at ``now``."""
        return self.pending and now < self.begins

    @property
    def ended(self) -> float:
        """When the last echo came that has come."""
        return self.came[-1].instant if self.came else self.sent


class Flights:
    """The shouts of one connection that are worth a picture; of bounded memory.

    ``latest`` is the latest instant at which a shout was sent or an echo came.

    Args:
        matcher: Knows what is pending; told of every shout and echo before this is.
    """

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._pending: dict[int, Flight] = {}
        self._ended: deque[Flight] = deque(maxlen=MOST_ENDED)
        self._hand: tuple[float, float] | None = None  # the delay asked for, and since when
        self._forecast_of: object = None
        self._over = False
        self.latest = -math.inf

    @property
    def revision(self) -> tuple[int, object, bool]:
        """Something that is different whenever the picture may be."""
        return self._matcher.revision, self._hand, self._over

    @property
    def in_flight(self) -> bool:
        """Whether an echo is still to come."""
        return not self._over and self._matcher.pending > 0

    @property
    def pending(self) -> int:
        """Shouts whose last echo has not come."""
        return 0 if self._over else self._matcher.pending

    @property
    def counted(self) -> int:
        """Pending shouts that the matcher only counts: they are in no picture."""
        return 0 if self._over else self._matcher.pending - self._matcher.matched

    @property
    def sequential(self) -> bool:
        """Whether a shout waits for the end of the one before."""
        return self._matcher.mode == "sequential"

    @property
    def delay(self) -> float | None:
        """The delay that the picture is drawn for; None while it is unknown."""
        if self._matcher.delay is None or self._hand is None:
            return self._matcher.delay
        return self._hand[0]

    def shout(self, number: int, text: str, instant: float) -> None:
        """Take a shout that was sent at ``instant``; ``text`` is safe to show."""
        if number in self._matcher:
            self._pending[number] = Flight(number, text[:LONGEST], instant, begins=instant)
        self.latest = max(self.latest, instant)

    def echo(self, number: int, stage: int, instant: float, lateness: float | None) -> None:
        """Take an echo that came at ``instant``."""
        flight = self._pending.get(number)
        if flight is not None:
            echo = Came(stage, instant, lateness)
            flight.came.append(echo)
            if stage == LOUD:
                flight.begins = flight.sent if lateness is None else max(flight.sent, echo.due)
            if number not in self._matcher:
                self._end(flight)
        self.latest = max(self.latest, instant)

    def tune(self, delay: float, now: float) -> None:
        """Follow the slider, which was moved to ``delay`` at ``now``."""
        if delay != self.delay:
            self._hand = delay, now

    def end(self) -> None:
        """Handle the end of the connection: nothing more will come."""
        self._over = True
        for flight in list(self._pending.values()):
            self._end(flight)

    def picture(self, since: float) -> list[Flight]:
        """Return the pending shouts, and those that ended after ``since``, in order of shouting.

        They are valid until the next call of any method.
        """
        self._look_ahead()
        flights = [flight for flight in self._ended if flight.ended >= since]
        flights += self._pending.values()
        return sorted(flights, key=attrgetter("shout"))

    def _look_ahead(self) -> None:
        matcher = self._matcher
        if self._hand is not None and self._hand[0] == matcher.delay:
            self._hand = None  # the server said yes, and the matcher knows since when
        if self.revision == self._forecast_of:
            return
        self._forecast_of = self.revision
        gone = dict(self._pending)
        for number, dues in matcher.forecast(*(self._hand or ())):
            flight = gone.pop(number, None)
            if flight is not None:
                flight.due = dues
                if dues and dues[0][0] == LOUD:
                    flight.begins = dues[0][1]
        for flight in gone.values():  # refused: no echo will come
            self._end(flight)

    def _end(self, flight: Flight) -> None:
        del self._pending[flight.shout]
        flight.due, flight.pending = (), False
        self._ended.append(flight)
