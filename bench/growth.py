"""How cost grows with its load: ``python -m bench.growth [--most load] [--into folder]``.

Each curve measures what one unit costs (a shout, an echo, a byte, a line) under loads that grow
tenfold or so. If the cost of a unit grows, the whole grows faster than its load; the table says by
which power. Prints a table, and writes it as Markdown and a plot as SVG.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from matplotlib.figure import Figure

from bench.machine import cores, cpu, on_core
from bench.plots import COLOURS
from bench.programs import Failed, Load, build
from bench.report import human
from bench.servers import REVERB, reverb_command, serving
from bench.speaking import speaking
from bench.starting import BLOCK, LAST
from bench.terminal import PAINTED, Terminal

ROUNDS: Final = 3
TOLERATED: Final = 0.1
"""The power of the load by which a unit's cost may grow: what a noisy machine shows of nothing."""

DELAYS: Final = (12, 112, 1012)
"""Milliseconds, no multiples of the time between two shouts: their echoes do not leave together."""


@dataclass(frozen=True)
class Curve:
    """What one unit costs under each load; ``cost`` raises Failed."""

    title: str
    load: str
    unit: str
    loads: tuple[int, ...]
    cost: Callable[[int], float]


def curves(load: Load, core: int) -> list[Curve]:
    """Return all curves: of the server, then of the client."""

    def figure(
        measure: str, key: str, options: Callable[[int], dict[str, float]], *, server_delay: float
    ) -> Callable[[int], float]:
        def cost(size: int) -> float:
            given = options(size)
            delay = given.get("delay", server_delay)
            with serving(REVERB, reverb_command, delay, core) as server:
                return load(measure, server.address, server.pid, **given)[key]

        return cost

    def crowd(conns: int) -> dict[str, float]:
        return {"conns": conns, "shouts": max(10_000, 6 * conns), "burst": 5}

    def idle(conns: int) -> dict[str, float]:
        return {"from": conns // 2, "to": conns}

    def waiting(shouts: int) -> dict[str, float]:
        return {"from": shouts // 2, "to": shouts, "conns": min(1000, shouts // 20), "size": 8}

    def late(milliseconds: int) -> dict[str, float]:
        delay = milliseconds / 1000
        # So long that loud, normal and quiet echoes leave side by side for most of the time.
        return {"conns": 100, "rate": 20, "delay": delay, "seconds": 1 + 4 * delay}

    def lines(size: int) -> dict[str, float]:
        return {"conns": 10, "size": size, "shouts": max(100, 20_000_000 // size)}

    tenfold = (10, 100, 1000, 10_000)
    pending = (10_000, 100_000, 1_000_000, 10_000_000)
    flood = figure("throughput", "cpu", lines, server_delay=0)
    return [
        Curve("CPU per shout", "connections", "s", tenfold,
              figure("throughput", "cpu", crowd, server_delay=0)),
        Curve("memory of a connection", "idle connections", "B", (200, 1000, 10_000),
              figure("idle", "each", idle, server_delay=0)),
        Curve("memory of a shout", "pending shouts of 8 B", "B", pending,
              figure("pending", "each", waiting, server_delay=60)),
        Curve("CPU per echo", "delay, ms", "s", DELAYS,
              figure("delayed", "cpu", late, server_delay=0)),
        Curve("CPU per byte", "bytes of a line", "s", (16, 256, 4096, 65_000),
              lambda size: flood(size) / size),
        Curve("client: CPU per line", "lines in a flood, and in the log", "s",
              (10_000, 50_000, 200_000), _client_cpu),
    ]  # fmt: skip


def _client_cpu(lines: int) -> float:
    """Pour lines into the client's log; return its CPU seconds per line."""
    with speaking() as server:
        command = [sys.executable, "-m", "reverb_tui", "--host", "127.0.0.1"]
        command += ["--port", str(server.port), "--control", "off"]
        with Terminal(command, cores()[0]) as terminal:
            terminal.wait_for(PAINTED)
            before = cpu(terminal.pid)
            server.pour([*[BLOCK] * (lines // 1000), b"\t %s\n" % LAST])
            terminal.wait_for(LAST)
            return (cpu(terminal.pid) - before) / lines


def power(loads: list[int], costs: list[float]) -> float:
    """Return the power of the load with which a unit's cost grows, between the ends."""
    return math.log(costs[-1] / costs[0]) / math.log(loads[-1] / loads[0])


def measure(curve: Curve, core: int, most: int) -> tuple[list[int], list[float]]:
    """Measure a curve up to a load of ``most``; a load that fails is left out, with a sentence."""
    loads, costs = [], []
    for load in curve.loads:
        if load > most:
            print(f"{curve.title}: {load:,} left out, as asked", flush=True)
            continue
        try:
            with on_core(core):
                costs.append(median(curve.cost(load) for _ in range(ROUNDS)))
            loads.append(load)
        except Failed as problem:
            print(f"{curve.title}: no figure for {load:,}: {problem}", flush=True)
    return loads, costs


def row(curve: Curve, loads: list[int], costs: list[float]) -> str:
    """Return a row of the table."""
    shown = ", ".join(
        f"{load:,}: {human(cost, curve.unit)}" for load, cost in zip(loads, costs, strict=True)
    )
    if len(loads) < 2:
        return f"| {curve.title} | {curve.load} | {shown} | |"
    grown = power(loads, costs)
    mark = "✓" if grown <= TOLERATED else "✗"
    return f"| {curve.title} | {curve.load} | {shown} | {grown:+.2f} {mark} |"


def plot(found: list[tuple[Curve, list[int], list[float]]], into: Path) -> None:
    """Draw each curve as the cost of a unit against its load, both logarithmic."""
    figure = Figure(figsize=(10, 5.5), layout="constrained")
    axes = figure.subplots(2, math.ceil(len(found) / 2), squeeze=False).flat
    for (curve, loads, costs), ax in zip(found, axes, strict=False):
        ax.plot(loads, costs, "o-", color=COLOURS[0])
        ax.set(xscale="log", yscale="log", xlabel=curve.load)
        ax.set_ylim(min(costs, default=1) / 5, max(costs, default=1) * 5)
        ax.set_title(f"{curve.title}, {curve.unit}", fontsize=9)
        ax.grid(alpha=0.3)
    figure.suptitle("What one unit costs under a growing load")
    figure.savefig(into, metadata={"Date": None})


def main() -> None:
    """Measure, and write what was found."""
    parser = argparse.ArgumentParser(prog="bench.growth", description=__doc__)
    parser.add_argument("--most", type=int, default=10_000_000, help="the largest load")
    parser.add_argument("--into", type=Path, default=Path("build/bench"), help="where to write")
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    server_core, load_core = cores()
    with tempfile.TemporaryDirectory() as folder:
        try:
            programs = build(Path(folder))
        except Failed as problem:
            sys.exit(str(problem))
        load = Load(programs.load, load_core)
        found = [
            (curve, *measure(curve, server_core, arguments.most))
            for curve in curves(load, server_core)
        ]
    head = "| cost of a unit | load | figures | power of the load |\n| --- | --- | --- | --- |"
    text = "\n".join([head, *(row(*each) for each in found)])
    print(text)
    (arguments.into / "growth.md").write_text(text + "\n")
    plot(found, arguments.into / "growth.svg")


if __name__ == "__main__":
    main()
