"""Measure the client in a real pseudo-terminal while a server floods it.

Prints lines absorbed a second, how long a key takes until it is seen, processor time and memory.

    python -m bench.client_flood
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice

from tests.process.bare import Bare, bare, done_after, seen_after
from tests.process.flooding import Flooding, flooding

LINES = 10_000
BLOCK = b"".join(b"\t this is line %d of a flood\n" % number for number in range(LINES))
SLOW = 20_000
"""Bytes a second that a slow terminal takes."""

MILLION = 1_000_000


def line_count(server: Flooding) -> int:
    """Give the lines that were taken from a server, but for what lies in the kernel's buffers."""
    return server.sent * LINES // len(BLOCK)


def watch(tui: Bare, seconds: float) -> None:
    """Take what the client draws for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        tui.read()
        time.sleep(0.002)


def spread(times: list[float]) -> str:
    """Give times in words."""
    times = sorted(times)
    parts = (statistics.median(times), *(times[len(times) * p // 100] for p in (90, 99)), times[-1])
    median, high, higher, most = (f"{part * 1000:.0f} ms" for part in parts)
    return f"{median} (p90 {high}, p99 {higher}, at most {most})"


@contextmanager
def client(*arguments: str, speed: float | None = None, answers: bool = True) -> Iterator[Bare]:
    """Run a client that knows nothing of any other."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)
        with bare(*arguments, speed=speed, answers=answers) as running:
            yield running


def measure(name: str, speed: float | None, keys: int, *, answers: bool = True) -> None:
    """Print the figures for a terminal of a speed."""
    with flooding(BLOCK) as server, client(*server.arguments, speed=speed, answers=answers) as tui:
        tui.until("lines/s")
        watch(tui, 2)
        lines, processor, begin = line_count(server), tui.processor, time.monotonic()
        watch(tui, 4)
        took = time.monotonic() - begin
        rate, load = (line_count(server) - lines) / took, (tui.processor - processor) / took
        done, seen = [], []
        for number in range(keys):
            done.append(done_after(tui, server, f"word {number}"))
            watch(tui, 0.037)
        for key in islice(cycle("XZJKWYVUGB"), keys):
            seen.append(seen_after(tui, key))
            watch(tui, 0.037)
        while line_count(server) < MILLION:
            watch(tui, 0.1)
        memory = tui.memory
        begin = time.monotonic()
        tui.press(b"\x11")
        tui.ended()
        quit_time = time.monotonic() - begin
    print(f"{name}:")
    print(f"  {rate:,.0f} lines/s absorbed, {load:.0%} of a processor")
    print(f"  a key has done its work after {spread(done)}")
    print(f"  a key is seen after {spread(seen)}")
    print(f"  after {line_count(server):,} lines: {memory / 2**20:.0f} MiB")
    print(f"  it quits within {quit_time * 1000:.0f} ms")


def idle(seconds: float = 5) -> None:
    """Print what a client costs that does nothing."""
    with client() as tui:
        tui.until("connected")
        watch(tui, 2)
        processor, sent = tui.processor, len(tui.sent)
        watch(tui, seconds)
        load = (tui.processor - processor) / seconds
        print(f"idle: {(len(tui.sent) - sent) / seconds:,.0f} bytes/s, {load:.1%} of a processor")


def main() -> None:
    """Measure everything."""
    measure("a fast terminal", None, 200)
    measure(f"a terminal of {SLOW / 1000:g} KB/s", SLOW, 100)
    measure("the same, but it answers nothing", SLOW, 20, answers=False)
    idle()


if __name__ == "__main__":
    main()
