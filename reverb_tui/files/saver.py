"""Saving in a thread of its own: a disk may hang, and nobody who types waits for it."""

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from threading import Lock
from typing import Final

from reverb_server.net.daemon_thread import in_background

HANGS_AFTER: Final = 2.0
"""Seconds after which a disk is taken for one that hangs."""

HANGS: Final = "the disk does not answer"


class Saver:
    """Calls ``save`` soon after each `wake`, once for several, until there is a ``problem``.

    Args:
        what: What is saved, as the beginning of a sentence that goes on with "not saved".
        file: Where it is saved.
        save: Writes all that is to be saved; raises OSError.
    """

    def __init__(self, what: str, file: Path | None, save: Callable[[], None]) -> None:
        self.problem = ""
        """Why nothing is saved any more, one sentence."""
        self._what, self._file = what, file
        self._save = save
        self._tell: Callable[[str], None] | None = None
        self._lock = Lock()
        self._wanted = False
        self._since = 0.0
        self._running: Future[None] | None = None

    def listen(self, tell: Callable[[str], None]) -> None:
        """Call ``tell`` with the problem, in any thread: with one that came before, at once."""
        self._tell = tell
        if self.problem:
            tell(self.problem)

    def wake(self) -> None:
        """Save soon; never waits."""
        with self._lock:
            if self.problem:
                return
            self._wanted = True
            if self._running is None:
                self._since = time.monotonic()
                self._running = in_background(self._run)
                return
            hangs = time.monotonic() - self._since > HANGS_AFTER
        if hangs:
            self.give_up(HANGS)

    def give_up(self, reason: object) -> None:
        """Save nothing any more, and say why."""
        if not self.problem:
            self.problem = f"{self._what} not saved: {self._file}: {reason}"
            if self._tell is not None:
                self._tell(self.problem)

    def finish(self, seconds: float) -> bool:
        """Wait until all is saved, for so many seconds; return whether it is."""
        running = self._running
        if running is not None:
            wait([running], seconds)
            if not running.done():
                self.give_up(HANGS)
        return not self.problem

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted or self.problem:
                    self._running = None
                    return
                self._wanted = False
                self._since = time.monotonic()
            try:
                self._save()
            except OSError as error:
                self.give_up(error.strerror or error)
