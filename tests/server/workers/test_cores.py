"""The cores that a container grants, not those of its machine."""

import os
import sys
from pathlib import Path

import pytest

from reverb_server.workers.cores import usable_cores

HERE = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000\n", HERE),
        ("50000 100000\n", 1),
        ("100000 100000\n", 1),
        ("100001 100000\n", min(HERE, 2)),
        ("100000000 100000\n", HERE),
        ("0 100000\n", 1),
        ("1 0\n", HERE),
        ("", HERE),
        ("many\n", HERE),
        (None, HERE),
    ],
)
def test_a_quota_bounds_the_cores(quota: str | None, cores: int, tmp_path: Path) -> None:
    file = tmp_path / "cpu.max"
    if quota is not None:
        file.write_text(quota)
    assert usable_cores(file) == cores
