"""Waiting for other processes, in real time."""

import time
from collections.abc import Callable

TIMEOUT = 20
"""Real seconds until something that is waited for is given up."""
TICK = 0.01
"""Seconds between two looks at a terminal."""


def wait_for(condition: Callable[[], object], shown: Callable[[], object]) -> None:
    """Wait until the condition holds; say what is shown if it never does."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, f"it did not come:\n{shown()!r}"
        time.sleep(TICK)
