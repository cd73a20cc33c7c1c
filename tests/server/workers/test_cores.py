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
    if quota is not None:
        (tmp_path / "cpu.max").write_text(quota)
    assert usable_cores(tmp_path) == cores


@pytest.mark.parametrize(
    ("quota", "cores"), [("-1\n", HERE), ("50000\n", 1), ("150000\n", min(HERE, 2)), ("x", HERE)]
)
def test_so_does_one_of_the_first_version(quota: str, cores: int, tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path) == cores
