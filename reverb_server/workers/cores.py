"""How many cores this process may use."""

import math
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")
"""Where Linux says how much of the machine a container is granted."""


def usable_cores(groups: Path = CONTROL_GROUPS) -> int:
    """Return the cores that this process may run on, or what it is granted of them; at least 1."""
    if sys.platform == "linux":
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    for files in (
        ("cpu.max",),  # of cgroup v2: microseconds, or "max", and the period
        ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"),  # of v1; -1 is no limit
    ):
        with suppress(OSError, ValueError, ZeroDivisionError):
            text = " ".join((groups / file).read_text(encoding="ascii") for file in files)
            granted, period = map(int, text.split())
            if granted >= 0:
                cores = min(cores, math.ceil(granted / period))
    return max(1, cores)
