"""How late echoes leave: a histogram that costs the same however many there are."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, Self

BUCKETS_A_DOUBLING: Final = 8
"""Resolution: neighbouring buckets differ by a twelfth, finer than lateness is ever steady."""

SMALLEST: Final = 1e-6
"""Seconds; what is less late than a microsecond is on time."""

LARGEST_LATENESS: Final = 3600.0
"""Seconds; an hour is the last bucket."""

BOUNDS: Final = [
    SMALLEST * 2 ** (bucket / BUCKETS_A_DOUBLING)
    for bucket in range(1 + math.ceil(math.log2(LARGEST_LATENESS / SMALLEST) * BUCKETS_A_DOUBLING))
]
"""The largest lateness of each bucket, in seconds; there is one more, for all that is later."""

NOTHING: Final = (0,) * (len(BOUNDS) + 1)
"""Counts of a histogram without echoes."""


class Histogram:
    """Counts echoes by their lateness, in seconds."""

    def __init__(self, counts: Sequence[int] = NOTHING, total: float = 0.0) -> None:
        if len(counts) != len(NOTHING):
            raise ValueError(f"{len(counts)} counts are not one for each of {len(NOTHING)} buckets")
        self._counts = [*counts]
        self.sum = total
        """The lateness of all echoes together, in seconds."""

    @classmethod
    def sum_of(cls, histograms: Iterable[Self]) -> Self:
        """Return one of the echoes of all."""
        each = tuple(histograms)
        counts = [
            sum(column) for column in zip(NOTHING, *(one.counts for one in each), strict=True)
        ]
        return cls(counts, sum(one.sum for one in each))

    @property
    def counts(self) -> tuple[int, ...]:
        """How many echoes are in each bucket."""
        return tuple(self._counts)

    def add(self, lateness: float, echoes: int) -> None:
        """Count ``echoes`` that left so many seconds late."""
        self._counts[bisect_left(BOUNDS, lateness)] += echoes
        self.sum += lateness * echoes

    def cumulative(self) -> tuple[tuple[float, int], ...]:
        """Return how many echoes were at most so late, for each doubling of a microsecond.

        The last is for infinity: all of them.
        """
        counts = tuple(accumulate(self._counts))
        doublings = range(0, len(BOUNDS), BUCKETS_A_DOUBLING)
        return (*((BOUNDS[each], counts[each]) for each in doublings), (math.inf, counts[-1]))

    def quantile(self, share: float) -> float:
        """Return the lateness, in seconds, that this share of the echoes did not exceed.

        ``share`` is from 0 to 1. The result is rounded up to its bucket's end; 0 if there were
        no echoes.
        """
        rank = share * sum(self._counts)
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= rank:
                return BOUNDS[min(bucket, len(BOUNDS) - 1)] if bucket else 0.0
        return 0.0
