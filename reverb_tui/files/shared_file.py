"""Files that several clients write: in one piece, one client at a time, and in a thread.

A disk may hang, and nobody who types waits for it. Everything here is for the user alone: files
have the mode 0600, new directories 0700.
"""

import contextlib
import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from threading import Lock
from typing import Final, Literal

from reverb_server.net.daemon_thread import in_background

try:
    import fcntl
except ImportError:  # there is none on Windows
    fcntl = None  # type: ignore[assignment]

WITHOUT_WAITING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Flags to open a pipe even while nobody has its other end open."""

HANGS_AFTER: Final = 2.0
"""Seconds after which a write that has not returned counts as hanging."""

HANGS: Final = "the disk does not answer"


class Saver:
    """Calls ``save`` soon after each `wake`, once for several, until there is a ``problem``.

    Args:
        what: What is saved, as the beginning of a sentence that goes on with "not saved".
        file: Where it is saved; None saves nothing.
        save: Writes all that is to be saved to the file; raises OSError.
    """

    def __init__(self, what: str, file: Path | None, save: Callable[[Path], None]) -> None:
        self.problem = ""
        """Why nothing is saved any more, one sentence."""
        self._what, self._file = what, file
        self._save = save
        self._tell: Callable[[str], None] | None = None
        self._lock = Lock()
        self._wanted = False
        self._since = 0.0
        self._running: Future[None] | None = None
        if file is not None:
            tidy(file)

    def listen(self, tell: Callable[[str], None]) -> None:
        """Call ``tell`` with the problem, from any thread; at once if there is one already."""
        self._tell = tell
        if self.problem:
            tell(self.problem)

    def wake(self) -> None:
        """Save soon; never waits."""
        with self._lock:
            if self.problem or self._file is None:
                return
            self._wanted = True
            if self._running is None:
                self._since = time.monotonic()
                self._running = in_background(self._run)
                return
            hangs = time.monotonic() - self._since > HANGS_AFTER
        if hangs:
            self._give_up(HANGS)

    def attempt(self, access: Callable[[Path], None]) -> None:
        """Call ``access`` with the file, if there is one; give up saving if it raises OSError."""
        if self._file is not None:
            try:
                access(self._file)
            except OSError as error:
                self._give_up(error.strerror or error)

    def finish(self, seconds: float) -> bool:
        """Wait for at most so many seconds; return whether all is saved."""
        running = self._running
        if running is not None:
            wait([running], seconds)
            if not running.done():
                self._give_up(HANGS)
        return not self.problem

    def _give_up(self, reason: object) -> None:
        if not self.problem:
            self.problem = f"{self._what} not saved: {self._file}: {reason}"
            if self._tell is not None:
                self._tell(self.problem)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted or self.problem:
                    self._running = None
                    return
                self._wanted = False
                self._since = time.monotonic()
            self.attempt(self._save)


@contextlib.contextmanager
def locked(file: Path, how: Literal["shared", "alone"]) -> Iterator[bool]:
    """Lock ``file`` by a file beside it, without waiting; yield whether it is locked.

    Where there are no locks it counts as locked. Raises OSError if the lock can't be made.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(file.with_name(f"{file.name}.lock"), "ab", opener=regular) as held:
        yield lock(held.fileno(), how)


def lock(descriptor: int, how: Literal["shared", "alone"]) -> bool:
    """Lock an open file until it is closed, without waiting; return whether it is locked."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(
            descriptor, (fcntl.LOCK_SH if how == "shared" else fcntl.LOCK_EX) | fcntl.LOCK_NB
        )
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def regular(path: str, flags: int) -> int:
    """Open a regular file; a new one is for the user alone. An ``opener`` for ``open``.

    Raises OSError, for anything else too.
    """
    try:
        descriptor = os.open(path, flags | WITHOUT_WAITING, 0o600)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a pipe that nobody reads, or a socket
            raise _irregular(path) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _irregular(path)
    return descriptor


def _irregular(path: str) -> OSError:
    return OSError(errno.EINVAL, "this is no regular file", path)


def replace(file: Path, content: bytes) -> None:
    """Replace what is in ``file`` by ``content``: all or nothing. Raises OSError.

    Only while `locked` alone: what a client that was killed here left behind is written over, or
    taken away by `tidy`.
    """
    target = Path(os.path.realpath(file))  # the file that a link leads to, not the link
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    try:
        with open(new, "wb", opener=regular) as writing:
            writing.write(content)
        os.replace(new, target)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


def tidy(file: Path) -> None:
    """Remove what clients that were killed while writing ``file`` left behind."""
    with contextlib.suppress(OSError):
        target = Path(os.path.realpath(file))
        names = re.compile(rf"\.{re.escape(target.name)}\.(new|[a-z0-9_]{{8}})")
        left = [each for each in target.parent.iterdir() if names.fullmatch(each.name)]
        if left:
            with locked(file, "alone") as held:
                for each in left if held else ():
                    each.unlink()
