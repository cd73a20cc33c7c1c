"""How many shouts a second workers can take under delayed load: one worker, then two, and so on.

``python -m bench.workers [--share CORES] [WORKERS ...]``; the counts are 1 and 2 unless they are
given. For each, the load is doubled and halved until the most is found at which the 99th percentile
of the lateness stays under LATE. Server and load share all cores. With ``--share`` each worker may
use so much of a core (Linux control groups, as root), so that the load has the rest for itself.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.machine import cpu
from bench.programs import Failed, build
from bench.servers import free_port, reverb_command, wait_until_listening

TRIES: Final = 2
"""A load is too much if it was each time: the machine has moments of its own."""

LATE: Final = 0.05
"""Seconds of lateness, 99th percentile, at which there is too much load."""

CONNECTIONS: Final = 200
SECONDS: Final = 2.0
DELAY: Final = 0.1
STEPS: Final = 4
"""Halvings of the distance between too much and not too much."""

GROUPS: Final = Path("/sys/fs/cgroup")
PERIOD: Final = 10_000
"""Microseconds in which a share is granted; longer ones make lateness of their own."""


def pids_of(parent: int) -> list[int]:
    """Return the workers of a server, or the server itself if it has none."""
    threads = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(pid) for thread in threads for pid in thread.read_text().split()] or [parent]


@contextmanager
def confined(pids: list[int], share: float | None) -> Iterator[None]:
    """Let each process use so much of a core meanwhile; as it likes if there is no share."""
    if share is None:
        yield
        return
    folders = []
    old = (GROUPS / "cpu").is_dir()
    for pid in pids:
        folder = (GROUPS / "cpu" if old else GROUPS) / f"bench-{pid}"
        folder.mkdir()
        folders.append(folder)
        quota = int(share * PERIOD)
        if old:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (folder / "cpu.max").write_text(f"{quota} {PERIOD}")
        (folder / "cgroup.procs").write_text(str(pid))
    try:
        yield
    finally:
        for pid, folder in zip(pids, folders, strict=True):
            (folder.parent / "cgroup.procs").write_text(str(pid))
            folder.rmdir()


class Trial:
    """A server with so many workers, under load."""

    def __init__(self, load: Path, address: str, pids: list[int]) -> None:
        self._load = load
        self._address = address
        self._pids = pids
        self.told = ""

    def stands(self, rate: float) -> bool:
        """Return whether so many shouts a second, over all connections, are not too much."""
        return any(self._stands(rate) for _ in range(TRIES))

    def _stands(self, rate: float) -> bool:
        before = [cpu(pid) for pid in self._pids]
        load_before = os.times().children_user + os.times().children_system
        began = time.monotonic()
        done = subprocess.run(
            [
                *(str(self._load), "delayed", f"-address={self._address}", "-pid=0"),
                *(f"-conns={CONNECTIONS}", f"-rate={rate / CONNECTIONS}", f"-delay={DELAY}"),
                f"-seconds={SECONDS}",
            ],
            capture_output=True,
            text=True,
        )
        took = time.monotonic() - began
        spent = [cpu(pid) - earlier for pid, earlier in zip(self._pids, before, strict=True)]
        load = os.times().children_user + os.times().children_system - load_before
        answer = json.loads(done.stdout or '{"failed": "no answer"}')
        if "failed" in answer:
            return False
        figures = answer["figures"]
        if figures["p99"] > LATE:
            return False
        shares = " + ".join(f"{each / took:.2f}" for each in spent)
        self.told = (
            f"{rate:,.0f} shouts/s: lateness p50 {1000 * figures['p50']:.1f}, "
            f"p99 {1000 * figures['p99']:.1f} ms; cores used: workers {shares}, "
            f"load {load / took:.2f}; CPU per shout {1e6 * sum(spent) / rate / SECONDS:.0f} us"
        )
        return True


def most(trial: Trial) -> float:
    """Return the most shouts a second that it stands."""
    low, high = 0.0, 2_000.0
    while trial.stands(high):
        low, high = high, 2 * high
    for _ in range(STEPS):
        middle = (low + high) / 2
        if trial.stands(middle):
            low = middle
        else:
            high = middle
    return low


def main() -> None:
    """Print a line for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float)
    parser.add_argument("workers", type=int, nargs="*", default=[1, 2])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            load = build(Path(folder)).load
        except Failed as problem:
            parser.exit(1, f"{problem}\n")
        for count in asked.workers:
            port = free_port()
            command = reverb_command(port, DELAY, "--workers", str(count))
            with subprocess.Popen(command) as server:
                wait_until_listening(port, server)
                time.sleep(1)  # the other workers start
                pids = pids_of(server.pid)
                with confined(pids, asked.share):
                    trial = Trial(load, f"127.0.0.1:{port}", pids)
                    most(trial)
                    print(f"{count} workers, {trial.told}", flush=True)
                server.terminate()


if __name__ == "__main__":
    main()
