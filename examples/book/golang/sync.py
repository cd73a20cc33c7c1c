"""A count that can be waited for, as Go's sync.WaitGroup."""

import anyio


class WaitGroup:
    """A count of what still runs. A task group of anyio has one built in."""

    def __init__(self) -> None:
        self._count = 0
        self._zero = anyio.Event()

    def add(self) -> None:
        """Count one more."""
        self._count += 1

    def done(self) -> None:
        """Count one less."""
        self._count -= 1
        if not self._count:
            self._zero.set()

    async def wait(self) -> None:
        """Wait until the count is zero."""
        while self._count:
            self._zero = anyio.Event()
            await self._zero.wait()
