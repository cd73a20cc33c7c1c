"""What a measure is: trials, the rows each fills, and what is to be reached."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.servers import GOROUTINES, REVERB, Subject

Stats = dict[str, float]


@dataclass(frozen=True)
class Target:
    """Bounds of the ratio to the reference: at least or at most ``bound``, better ``aim``."""

    bound: float
    aim: float | None = None
    at_most: bool = False

    def met(self, ratio: float, bound: float) -> bool:
        """Return whether ``ratio`` is on the right side of ``bound``."""
        return ratio <= bound if self.at_most else ratio >= bound


@dataclass(frozen=True)
class Row:
    key: str
    label: str
    unit: str
    target: Target | None = None


@dataclass(frozen=True)
class Trial:
    """A load that runs alternately on each of its subjects; ``stats`` raises Failed."""

    name: str
    stats: Callable[[Subject], Stats]
    rows: tuple[Row, ...]
    subjects: tuple[str, ...] = (REVERB, GOROUTINES)
    reference: str = GOROUTINES
    delay: float = 0.0
    plain: bool = False
    fresh: bool = False
    """Whether every run needs a server of its own."""
    serverless: bool = False
    """Whether ``stats`` starts what it measures itself."""


@dataclass(frozen=True)
class Measure:
    """Trials that belong together: a table and a plot."""

    name: str
    title: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Effort:
    """How much is measured; times are in seconds."""

    rounds: int
    flood: float
    trips: float
    delayed: float
    everything: bool


FULL: Final = Effort(rounds=5, flood=0.12, trips=0.3, delayed=0.8, everything=True)
QUICK: Final = Effort(rounds=3, flood=0.1, trips=0.2, delayed=0.6, everything=False)


class Calibrated:
    """As much load as takes a server about ``seconds``, found out for each server once."""

    def __init__(self, run: Callable[[Subject, int], Stats], seconds: float, least: int) -> None:
        self._run = run
        self._seconds = seconds
        self._least = least
        self._amounts: dict[str, int] = {}

    def __call__(self, subject: Subject) -> Stats:
        if subject.name not in self._amounts:
            amount = self._least
            while (took := self._best(subject, amount)) < self._seconds / 2:
                amount = int(amount * min(self._seconds / took, 20))
            self._amounts[subject.name] = max(int(amount * self._seconds / took), self._least // 4)
        return self._run(subject, self._amounts[subject.name])

    def _best(self, subject: Subject, amount: int) -> float:
        """Return the seconds that an amount takes; one slow run may be the machine's fault."""
        took = math.inf
        for _ in range(3):
            took = min(took, self._run(subject, amount)["took"])
            if took < self._seconds / 2:
                break
        return took
