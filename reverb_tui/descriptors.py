"""Standard input and output by their descriptors, without blocking the event loop.

A pipe, a socket or a terminal is waited for; neither is switched to non-blocking mode, which
would also switch it for the programs that share it. What can't be waited for (a file, /dev/null)
never blocks for long and is used at once. Where only sockets can be waited for (Windows), a
thread does it, which nobody waits for at exit.
"""

import contextlib
import os
import select
import stat
import sys
from typing import Final

import anyio
from anyio.lowlevel import checkpoint

from reverb_tui.connection.daemon import in_daemon_thread

READ_SIZE: Final = 65_536
"""Bytes asked for by one read."""

WITHOUT_BLOCKING: Final = getattr(select, "PIPE_BUF", 512)
"""Bytes that a pipe takes without blocking once it says that it is writable (POSIX)."""

THREADS: Final = sys.platform == "win32"


async def read(descriptor: int) -> bytes:
    """Return what can be read, at most READ_SIZE bytes; ``b""`` at the end. Raises OSError."""
    if THREADS:
        return await in_daemon_thread(lambda: os.read(descriptor, READ_SIZE))
    while True:
        if _can_be_waited_for(descriptor):
            await anyio.wait_readable(descriptor)
        else:
            await checkpoint()
        try:
            return os.read(descriptor, READ_SIZE)
        except BlockingIOError:  # somebody else read it, or had it non-blocking
            continue


async def write(descriptor: int, data: bytes) -> None:
    """Write all of ``data``. Raises OSError, which is BrokenPipeError if nobody reads any more."""
    if THREADS:
        return await in_daemon_thread(lambda: _write_blocking(descriptor, data))
    if not _can_be_waited_for(descriptor):
        _write_blocking(descriptor, data)
        return await checkpoint()
    rest = memoryview(data)
    while rest:
        await anyio.wait_writable(descriptor)
        with contextlib.suppress(BlockingIOError):
            rest = rest[os.write(descriptor, rest[:WITHOUT_BLOCKING]) :]
    return None


def _write_blocking(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _can_be_waited_for(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
