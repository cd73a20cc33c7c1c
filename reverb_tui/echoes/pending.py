"""Pending shouts, and when their echoes are due.

All instants and delays are seconds on one clock.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from reverb_server.core import due
from reverb_server.core.voice import LOUD, QUIET

Due: TypeAlias = tuple[int, float]
"""An echo that is still to come: its stage, and the instant at which it is due."""


@dataclass(eq=False, slots=True)
class Pending:
    """A shout that was sent, until its last echo has come.

    Args:
        number: Its number.
        heard: When it was sent.
        text: It, which may be cut.
        size: Bytes of the whole text.
        forms: The echo of each stage that is still to come.
        sequential: Whether it waits for its turn.
        after: The last concurrent shout before a sequential one, if that was pending.
        spoken: The due instant of its latest echo that came.
    """

    number: int
    heard: float
    text: bytes
    size: int
    forms: dict[int, bytes]
    sequential: bool = False
    after: "Pending | None" = None
    spoken: float = -math.inf

    def turn(self, stage: int, previous: float, delay: float, changed: float) -> float:
        """Return when an echo is due, if this is sequential and the previous was at ``previous``.

        The delay has been ``delay`` since ``changed``.
        """
        if stage != LOUD:
            return due.sequential_due(previous, delay, changed)
        before = self.after
        if before is not None:
            concurrent = due.concurrent_due(before.heard, QUIET, delay, changed)
            previous = max(previous, concurrent if before.forms else before.spoken)
        return due.sequential_begin(self.heard, previous)


def forecast(
    shouts: Iterable[Pending], mode: str | None, delay: float | None, changed: float, ended: float
) -> Iterator[tuple[int, list[Due]]]:
    """Return what is still to come: the number of each shout, in order, with its echoes.

    The delay has been ``delay`` since ``changed``; ``ended`` is when the latest echo of a
    sequential shout was due that came.
    """
    for shout in shouts:
        dues: list[Due] = []
        if mode == "plain":
            dues = [(stage, shout.heard) for stage in shout.forms]
        elif delay is not None and not shout.sequential:
            for stage in shout.forms:
                dues.append((stage, due.concurrent_due(shout.heard, stage, delay, changed)))
        elif delay is not None:
            for stage in shout.forms:
                ended = shout.turn(stage, ended, delay, changed)
                dues.append((stage, ended))
        yield shout.number, dues
