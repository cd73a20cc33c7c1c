"""One shout in flight: its echoes that came, and when those to come are due.

All instants and delays are seconds on one clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from reverb_server.core import due
from reverb_server.core.voice import LOUD, QUIET

Due: TypeAlias = tuple[int, float]
"""An echo to come: its stage, and the instant at which it is due."""


class Arrival(NamedTuple):
    """An echo that came.

    Args:
        stage: LOUD, NORMAL or QUIET (those of `reverb_server.core.voice`).
        instant: When it came.
        lateness: Seconds after its due instant, never negative; None where that is unknown.
        shout: The number of its shout.
        round_trip: Seconds to the server and back, where this echo shows them; otherwise None.
    """

    stage: int
    instant: float
    lateness: float | None
    shout: int
    round_trip: float | None = None

    @property
    def due(self) -> float:
        """When it was due; when it came, where that is unknown."""
        return self.instant - (self.lateness or 0.0)


@dataclass(eq=False, slots=True)
class Flight:
    """A shout and its echoes.

    Args:
        shout: Its number.
        sent: When it was sent.
        text: The beginning of its text, safe to display.
        line: The beginning of its text, as it is compared.
        size: Bytes of the whole text.
        begins: When its turn came or will come; it waits from ``sent`` until then.
        sequential: Whether it waits for its turn.
        after: The last concurrent shout before a sequential one, if that was pending.
        to_come: The text of each echo to come, by its stage.
        due: The echoes to come, where their instants are known.
        came: The echoes that came, in this order.
        spoken: The due instant of its latest echo that came.
        pending: Whether an echo is still waited for.
        lost: When the connection ended before its last echo came; None if it did not.
    """

    shout: int
    sent: float
    text: str
    line: bytes
    size: int
    begins: float
    sequential: bool = False
    after: "Flight | None" = None
    to_come: dict[int, bytes] = field(default_factory=dict)
    due: Sequence[Due] = ()
    came: list[Arrival] = field(default_factory=list)
    spoken: float = -math.inf
    pending: bool = True
    lost: float | None = None

    def waits(self, now: float) -> bool:
        """Whether its turn has not come at ``now``."""
        return self.pending and now < self.begins

    @property
    def over(self) -> float:
        """Instant up to which it was in the air, once it no longer is."""
        return self.ended if self.lost is None else self.lost

    @property
    def ended(self) -> float:
        """When its latest echo came."""
        return self.came[-1].instant if self.came else self.sent

    def due_at(
        self, stage: int, previous: float, delay: float | None, changed: float
    ) -> float | None:
        """Return when an echo is due; None if that is unknown.

        The delay has been ``delay`` since ``changed``; in a sequence, the echo before this one was
        due at ``previous``.
        """
        if delay is None:
            return None
        if not self.sequential:
            return due.concurrent_due(self.sent, stage, delay, changed)
        if stage != LOUD:
            return due.sequential_due(previous, delay, changed)
        if before := self.after:
            concurrent = due.concurrent_due(before.sent, QUIET, delay, changed)
            previous = max(previous, concurrent if before.to_come else before.spoken)
        return due.sequential_begin(self.sent, previous)
