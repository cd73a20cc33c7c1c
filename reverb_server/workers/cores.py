"""How many cores this process may use."""

import math
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")
"""Where a container finds its share of the machine (Linux, cgroup v2): microseconds, period."""


def usable_cores(quota: Path = QUOTA) -> int:
    """Return the cores that this process may run on, or what it is granted of them; at least 1."""
    if sys.platform == "linux":
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    with suppress(OSError, ValueError, ZeroDivisionError):  # no such file, or it says "max"
        granted, period = map(int, quota.read_text(encoding="ascii").split())
        cores = min(cores, math.ceil(granted / period))
    return max(1, cores)
