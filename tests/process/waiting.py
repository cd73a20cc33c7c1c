"""Waiting for other processes, in real time."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Seen = TypeVar("Seen")

TIMEOUT = 40
"""Real seconds until something that is waited for is given up; no promise, so it may be long."""
TICK = 0.01
"""Seconds between two looks at a terminal."""


def wait_for(
    condition: Callable[[], Seen], shown: Callable[[], object], tick: float = TICK
) -> Seen:
    """Wait until the condition holds, and return what it sees.

    If it never does, say what is shown. Who waits in the condition itself needs no tick.
    """
    deadline = time.monotonic() + TIMEOUT
    while not (seen := condition()):
        assert time.monotonic() < deadline, f"it did not come:\n{shown()!r}"
        time.sleep(tick)
    return seen


def listens(path: Path) -> bool:
    """Look whether a server takes connections on a Unix socket: a path alone is no sign of it."""
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(str(path)) == 0
