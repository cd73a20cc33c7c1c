"""Virtual time for tests with real sockets, on asyncio and on trio.

The clock stands still while anything happens, and jumps to the next deadline when nothing does: a
delay of an hour costs a few milliseconds, and instants can be compared with ``==``. Time that
passes in another process is not seen, nor in a thread that is not the loop's own.
"""

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Final, TypeVar, TypeVarTuple, Unpack

from reverb_server.net.eventloop import require_backend

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

GRACE: Final = 0.004
"""Real seconds without anything happening before time jumps: enough for bytes on the loopback."""

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class JumpingSelector(selectors.BaseSelector):
    """A selector that does not wait for a deadline, but moves the clock to it."""

    def __init__(self) -> None:
        self.now = 0.0
        """The instant that the clock shows, in seconds."""
        self.calls = 0
        """Calls under way in the threads of the loop: time stands still until they have ended."""
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; if nothing is, move the clock by ``timeout`` seconds."""
        if timeout is None or timeout <= 0:
            return self._real.select(timeout)
        events = self._real.select(GRACE)
        if not events and not self.calls:
            self.now += timeout
        return events

    def register(
        self, fileobj: "FileDescriptorLike", events: int, data: object = None
    ) -> selectors.SelectorKey:
        """Watch a descriptor."""
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: "FileDescriptorLike") -> selectors.SelectorKey:
        """Watch a descriptor no longer."""
        return self._real.unregister(fileobj)

    def modify(
        self, fileobj: "FileDescriptorLike", events: int, data: object = None
    ) -> selectors.SelectorKey:
        """Watch a descriptor for other events."""
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping["FileDescriptorLike", selectors.SelectorKey]:
        """Return what is watched."""
        return self._real.get_map()

    def close(self) -> None:
        """Release the descriptor of the selector itself."""
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop in virtual time, which begins at 0.

    Use it as a loop factory: ``asyncio.Runner(loop_factory=VirtualLoop)``.
    """

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the instant now, in seconds of virtual time."""
        return self._jumping.now

    def jump(self, seconds: float) -> None:
        """Move the clock, as if the process had been stopped or suspended for so long."""
        self._jumping.now += seconds

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[Arguments]], Result],
        *args: *Arguments,
    ) -> asyncio.Future[Result]:
        """Call ``func`` in a thread; time stands still until it has returned."""

        def ended(_: object) -> None:
            self._jumping.calls -= 1

        future = super().run_in_executor(executor, func, *args)
        self._jumping.calls += 1
        future.add_done_callback(ended)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait for the threads, however long: a limit would be in virtual time."""
        await super().shutdown_default_executor()


def virtual_backend(name: str) -> tuple[str, dict[str, Any]]:
    """Return the backend and its options for ``anyio.run``, or for anyio's ``anyio_backend``.

    ``name`` is asyncio (with a `VirtualLoop`) or trio (with trio's own ``MockClock``). Each run
    needs options of its own. Raises `reverb_server.NoBackend`.
    """
    require_backend(name)
    if name == "asyncio":
        return name, {"loop_factory": VirtualLoop}
    from trio.testing import MockClock

    return name, {"clock": MockClock(autojump_threshold=GRACE)}
