"""A pool of tasks that do one job after another.

To begin and end a task costs a fifth of the time of a connection that says one line and goes;
who has done his job takes the next one instead, and a few stay for it.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVarTuple, Unpack

from anyio.abc import TaskGroup

from reverb_server.net.eventloop import OneShot

SPARE: Final = 32
"""Tasks that stay when there is nothing to do; 5 KB each."""

Arguments = TypeVarTuple("Arguments")


class TaskPool(Generic[*Arguments]):
    """Does a job for many at once, each in a task of ``group``.

    ``job`` may not raise; ``one_shot`` makes what idle tasks wait for.
    """

    def __init__(
        self,
        group: TaskGroup,
        one_shot: Callable[[], OneShot],
        job: Callable[[Unpack[Arguments]], Awaitable[None]],
    ) -> None:
        self._group = group
        self._once = one_shot
        self._job = job
        self._idle: list[OneShot] = []
        self._waiting: list[tuple[*Arguments]] = []

    def do(self, *arguments: *Arguments) -> None:
        """Begin a job in a task that idles, or in a new one."""
        self._waiting.append(arguments)
        if self._idle:
            self._idle.pop().set()
        else:
            self._group.start_soon(self._work, name="task pool")  # else a name is made for each

    async def _work(self) -> None:
        while self._waiting:
            await self._job(*self._waiting.pop())
            if len(self._idle) < SPARE and not self._waiting:
                self._idle.append(called := self._once())
                await called.wait()
