"""The start of a program."""

import signal
from collections.abc import Awaitable, Callable

import anyio


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run a program; Ctrl-C ends it at once and without a traceback, as in Go."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(main)
