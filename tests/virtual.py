"""Virtual time for tests with real sockets, on every backend.

A test module says that it runs in virtual time by taking this module's fixture for its own::

    from tests.virtual import anyio_backend as anyio_backend

Then ``anyio.current_time()`` stands still while anything happens, and jumps to the next deadline
when nothing does: a delay of an hour costs a few milliseconds, and instants can be compared with
``==``. Time that passes in another process is not seen, nor in a thread that is not the loop's own.
"""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any

import anyio
import pytest
import trio
from trio.testing import MockClock

GRACE = 0.004
"""Real seconds without anything happening before time jumps: enough for bytes on the loopback."""


class JumpingSelector(selectors.BaseSelector):
    """A selector that does not wait for a deadline, but moves the clock to it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls = 0
        """Calls under way in the threads of the loop: time stands still until they have ended."""
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return self._real.select(timeout)
        events = self._real.select(GRACE)
        if not events and not self.calls:
            self.now += timeout
        return events

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose clock is that of its `JumpingSelector`."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def jump(self, seconds: float) -> None:
        self._jumping.now += seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        def ended(_: object) -> None:
            self._jumping.calls -= 1

        future = super().run_in_executor(executor, func, *args)
        self._jumping.calls += 1
        future.add_done_callback(ended)
        return future

    async def shutdown_default_executor(self, *_limit: Any) -> None:
        await super().shutdown_default_executor()  # no limit: it would be in virtual time


def stand_still(seconds: float) -> None:
    """Let time pass while this process does nothing, as one that is stopped or suspended."""
    if anyio.get_cancelled_exc_class() is asyncio.CancelledError:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.jump(seconds)
    else:
        clock = trio.lowlevel.current_clock()
        assert isinstance(clock, MockClock)
        clock.jump(seconds)


@pytest.fixture
def anyio_backend(backend: str) -> tuple[str, dict[str, Any]]:
    if backend == "asyncio":
        return "asyncio", {"loop_factory": VirtualLoop}
    return "trio", {"clock": MockClock(autojump_threshold=GRACE)}
