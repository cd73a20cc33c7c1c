"""What Reverb's commands cost to start, and what the client bears, each in a process of its own."""

import os
import subprocess
import sys
import time
from statistics import median
from typing import Final

from bench.machine import cores, cpu, on_core
from bench.programs import Failed
from bench.servers import (
    TRIO,
    Subject,
    free_port,
    reverb_command,
    started,
    wait_until_listening,
)
from bench.speaking import speaking
from bench.terminal import PAINTED, Terminal

BARE: Final = "bare anyio.run"
TUI: Final = "reverb-tui"

LINES: Final = 200_000
BLOCK: Final = b"".join(b"\t Is there anybody there? %d\n" % number for number in range(1000))
LAST: Final = b"that was the last line"
KEYS: Final = [chr(0x410 + number) for number in range(32)]
"""Cyrillic, so that they are nowhere else on the screen, and each is seen when it is painted."""
CALM_KEYS: Final = 6
"""How many of them are typed before the flood."""
BETWEEN_KEYS: Final = 0.02
"""Seconds from the paint of a key to the next key."""


def until_listening(subject: Subject) -> dict[str, float]:
    """Start a server and stop it when it listens; or let anyio run what does nothing."""
    if subject.name == BARE:
        return _run([sys.executable, "-c", "import anyio; anyio.run(anyio.sleep, 0)"])
    port = free_port()
    backend = ("--backend", "trio") if subject.name == TRIO else ()
    began = time.monotonic()
    with started(reverb_command(port, 0.0, *backend), cores()[0]) as process:
        wait_until_listening(port, process)
        return {"cpu": cpu(process.pid), "wall": time.monotonic() - began}


def help_page(_: Subject) -> dict[str, float]:
    return _run([sys.executable, "-m", "reverb_server", "--help"])


def _run(command: list[str]) -> dict[str, float]:
    began = time.monotonic()
    with on_core(cores()[0]):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{command[-1]} ended with status {process.returncode}")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - began}


def first_paint(_: Subject) -> dict[str, float]:
    """Start the client, with its own server, until the first row of its screen is there."""
    began = time.monotonic()
    with Terminal([sys.executable, "-m", "reverb_tui"], cores()[0]) as terminal:
        painted = terminal.wait_for(PAINTED)
        return {"cpu": cpu(terminal.pid), "wall": painted - began}


def flooded(_: Subject) -> dict[str, float]:
    """Pour lines into the client, and type meanwhile."""
    with speaking() as server:
        command = [sys.executable, "-m", "reverb_tui", "--host", "127.0.0.1"]
        command += ["--port", str(server.port), "--control", "off"]
        with Terminal(command, cores()[0]) as terminal:
            terminal.wait_for(PAINTED)
            calm = [_type(terminal, key) for key in KEYS[:CALM_KEYS]]
            began = time.monotonic()
            server.pour([*[BLOCK] * (LINES // 1000), b"\t %s\n" % LAST])
            delays = []
            for key in KEYS[CALM_KEYS:]:
                delays.append(_type(terminal, key))
                if terminal.has_shown(LAST):
                    break
            ended = terminal.wait_for(LAST)
    return {
        "lines": LINES / (ended - began),
        "key_p50": median(delays),
        "key_max": max(delays),
        "calm": median(calm),
    }


def _type(terminal: Terminal, key: str) -> float:
    """Type a key, and return the seconds until it is painted."""
    time.sleep(BETWEEN_KEYS)
    typed = time.monotonic()
    terminal.write(key.encode())
    return terminal.wait_for(key.encode()) - typed
