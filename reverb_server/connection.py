"""One connection: a task group whose body listens, and whatever is due leaves at once.

There is one sender at a time, by construction: what is due is sent by whoever finds it due (the
listener after a read, or the clock's alarm), without waiting; what the kernel does not take goes
to a writer, a task that exists only while the peer is slower than its echoes, and while there is
a writer nobody else sends. So no lock is needed, and no line can be torn.
"""

from collections.abc import Callable
from typing import Final

import anyio
from anyio.abc import TaskGroup

from reverb_server.clock import Alarm, Clock
from reverb_server.plain import Plain
from reverb_server.reverb import Reverb
from reverb_server.stream import READ_SIZE, Gone, SocketStream

MAX_PENDING: Final = 1_048_576
"""Bytes that a connection may hold: above it the server does not read, and TCP pushes back."""

GROWTH: Final = 3
"""How much larger than a read what is held of it can get: a blank line is held as ``\\t \\n``."""

LAST_READ: Final = 16_384
"""Bytes of room below which reading stops: small reads would cost more than they bring."""


class Connection:
    """A client's connection, from its first byte to its last echo."""

    def __init__(self, stream: SocketStream, echo: Reverb | Plain, clock: Clock) -> None:
        self._stream = stream
        self._echo = echo
        self._clock = clock
        self._alarm = Alarm(clock, self._ring)
        self._group: TaskGroup
        self._unsent = memoryview(b"")
        self._progress: anyio.Event | None = None
        self._problem: Exception | None = None

    @property
    def held(self) -> int:
        """Bytes that this connection holds in memory."""
        return self._echo.held + len(self._unsent)

    async def run(self) -> None:
        """Echo until the client has sent all and got all, then close.

        Raises Gone when the client went away before; what was pending for it is dropped.
        """
        try:
            async with anyio.create_task_group() as self._group:
                try:
                    await self._listen()
                    await self._until(lambda: self._echo.done and not self._unsent)
                except Gone as problem:
                    self._fail(problem)
        finally:
            self._alarm.cancel()
            self._stream.close()
        if self._problem is not None:
            raise self._problem

    async def _listen(self) -> None:
        while data := await self._stream.receive(self._room()):
            now = self._clock.time()
            self._echo.hear(data, now)
            self._say(now)
            if not self._room():
                await self._until(lambda: self._room() > 0)
        now = self._clock.time()
        self._echo.end(now)
        self._say(now)

    def _room(self) -> int:
        """Bytes that may be read without holding more than MAX_PENDING; 0 if that is too few."""
        room = MAX_PENDING - self.held
        return min(READ_SIZE, room // GROWTH) if room >= LAST_READ else 0

    def _ring(self, now: float) -> None:
        """Send what has become due; called by the clock, whose task no error here may reach."""
        try:
            self._say(now)
        except Exception as problem:
            self._fail(problem)

    def _say(self, now: float) -> None:
        """Send what is due, as far as it goes without waiting."""
        if self._unsent:
            return
        data = self._echo.speak(now)
        if data:
            sent = self._stream.send_now(data)
            if sent < len(data):
                self._unsent = memoryview(data)[sent:]
                self._group.start_soon(self._write)
        self._moved_on()

    async def _write(self) -> None:
        """Send what the kernel did not take, and what falls due meanwhile."""
        try:
            while self._unsent:
                await self._stream.wait_writable()
                self._unsent = self._unsent[self._stream.send_now(self._unsent) :]
                if not self._unsent:
                    self._unsent = memoryview(self._echo.speak(self._clock.time()))
                self._moved_on()
        except Gone as problem:
            self._fail(problem)

    def _moved_on(self) -> None:
        """Let the clock know of the next due instant, and the listener of the progress."""
        if not self._unsent:
            due = self._echo.next_due
            if due is not None:
                self._alarm.set(due)
        if self._progress is not None:
            self._progress.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait until echoes have left and ``condition`` holds."""
        while not condition():
            self._progress = anyio.Event()
            await self._progress.wait()
        self._progress = None

    def _fail(self, problem: Exception) -> None:
        self._problem = self._problem or problem
        self._group.cancel_scope.cancel()
