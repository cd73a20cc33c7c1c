"""Measure the client in a real pseudo-terminal while a server floods it.

Prints lines absorbed a second, how long a key takes until it is seen, processor time and memory.

    python -m bench.client_flood
"""

import os
import statistics
import tempfile
import time
from itertools import cycle, islice

from tests.process.bare import Bare, Flooding, bare, done_after, flooding, seen_after

LINES = 10_000
BLOCK = b"".join(b"\t this is line %d of a flood\n" % number for number in range(LINES))
SLOW = 20_000
"""Bytes a second that a slow terminal takes."""

MILLION = 1_000_000


def line_count(server: Flooding) -> int:
    """Give the lines that were taken from a server, but for what lies in the kernel's buffers."""
    return server.sent * LINES // len(BLOCK)


def watch(client: Bare, seconds: float) -> None:
    """Take what the client draws for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        client.read()
        time.sleep(0.002)


def spread(times: list[float]) -> str:
    """Give times in words."""
    median, high, most = statistics.median(times), sorted(times)[len(times) * 9 // 10], max(times)
    return f"{median * 1000:.0f} ms (p90 {high * 1000:.0f} ms, at most {most * 1000:.0f} ms)"


def measure(speed: float | None, keys: int) -> None:
    """Print the figures for a terminal of a speed."""
    name = "a fast terminal" if speed is None else f"a terminal of {speed / 1000:g} KB/s"
    with flooding(BLOCK) as server, bare(*server.arguments, speed=speed) as client:
        client.until("lines/s")
        watch(client, 2)
        lines, processor, begin = line_count(server), client.processor, time.monotonic()
        watch(client, 4)
        took = time.monotonic() - begin
        rate, load = (line_count(server) - lines) / took, (client.processor - processor) / took
        done, seen = [], []
        for number in range(keys):
            done.append(done_after(client, server, f"word {number}"))
            watch(client, 0.037)
        for key in islice(cycle("XZJKWYVUGB"), keys):
            seen.append(seen_after(client, key))
            watch(client, 0.037)
        while line_count(server) < MILLION:
            watch(client, 0.1)
        memory = client.memory
        begin = time.monotonic()
        client.press(b"\x11")
        client.ended()
        quit_time = time.monotonic() - begin
    print(f"{name}:")
    print(f"  {rate:,.0f} lines/s absorbed, {load:.0%} of a processor")
    print(f"  a key has done its work after {spread(done)}")
    print(f"  a key is seen after {spread(seen)}")
    print(f"  after {line_count(server):,} lines: {memory / 2**20:.0f} MiB")
    print(f"  it quits within {quit_time * 1000:.0f} ms")


def timeline(shouts: int) -> None:
    """Print what the timeline costs while shouts are in the air."""
    for shown in (True, False):
        with bare("--delay", "30") as client:
            client.until("connected")
            if not shown:
                client.press(b"\x1bOQ")
            for number in range(shouts):
                client.press(b"shout %d\r" % number)
                client.read()
            watch(client, 2)
            before, begin = client.processor, time.monotonic()
            watch(client, 5)
            load = (client.processor - before) / (time.monotonic() - begin)
        print(f"{shouts} shouts in the air, timeline {'on' if shown else 'off'}: {load:.1%}")


def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)
        measure(None, 100)
        measure(SLOW, 40)
        timeline(3)
        timeline(200)


if __name__ == "__main__":
    main()
