"""Writing to a file in a thread of its own: a disk may be slow, or hang."""

import time
from collections.abc import Callable, Iterable
from io import FileIO
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from reverb_tui.stdio import write

CLOSE_WITHIN: Final = 5.0
"""Seconds that `close` waits for a disk at most."""

STUCK_AFTER: Final = 1.0
"""Seconds that it waits for a disk that takes nothing at all."""


class BackgroundWriter:
    """Writes to an open file, in order, in a thread that only `close` waits for.

    Args:
        file: Closed in the end.
        failed: Called in that thread, once, with the error after which nothing more is written.
    """

    def __init__(self, file: FileIO, failed: Callable[[OSError], object]) -> None:
        self._file = file
        self._failed = failed
        self._to_write: SimpleQueue[tuple[Iterable[bytes], int] | None] = SimpleQueue()
        self._counting = Lock()
        self._waiting = 0
        self._written = 0
        self._complete = True
        self._thread = Thread(target=self._run, name="background writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether what is added will be written."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """The weight of all that waits for the disk."""
        return self._waiting

    def add(self, parts: Iterable[bytes], weight: int = 0) -> None:
        """Write these parts, made in the thread, after all that came before; never waits."""
        with self._counting:
            self._waiting += weight
        self._to_write.put((parts, weight))

    def close(self) -> bool:
        """Write what waits, and close; return whether the disk took all of it.

        Waits for ``CLOSE_WITHIN`` at most, and not for a disk that is stuck.
        """
        self._to_write.put(None)
        until = time.monotonic() + CLOSE_WITHIN
        written = -1
        while self.alive and self._written > written and time.monotonic() < until:
            written = self._written
            self._thread.join(STUCK_AFTER)
        return self._complete and not self.alive

    def _run(self) -> None:
        try:
            with self._file:
                while (item := self._to_write.get()) is not None:
                    parts, weight = item
                    for data in parts:
                        write(self._file.fileno(), data)
                        self._written += 1
                    with self._counting:
                        self._waiting -= weight
        except OSError as error:
            self._complete = False
            self._failed(error)
