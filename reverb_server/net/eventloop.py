"""asyncio fast paths for four anyio primitives; every other loop gets anyio's own.

Only what was measured to matter, and each with a form that serves every loop: every connection
waits once for its end, and with an `anyio.Event` on asyncio that costs it 1.3 KB of 6.5; the time
is asked for several times for each line; and waking a task for what a callback can do takes as
long as doing it.
"""

import asyncio
import contextvars
import math
from collections.abc import Awaitable, Callable, Coroutine
from importlib.util import find_spec
from typing import Any, Protocol

import anyio

from reverb_server.errors import ReverbError


class HasFileno(Protocol):
    """Something with a descriptor."""

    def fileno(self) -> int:
        """Return the descriptor."""
        ...


class OneShot(Protocol):
    """Something that happens once, and that one task waits for."""

    def set(self) -> None:
        """Set it; setting it again does nothing."""
        ...

    def wait(self) -> Awaitable[None]:
        """Wait until it has happened."""
        ...


class _FutureOneShot(asyncio.Future[None]):
    """A bare future of asyncio; anyio's event is one around a queue around a future."""

    __slots__ = ()

    def set(self) -> None:
        if not self.done():
            self.set_result(None)

    def wait(self) -> Awaitable[None]:
        return self


class NoBackend(ReverbError, ValueError):
    """The backend does not exist, or is not installed."""


def require_backend(name: str) -> None:
    """Raise NoBackend if the backend is unknown, or not installed and how to get it."""
    if name not in ("asyncio", "trio"):
        raise NoBackend(f"backend {name!r} is unknown: choose asyncio or trio")
    if not find_spec(name):
        raise NoBackend(f"{name} is not installed: pip install 'reverb-echo[{name}]'")


def one_shot() -> Callable[[], OneShot]:
    """Return what makes a `OneShot` in the event loop that runs."""
    return _FutureOneShot if _is_asyncio() else anyio.Event


def call_soon() -> Callable[[Callable[[], object]], object]:
    """Return what makes a call in the event loop that runs now, from another thread.

    It raises RuntimeError once that has ended. Nothing is imported for it by then: a process that
    is out of descriptors could not.
    """
    if _is_asyncio():
        return asyncio.get_running_loop().call_soon_threadsafe
    import trio

    return trio.lowlevel.current_trio_token().run_sync_soon


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
    _callback_context().run(loop.add_reader, source, call)
    try:
        await anyio.sleep_forever()
    finally:
        loop.remove_reader(source)


class Timer(Protocol):
    """Calls at an instant, which may be moved before; the call sets the next one."""

    instant: float
    """When it calls next, in seconds; infinity if never, minus infinity while it calls."""

    def at(self, instant: float) -> None:
        """Call at ``instant``, at once if that is over."""
        ...

    async def run(self) -> None:
        """Call at each instant, until cancelled."""
        ...


class _LoopTimer:
    """A timer of asyncio: it wakes no task."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.instant = math.inf
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._context = _callback_context()
        self._timer: asyncio.TimerHandle | None = None

    def at(self, instant: float) -> None:
        self.instant = instant
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if instant < math.inf:
            self._timer = self._loop.call_at(instant, self._wake, context=self._context)

    async def run(self) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            self.at(math.inf)

    def _wake(self) -> None:
        self.instant, self._timer = -math.inf, None
        self._call()


class _TaskTimer:
    """A task that sleeps."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.instant = math.inf
        self._call = call
        self._nap: anyio.CancelScope | None = None

    def at(self, instant: float) -> None:
        if self._nap is not None and instant < self.instant:
            self._nap.cancel()
        self.instant = instant

    async def run(self) -> None:
        while True:
            # A deadline of the scope would do, for the price of a cancellation at each instant.
            with anyio.CancelScope() as self._nap:
                await anyio.sleep(max(0.0, self.instant - anyio.current_time()))
            if not self._nap.cancelled_caught:
                self._nap, self.instant = None, -math.inf
                self._call()


def timer(call: Callable[[], None]) -> Timer:
    """Make what calls at an instant in the event loop that runs; ``call`` may not raise."""
    return _LoopTimer(call) if _is_asyncio() else _TaskTimer(call)


def loop_time() -> Callable[[], float]:
    """Return what tells the time of the event loop that runs, in seconds.

    `anyio.current_time` finds out each time who runs, for a microsecond or two.
    """
    return asyncio.get_running_loop().time if _is_asyncio() else anyio.current_time


def start_task(run: Callable[[], Coroutine[Any, Any, None]], ended: Callable[[], None]) -> object:
    """Start a task that belongs to no task group; keep the result for as long as it runs.

    ``run`` may raise nothing but what cancels it: on trio that would end everything. ``ended`` is
    called once it has ended, even if asyncio cancelled it before it ran.
    """
    if _is_asyncio():
        task = asyncio.get_running_loop().create_task(run())
        task.add_done_callback(lambda _: ended())
        return task
    import trio

    async def run_to_end() -> None:
        try:
            await run()
        finally:
            ended()

    return trio.lowlevel.spawn_system_task(run_to_end, context=contextvars.copy_context())


class Interruption(Protocol):
    """A way to wake the task that made it, wherever that waits, with a cancellation."""

    def call(self) -> None:
        """Interrupt the task, if it has not ended."""
        ...

    def settle(self) -> bool:
        """Undo it, and tell whether it alone has cancelled the task that runs now."""
        ...


class _TaskInterruption:
    """As `asyncio.timeout` does it."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._before = self._task.cancelling() if self._task else 0
        self._called = False

    def call(self) -> None:
        self._called = self._task is not None and self._task.cancel()

    def settle(self) -> bool:
        called, self._called = self._called, False
        if not called or self._task is None or self._task is not asyncio.current_task():
            return False
        return self._task.uncancel() <= self._before


class _NoInterruption:
    """On trio a task is cancelled by a scope alone, which must end in the task that began it."""

    def call(self) -> None:
        pass

    def settle(self) -> bool:
        return False


def interruption() -> Interruption:
    """Make what interrupts the task that runs now."""
    return _TaskInterruption() if _is_asyncio() else _NoInterruption()


def _callback_context() -> contextvars.Context:
    """Return a context for callbacks of asyncio, in which anyio can start a task.

    anyio asks sniffio, where that is installed, which loop runs. Unless sniffio was told, it looks
    for the current task, and a callback has none. `anyio.run` tells it, `asyncio.run` does not.
    """
    context = contextvars.copy_context()
    if find_spec("sniffio"):
        from sniffio import current_async_library_cvar

        context.run(current_async_library_cvar.set, "asyncio")
    return context


def _is_asyncio() -> bool:
    return anyio.get_cancelled_exc_class() is asyncio.CancelledError
