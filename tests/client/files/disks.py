"""Disks that take no more."""

import errno
import os
from collections.abc import Callable


def full(before: int) -> Callable[[int, bytes], int]:
    """Writing to a disk that takes so many bytes more."""
    room = [before]
    write = os.write

    def attempt(file: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(file, bytes(data)[: room[0]])
        room[0] -= done
        return done

    return attempt
