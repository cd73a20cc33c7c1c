"""How late echoes leave: a histogram that costs the same however many there are."""

import math
from typing import Final

BUCKETS_A_DOUBLING: Final = 8
"""Resolution: neighbouring buckets differ by a twelfth, finer than lateness is ever steady."""

SMALLEST: Final = 1e-6
"""Seconds; what is less late than a microsecond is on time."""

LARGEST: Final = 3600.0
"""Seconds; an hour is the last bucket."""

BUCKETS: Final = 2 + math.ceil(math.log2(LARGEST / SMALLEST) * BUCKETS_A_DOUBLING)


class Histogram:
    """Counts echoes by their lateness, in seconds."""

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS

    def add(self, lateness: float, echoes: int) -> None:
        """Count ``echoes`` that left so many seconds late."""
        if lateness <= SMALLEST:
            self._counts[0] += echoes
        else:
            bucket = 1 + int(math.log2(lateness / SMALLEST) * BUCKETS_A_DOUBLING)
            self._counts[min(bucket, BUCKETS - 1)] += echoes

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
                return SMALLEST * 2 ** (bucket / BUCKETS_A_DOUBLING) if bucket else 0.0
        return 0.0
