"""Files that several clients write: in one piece, and none while another does.

Everything here is for the user alone: files have the mode 0600, new directories 0700.
"""

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

try:
    import fcntl
except ImportError:  # there is none on Windows
    fcntl = None  # type: ignore[assignment]

WITHOUT_WAITING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Nobody need read or write at the other end of a pipe for us to go on."""


@contextlib.contextmanager
def locked(file: Path, how: Literal["shared", "alone"]) -> Iterator[bool]:
    """Hold the lock ``file``, and tell whether it is held: nobody waits for another client.

    Where there are no locks it counts as held. Raises OSError if the file can't be made.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(file, "ab", opener=regular) as held:
        yield lock(held.fileno(), how)


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


def lock(descriptor: int, how: Literal["shared", "alone"]) -> bool:
    """Lock an open file until it is closed; return whether that could be, without waiting."""
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


def replace(file: Path, content: bytes) -> None:
    """Put ``content`` in the place of what is in ``file``: all or nothing. Raises OSError.

    Only while the file's lock is held alone: what a client that was killed here left behind is
    written over, or taken away by `tidy`.
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


def tidy(file: Path, guard: Path) -> None:
    """Take away what clients that were killed while writing ``file`` left behind.

    ``guard`` is its lock.
    """
    with contextlib.suppress(OSError):
        target = Path(os.path.realpath(file))
        names = re.compile(rf"\.{re.escape(target.name)}\.(new|[a-z0-9_]{{8}})")
        left = [each for each in target.parent.iterdir() if names.fullmatch(each.name)]
        if left:
            with locked(guard, "alone") as held:
                for each in left if held else ():
                    each.unlink()
