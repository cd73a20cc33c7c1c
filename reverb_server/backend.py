"""What the event loop beneath anyio does for less than anyio's form, which serves every loop.

Only what was measured to matter: every connection waits once for its end, and with an
`anyio.Event` on asyncio that costs it 1.3 KB of 6.5; and the time is asked for several times for
each line.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import anyio


class HasFileno(Protocol):
    """Something with a descriptor."""

    def fileno(self) -> int:
        """Return the descriptor."""
        ...


class Once(Protocol):
    """Something that happens once, and that one task waits for."""

    def set(self) -> None:
        """Let it happen; a second time is as good as none."""
        ...

    def wait(self) -> Awaitable[None]:
        """Wait until it has happened."""
        ...


class FutureOnce:
    """A bare future of asyncio; anyio's event is one around a queue around a future."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def set(self) -> None:
        """Let it happen; a second time is as good as none."""
        if not self._future.done():
            self._future.set_result(None)

    def wait(self) -> Awaitable[None]:
        """Wait until it has happened."""
        return self._future


def once() -> Callable[[], Once]:
    """Return what makes a `Once` in the event loop that runs."""
    return FutureOnce if _is_asyncio() else anyio.Event


async def whenever_readable(source: HasFileno, call: Callable[[], None]) -> None:
    """Call whenever there is something to read from ``source``, until cancelled.

    ``call`` reads some of it, and may not raise. A wait of anyio's on asyncio registers the
    descriptor and takes it out again each time, and wakes a task: half of the time that one line
    on one connection takes.
    """
    if not _is_asyncio():
        while True:
            await anyio.wait_readable(source)
            call()
    loop = asyncio.get_running_loop()
    loop.add_reader(source, call)
    try:
        await anyio.sleep_forever()
    finally:
        loop.remove_reader(source)


def loop_time() -> Callable[[], float]:
    """Return what tells the time of the event loop that runs, in seconds.

    `anyio.current_time` finds out each time who runs, for a microsecond or two.
    """
    return asyncio.get_running_loop().time if _is_asyncio() else anyio.current_time


def _is_asyncio() -> bool:
    return anyio.get_cancelled_exc_class() is asyncio.CancelledError
