"""The log of a command, on standard error, which nobody has to read.

Whoever logs never waits: a thread writes, and what it can't write fast enough is counted, not
kept. Standard error may be a full pipe, a terminal after Ctrl-S, or closed.
"""

import contextlib
import logging
import os
import select
import sys
import time
from collections.abc import Iterator
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from reverb_server.log_lines import LogFormat, formatter

QUEUE_LENGTH: Final = 2048
"""Lines that wait to be written at the most; 1 KB each."""

LAST_LINES: Final = 5.0
"""Seconds that the end of a command waits at most for the last lines to be written."""

STUCK: Final = 1.0
"""Seconds that it waits for a standard error that takes nothing at all."""

STANDARD_ERROR: Final = 2


class Front(QueueHandler):
    """Takes what is logged, and counts what there is no room for."""

    queue: "SimpleQueue[logging.LogRecord]"

    def __init__(self) -> None:
        super().__init__(SimpleQueue())
        self._counting = Lock()
        self._left_out = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queue a line, or drop it and all that follow until the loss has been reported."""
        with self._counting:
            if self._left_out or self.queue.qsize() >= QUEUE_LENGTH:
                self._left_out += 1
            else:
                self.queue.put(record)

    def take_left_out(self) -> int:
        """Return how many lines were left out since the last time; 0 while older ones wait."""
        with self._counting:
            left_out = self._left_out if self.queue.empty() else 0
            self._left_out -= left_out
            return left_out


class Writer(QueueListener):
    """Writes what waits to standard error, however long that takes, in a thread of its own."""

    def __init__(self, front: Front, lines: logging.Formatter) -> None:
        super().__init__(front.queue)
        self._front = front
        self._lines = lines

    def handle(self, record: logging.LogRecord) -> None:
        """Write a line, and after the last one that waited how many were left out."""
        self._write(record)
        self.tell_left_out()

    def tell_left_out(self) -> None:
        """Report how many lines were dropped, if any."""
        if left_out := self._front.take_left_out():
            line = f"{left_out} log lines were left out: standard error took none"
            self._write(logging.makeLogRecord({"msg": line, "levelname": "WARNING"}))

    def _write(self, record: logging.LogRecord) -> None:
        # Not by way of sys.stderr, whose lock a write that never ends would keep: the interpreter
        # aborts at its exit if it can't have that.
        rest = f"{self._lines.format(record)}\n".encode(errors="backslashreplace")
        with contextlib.suppress(OSError):  # nobody will ever read it
            while rest:
                try:
                    rest = rest[os.write(STANDARD_ERROR, rest) :]
                except BlockingIOError:  # another program has switched it to non-blocking
                    select.select([], [STANDARD_ERROR], [])


@contextlib.contextmanager
def logging_to_stderr(
    name: str, level: str, form: LogFormat = "text", *, with_time: bool = False
) -> Iterator[None]:
    """Log to standard error while the block runs, each line of text prefixed with ``name``.

    The last lines are written after it, for LAST_LINES at most, and not to who takes none.
    """
    if sys.stderr is None:  # closed, so that its descriptor is another file's by now
        logging.basicConfig(handlers=[logging.NullHandler()])
        yield
        return
    front = Front()
    writer = Writer(front, formatter(form, name, time=with_time))
    logging.basicConfig(format="%(message)s", handlers=[front], level=level)
    writer.start()
    try:
        yield
    finally:

        def finish() -> None:
            writer.stop()
            writer.tell_left_out()

        # `stop` may wait for the writer forever, so another thread has to call it.
        finishing = Thread(target=finish, daemon=True)
        finishing.start()
        until = time.monotonic() + LAST_LINES
        waiting = -1
        while finishing.is_alive() and waiting != front.queue.qsize() and time.monotonic() < until:
            waiting = front.queue.qsize()
            finishing.join(STUCK)
