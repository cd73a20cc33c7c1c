"""Files that several clients write: in one piece, and none while another does.

Everything here is for the user alone: files have the mode 0600, new directories 0700.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

try:
    import fcntl
except ImportError:  # there is none on Windows
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def locked(file: Path, how: Literal["shared", "alone"]) -> Iterator[bool]:
    """Hold the lock ``file``, and tell whether it is held: nobody waits for another client.

    Where there are no locks it counts as held. Raises OSError if the file can't be made.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(file, "ab", opener=private) as held:
        yield _lock(held.fileno(), how)


def private(path: str, flags: int) -> int:
    """Open a file; a new one is for the user alone. An ``opener`` for ``open``."""
    return os.open(path, flags, 0o600)


def _lock(descriptor: int, how: Literal["shared", "alone"]) -> bool:
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
    """Put ``content`` in the place of what is in ``file``: all or nothing. Raises OSError."""
    target = Path(os.path.realpath(file))  # the file that a link leads to, not the link
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(descriptor, "wb") as new:
            new.write(content)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
