"""One alarm clock for all connections of a server: one heap, and one timer for the first of it.

A timer or a task for every echo would cost 15 to 60 microseconds and 1.5 to 5 KB each; an entry
here costs under one microsecond. A connection has one `Alarm`, set to the earliest instant at
which it wants to be called.
"""

import math
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final, Protocol

from reverb_server.net.eventloop import loop_time, timer

RINGS_IN_A_ROW: Final = 64
"""Alarms that ring before other tasks get their turn: a few milliseconds' work."""
YIELD_AFTER: Final = 0.002
"""Seconds after which other tasks get their turn, however few alarms rang: some send much."""
STOOD_STILL: Final = 0.5
"""Seconds by which a timer is late only if the process was suspended, stopped or swapped out."""
SMALL_HEAP: Final = 64
"""A heap up to this size is not worth cleaning."""


class Clock:
    """The heap of a server's alarms, which wakes up for the first of them.

    Make it in the event loop whose time it is to tell.
    """

    def __init__(self) -> None:
        self.time = loop_time()
        """Tells the instant now, in seconds."""
        self._heap: list[tuple[float, int]] = []
        self._alarms: dict[int, Alarm] = {}  # by number; superseded alarms are removed
        self._numbers = count()
        self._wake = timer(self._ring_what_is_due)

    def enter(self, instant: float, alarm: "Alarm") -> int:
        """Enter an alarm, and return the number of the entry."""
        number = next(self._numbers)
        self._alarms[number] = alarm
        heappush(self._heap, (instant, number))
        if instant < self._wake.instant:
            self._wake.at(instant)
        return number

    def strike(self, number: int) -> None:
        """Strike an entry out; the heap is rebuilt once more than half of it is struck out."""
        del self._alarms[number]
        if len(self._heap) > max(SMALL_HEAP, 2 * len(self._alarms)):
            self._heap = [entry for entry in self._heap if entry[1] in self._alarms]
            heapify(self._heap)

    async def run(self) -> None:
        """Ring every alarm at its instant, until cancelled."""
        await self._wake.run()

    def _ring_what_is_due(self) -> None:
        now = self.time()
        patient_until = now + YIELD_AFTER
        rung = 0
        while self._heap and self._heap[0][0] <= now:
            alarm = self._alarms.pop(heappop(self._heap)[1], None)
            if alarm is None:
                continue
            alarm.go_off(now)
            rung += 1
            now = self.time()
            if rung >= RINGS_IN_A_ROW or now >= patient_until:
                break  # the others ring once other tasks have had their turn
        self._wake.at(self._heap[0][0] if self._heap else math.inf)


class Sleeper(Protocol):
    """Called when an alarm fires."""

    def ring(self, now: float) -> None:
        """Do what is due at the instant ``now``; may not raise."""
        ...


class Alarm:
    """Rings at a sleeper's once the instant has come to which it was set."""

    __slots__ = ("_clock", "_instant", "_number", "_sleeper")

    def __init__(self, clock: Clock, sleeper: Sleeper) -> None:
        self._clock = clock
        self._sleeper: Sleeper | None = sleeper
        self._instant = math.inf
        self._number = -1

    def set(self, instant: float) -> None:
        """Ring at ``instant`` (seconds), or earlier if it is set to an earlier instant.

        Ringing once too early is cheaper than striking out an entry at each read: the sleeper sees
        for itself what is due, and sets the alarm again.
        """
        if instant < self._instant:
            self.cancel()
            self._instant = instant
            self._number = self._clock.enter(instant, self)

    def cancel(self) -> None:
        """Do not ring any more, and be forgotten by the clock."""
        if self._instant < math.inf:
            self._clock.strike(self._number)
            self._instant = math.inf

    def destroy(self) -> None:
        """Never ring again, and forget whom to call."""
        self.cancel()
        self._sleeper = None

    def go_off(self, now: float) -> None:
        """Ring; called by the clock alone, when it has taken the entry out."""
        self._instant = math.inf
        if self._sleeper is not None:
            self._sleeper.ring(now)
