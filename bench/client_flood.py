"""Measure the client in a real pseudo-terminal while a server floods it.

Prints lines absorbed a second, how long a key takes until it is seen, processor time and memory.

    python -m bench.client_flood
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice, repeat

from bench.machine import cpu, memory
from bench.programs import Failed
from bench.speaking import Speaker, speaking
from bench.terminal import GIVE_UP_AFTER, Terminal

LINES = 10_000
BLOCK = b"".join(b"\t this is line %d of a flood\n" % number for number in range(LINES))
SIZE = (100, 24)
SLOW = 20_000
"""Bytes a second that a slow terminal takes."""

BETWEEN_KEYS = 0.037
"""Seconds between two keys."""

MILLION = 1_000_000


def line_count(server: Speaker) -> int:
    """Return the lines that were taken from a server."""
    return server.sent * LINES // len(BLOCK)


def spread(times: list[float]) -> str:
    """Return the median, the 90th and 99th percentile and the maximum, in words."""
    times = sorted(times)
    parts = (statistics.median(times), *(times[len(times) * p // 100] for p in (90, 99)), times[-1])
    median, high, higher, most = (f"{part * 1000:.0f} ms" for part in parts)
    return f"{median} (p90 {high}, p99 {higher}, at most {most})"


@contextmanager
def client(*arguments: str, speed: float | None = None, answers: bool = True) -> Iterator[Terminal]:
    """Run a client that knows nothing of any other."""
    command = [sys.executable, "-m", "reverb_tui", *arguments]
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)
        with Terminal(command, None, size=SIZE, speed=speed, answers=answers) as terminal:
            yield terminal


def seen_after(terminal: Terminal, key: str) -> float:
    """Press a key that is nowhere on the screen; return the seconds until it is painted."""
    since, began = terminal.painted, time.monotonic()
    terminal.write(key.encode())
    return terminal.wait_for(key.encode(), since) - began


def done_after(terminal: Terminal, server: Speaker, word: str) -> float:
    """Shout a word; return the seconds until the server has heard it.

    However slow the terminal is, a key has done its work by then.
    """
    began = time.monotonic()
    terminal.write(f"{word}\r".encode())
    while f"{word}\n".encode() not in server.heard:
        if time.monotonic() > began + GIVE_UP_AFTER:
            raise Failed(f"{word!r} was not heard within {GIVE_UP_AFTER:g} seconds")
        time.sleep(0.001)
    return time.monotonic() - began


def measure(name: str, speed: float | None, keys: int, *, answers: bool = True) -> None:
    """Print the figures for a terminal of a speed."""
    with (
        speaking() as server,
        client("127.0.0.1", str(server.port), speed=speed, answers=answers) as terminal,
    ):
        server.pour(repeat(BLOCK))
        terminal.wait_for(b"lines/s")
        time.sleep(2)
        lines, processor, begin = line_count(server), cpu(terminal.pid), time.monotonic()
        time.sleep(4)
        took = time.monotonic() - begin
        rate, load = (line_count(server) - lines) / took, (cpu(terminal.pid) - processor) / took
        done, seen = [], []
        for number in range(keys):
            done.append(done_after(terminal, server, f"word {number}"))
            time.sleep(BETWEEN_KEYS)
        for key in islice(cycle("XZJKWYVUGB"), keys):
            seen.append(seen_after(terminal, key))
            time.sleep(BETWEEN_KEYS)
        while line_count(server) < MILLION:
            time.sleep(0.1)
        has = memory(terminal.pid)
        begin = time.monotonic()
        terminal.write(b"\x11")
        terminal.wait_for_end()
        quit_time = time.monotonic() - begin
    print(f"{name}:")
    print(f"  {rate:,.0f} lines/s absorbed, {load:.0%} of a processor")
    print(f"  a key has done its work after {spread(done)}")
    print(f"  a key is seen after {spread(seen)}")
    print(f"  after {line_count(server):,} lines: {has / 2**20:.0f} MiB")
    print(f"  it quits within {quit_time * 1000:.0f} ms")


def idle(seconds: float = 5) -> None:
    """Print what a client costs that does nothing."""
    with client() as terminal:
        terminal.wait_for(b"connected")
        time.sleep(2)
        processor, painted = cpu(terminal.pid), terminal.painted
        time.sleep(seconds)
        load = (cpu(terminal.pid) - processor) / seconds
        rate = (terminal.painted - painted) / seconds
        print(f"idle: {rate:,.0f} bytes/s, {load:.1%} of a processor")


def main() -> None:
    measure("a fast terminal", None, 200)
    measure(f"a terminal of {SLOW / 1000:g} KB/s", SLOW, 100)
    measure("the same, but it answers nothing", SLOW, 20, answers=False)
    idle()


if __name__ == "__main__":
    main()
