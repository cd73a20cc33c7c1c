"""A time limit for what clients do before they are served, shorter once the server drains."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from reverb_server.net.clock import STOOD_STILL
from reverb_server.net.lingering_close import LINGER

Result = TypeVar("Result")


class TimeLimit:
    """Seconds that a step of each connection may take; `math.inf` is no limit."""

    def __init__(self, seconds: float) -> None:
        self._longest = seconds
        self._running: set[anyio.CancelScope] = set()

    def hurry(self) -> None:
        """Limit every step, current and future, to the time a closing connection has."""
        self._longest = min(self._longest, LINGER)
        for scope in self._running:
            scope.deadline = min(scope.deadline, anyio.current_time() + self._longest)

    async def within(self, step: Callable[[], Awaitable[Result]]) -> Result:
        """Return what ``step`` returns in time. Raises TimeoutError.

        A step that was cancelled is called once more if this process stood still meanwhile: the
        client may have been in time.
        """
        for _ in range(2):
            with anyio.move_on_after(self._longest) as scope:
                self._running.add(scope)
                try:
                    return await step()
                finally:
                    self._running.discard(scope)
            if anyio.current_time() < scope.deadline + STOOD_STILL:
                break
        raise TimeoutError
