"""A context manager that is entered and left in a task of its own.

A task group must end in the task that began it, and what is around a ``yield`` need not: fixtures
of pytest-asyncio, `unittest.IsolatedAsyncioTestCase` and the cells of a notebook enter a block in
one task, and leave it in another.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Generic, TypeVar

import anyio

from reverb_server.net.eventloop import interruption, start_task

Entered = TypeVar("Entered")


class Host(Generic[Entered]):
    """Runs a context manager from its begin to its end; `run` is the task."""

    def __init__(self, block: AbstractAsyncContextManager[Entered]) -> None:
        self.failure: BaseException | None = None
        """An error of the context manager itself, not of its caller."""
        self._block = block
        self._values: list[Entered] = []
        self._interruption = interruption()
        self._scope = anyio.CancelScope()
        self._began, self._left, self._ended = anyio.Event(), anyio.Event(), anyio.Event()

    async def run(self) -> None:
        """Enter, wait for `leave`, and leave."""
        try:
            with self._scope:
                async with self._block as value:
                    self._values.append(value)
                    self._began.set()
                    await self._left.wait()
        except anyio.get_cancelled_exc_class():  # by the loop, which ends everything
            raise
        except BaseException as failure:
            self.failure = failure
            if self._values and not self._left.is_set():
                self._interruption.call()

    def has_ended(self) -> None:
        """Wake who waits; called when the task has ended, or was cancelled before it began."""
        self._began.set()
        self._ended.set()

    async def enter(self) -> Entered:
        """Wait until it is entered, and return what it gives. Raises what it raises."""
        await self._began.wait()
        if not self._values:
            raise self.failure or anyio.get_cancelled_exc_class()
        return self._values[0]

    async def leave(self) -> None:
        """Leave it as after a block that ended without an error, and wait until it has ended."""
        self._left.set()
        await self._ended.wait()

    async def cancel(self) -> None:
        """End it at once, and wait until it has ended, whatever cancels the wait."""
        self._left.set()
        self._scope.cancel()
        cancelled: BaseException | None = None
        with anyio.CancelScope(shield=True):
            while not self._ended.is_set():
                try:
                    await self._ended.wait()
                except anyio.get_cancelled_exc_class() as again:  # of asyncio, which has no shield
                    cancelled = again
        if cancelled is not None:
            raise cancelled

    def settle(self) -> bool:
        """Return whether only the failure cancelled the current task, and undo that."""
        return self._interruption.settle()


@asynccontextmanager
async def detached(block: AbstractAsyncContextManager[Entered]) -> AsyncIterator[Entered]:
    """Run ``block`` in a task of its own, so that it may be left in another task than this one.

    What the block raises comes out as it is, and cancels ``block``; what ``block`` raises comes
    out as well. On asyncio that interrupts the task that entered; on trio, where only the task
    that began a cancel scope can end it, it comes out when the block is left.
    """
    host = Host(block)
    task = start_task(host.run, host.has_ended)
    try:
        yield await host.enter()
        await host.leave()
    except BaseException as error:
        await host.cancel()
        interrupted = host.settle()
        if host.failure is None or host.failure is error:
            raise
        if isinstance(error, anyio.get_cancelled_exc_class()) and not interrupted:
            raise
    finally:
        del task
    host.settle()
    if host.failure is not None:
        raise host.failure
