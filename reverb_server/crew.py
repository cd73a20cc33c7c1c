"""A crew of tasks that do one job after another.

To begin and end a task costs a fifth of the time of a connection that says one line and goes;
who has done his job takes the next one instead, and a few stay for it.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from anyio.abc import TaskGroup

from reverb_server.backend import Once

SPARE: Final = 32
"""Tasks that stay when there is nothing to do; 5 KB each."""

Job = Callable[[], Awaitable[None]]
"""What a task does; it may not raise."""


class Crew:
    """Does jobs at once, each in a task of ``group``; ``once`` makes what idle tasks wait for."""

    def __init__(self, group: TaskGroup, once: Callable[[], Once]) -> None:
        self._group = group
        self._once = once
        self._idle: list[Idler] = []

    def do(self, job: Job) -> None:
        """Begin a job in a task that idles, or in a new one."""
        if self._idle:
            self._idle.pop().call(job)
        else:
            self._group.start_soon(self._work, job)

    async def _work(self, job: Job) -> None:
        while True:
            await job()
            if len(self._idle) >= SPARE:
                return
            idler = Idler(self._once())
            self._idle.append(idler)
            del job  # it shall not live on while nothing is done
            job = await idler.wait()


class Idler:
    """A task that has nothing to do."""

    def __init__(self, called: Once) -> None:
        self._called = called
        self._job: Job | None = None

    def call(self, job: Job) -> None:
        """Give it something to do."""
        self._job = job
        self._called.set()

    async def wait(self) -> Job:
        """Wait until there is something to do."""
        while self._job is None:
            await self._called.wait()
        return self._job
