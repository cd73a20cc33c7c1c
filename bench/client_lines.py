"""Measure when a line is seen: from the instant the server sends it until the terminal has it.

The terminal takes everything at once. In each start a line comes every second or so, while someone
types: some lines answer what was typed, the others come unasked. Then the same for minutes on end.

    python -m bench.client_lines [--starts 200] [--minutes 10]
"""

import argparse
import os
import random
import string
import sys
import tempfile
import threading
import time
from typing import Final

from bench.client_flood import spread
from bench.machine import cores
from bench.speaking import speaking
from bench.terminal import PAINTED, Terminal

LINES: Final = 5
"""Lines that come in each start."""
BETWEEN: Final = (0.2, 1.8)
"""Seconds between two of them."""
KEYS: Final = (0.03, 0.25)
"""Seconds between two keys."""
WORD: Final = 8
"""Keys before Enter."""
PROMISED: Final = 0.1
"""Seconds within which a line is promised to be seen."""
RANDOM: Final = random.Random(8)


def conversation(seconds: float | None) -> list[float]:
    """Start a client, type, and let lines come; return how long each took to be seen.

    It ends after so many seconds, or after a handful of lines.
    """
    times: list[float] = []
    with speaking() as server, tempfile.TemporaryDirectory() as home:
        os.environ.update(XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)
        command = [sys.executable, "-m", "reverb_tui", "--host", "127.0.0.1"]
        command += ["--port", str(server.port), "--control", "off"]
        with Terminal(command, cores()[0]) as terminal:
            terminal.wait_for(PAINTED)
            server.connected.wait(20)
            begin = time.monotonic()
            typing = threading.Event()
            thread = threading.Thread(target=_type, args=[terminal, typing], daemon=True)
            thread.start()
            while len(times) < LINES if seconds is None else time.monotonic() < begin + seconds:
                token = "".join(RANDOM.choices(string.ascii_letters, k=12))
                sent = server.say(b"\t %s\n" % token.encode())
                times.append(terminal.wait_for(token.encode()) - sent)
                time.sleep(RANDOM.uniform(*BETWEEN))
            typing.set()
            thread.join()
    return times


def _type(terminal: Terminal, over: threading.Event) -> None:
    """Type words, with Enter after each, until it is over."""
    number = 0
    while not over.wait(RANDOM.uniform(*KEYS)):
        number += 1
        terminal.write(b"\r" if number % WORD == 0 else RANDOM.choice("aeiou").encode())


def report(name: str, times: list[float]) -> None:
    late = sum(seconds > PROMISED for seconds in times)
    print(f"{name}: a line is seen after {spread(times)}")
    print(f"  {late} of {len(times)} lines after more than {PROMISED:g} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    times = []
    for _ in range(options.starts):
        times += conversation(None)
    if times:
        report(f"{options.starts} starts", times)
    if options.minutes:
        report(f"{options.minutes:g} minutes of typing", conversation(60 * options.minutes))


if __name__ == "__main__":
    main()
