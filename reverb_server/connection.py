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
from anyio.lowlevel import checkpoint

from reverb_server import control
from reverb_server.bound import Bound
from reverb_server.clock import Alarm, Clock
from reverb_server.parting import part
from reverb_server.plain import Plain
from reverb_server.report import End, Report
from reverb_server.reverb import Reverb
from reverb_server.settings import Settings
from reverb_server.stream import Gone, SocketStream
from reverb_server.tls import TLSStream

LAST_READS: Final = 64
"""Reads, 4 MiB in all, that a cut takes to empty what has arrived: a flood never ends."""


NOTHING: Final = memoryview(b"")
"""What has not been sent when everything has."""


class Connection:
    """A client's connection, from its first byte to its last echo."""

    __slots__ = (
        "__weakref__",
        "_active",
        "_alarm",
        "_bound",
        "_chunk",
        "_clock",
        "_echo",
        "_end",
        "_group",
        "_problem",
        "_progress",
        "_settings",
        "_stream",
        "_took",
        "_unacknowledged",
        "_unheard",
        "_unsent",
        "_unsent_shouts",
        "report",
    )

    def __init__(
        self,
        stream: SocketStream | TLSStream,
        echo: Reverb | Plain,
        clock: Clock,
        settings: Settings,
        bound: Bound,
        report: Report,
    ) -> None:
        self.report = report
        self._stream = stream
        self._echo = echo
        self._clock = clock
        self._settings = settings
        self._bound = bound
        self._unheard = b""  # read, and not heard yet for want of room
        self._alarm = Alarm(clock, self._ring)
        self._group: TaskGroup | None = None
        self._chunk = b""  # what was handed out last, of which this has not been sent:
        self._unsent = NOTHING
        self._unsent_shouts = 0
        self._active = self._took = clock.time()
        self._unacknowledged = 0
        self._progress: anyio.Event | None = None
        self._end: End | None = None
        self._problem: Exception | None = None

    @property
    def pending(self) -> int:
        """Shouts that have not been echoed for the last time."""
        return self._echo.pending

    @property
    def echoes(self) -> int:
        """Echoes handed out so far."""
        return self._echo.echoes

    @property
    def shouts(self) -> int:
        """Shouts heard so far."""
        return self._echo.shouts

    @property
    def held(self) -> int:
        """Bytes that this connection holds in memory."""
        # Of what was handed out all is held, until all of it is sent.
        return self._echo.held + len(self._chunk) + len(self._unheard) + self._stream.unsent

    @property
    def lost(self) -> int:
        """Shouts that would lose an echo if the connection ended now; 1 for bytes in plain mode."""
        unsent_lines = bytes(self._unsent).count(b"\n") + self._echo.rest.count(b"\n")
        shouts = self._echo.pending + min(self._unsent_shouts, unsent_lines)
        return shouts or int(self.held > 0)

    async def run(self) -> None:
        """Echo until the client has sent all and got all, then close; the report says how it went.

        Raises what is an error of the server's own.
        """
        try:
            if self._end is None:
                async with anyio.create_task_group() as self._group:
                    await self._listen()
                    await self._finish(End.FINISHED)
            if self._end in (End.DRAINED, End.IDLE):
                async with anyio.create_task_group() as self._group:
                    self._wind_up()
                    await self._finish(self._end)
        finally:
            self._stream.close()
            self._fill_report()
            self._let_go()
        if self._problem is not None:
            raise self._problem

    def drain(self) -> None:
        """Hear what has already arrived and nothing more, say what is pending, and close."""
        self._stop(End.DRAINED)

    def cut(self) -> None:
        """Close at once; what is pending is lost, and the client is told if it can be."""
        try:
            if not self._sending and isinstance(self._echo, Reverb):
                self._stream.send_now(control.error("cut", "the server stopped before your echoes"))
            for _ in range(LAST_READS):  # unread input would turn the close into a reset
                if not self._stream.receive_now():
                    break
            self._stream.half_close()
        except Gone:
            pass
        self._stop(End.CUT)

    def _stop(self, end: End) -> None:
        # Only once: a second time would end the winding up that the first began.
        if self._end is None or (self._end is End.DRAINED and end is End.CUT):
            self._end = end
            if self._group is not None:
                self._group.cancel_scope.cancel()

    # Listening

    async def _listen(self) -> None:
        self._move_on(self._clock.time())  # who never says anything is idle as well
        try:
            while data := await self._stream.receive(self._bound.reading):
                self.report.bytes_in += len(data)
                self._unheard = data
                await self._until(lambda: self._share > 0)
                self._hear_share()
                while self._unheard:
                    await checkpoint()  # a read full of requests is tens of milliseconds' work
                    await self._until(lambda: self._share > 0)
                    self._hear_share()
        except Gone as gone:
            self._give_up(End.RESET, str(gone))
        else:
            now = self._clock.time()
            self._echo.end(now)
            self._say(now)

    @property
    def _share(self) -> int:
        return self._bound.share(self._unheard, self._echo.held)

    def _hear_share(self) -> None:
        """Hear as much of what was read as may be held."""
        now = self._clock.time()
        share = self._share
        data, self._unheard = self._unheard[:share], self._unheard[share:]
        self._echo.hear(data, now)
        self.report.most_held = max(self.report.most_held, self.held)
        self._say(now)

    # Sending

    @property
    def _sending(self) -> bool:
        return bool(self._unsent) or self._stream.unsent > 0

    def _ring(self, now: float) -> None:
        """Do what is due; called by the clock, whose task no error here may reach."""
        try:
            if self._sending:
                self._look_whether_anything_is_taken(now)
            elif self._is_idle(now):
                sentence = f"no line came for {self._settings.idle_timeout:g} seconds"
                self._echo.tell("idle", sentence, now)
                self._stop(End.IDLE)
            self._say(now)
        except Exception as problem:
            self._problem = problem
            self._give_up(End.ERROR, repr(problem))

    def _say(self, now: float) -> None:
        """Send what is due, as far as it goes without waiting."""
        if not self._sending:
            self._speak(now)
            if self._sending and self._group is not None:
                self._group.start_soon(self._write)
        self._move_on(now)

    def _speak(self, now: float) -> None:
        """Send the next part of what is due, as far as the kernel takes it."""
        ended = self._echo.ended
        data = self._echo.speak(now, self._bound.speaking)
        if data:
            self._chunk, self._unsent = data, memoryview(data)
            self._unsent_shouts += self._echo.ended - ended
            self._active = now
            self._send(now)

    def _send(self, now: float) -> None:
        try:
            sent = self._stream.send_now(self._unsent)
        except Gone as gone:
            self._unsent = NOTHING
            self._give_up(End.RESET, str(gone))
            return
        self.report.bytes_out += sent
        if sent == len(self._unsent):
            self._chunk, self._unsent = b"", NOTHING
        else:
            self._unsent = self._unsent[sent:]
        if self._sending:
            self._took, self._unacknowledged = now, self._stream.unacknowledged
        elif not self._echo.rest:
            self._unsent_shouts = 0

    async def _write(self) -> None:
        """Send what the kernel did not take, and what falls due meanwhile."""
        try:
            while self._sending:
                await self._stream.wait_writable()
                now = self._clock.time()
                self._send(now)
                if not self._sending:
                    self._speak(now)
                self._move_on(now)
        except Gone as gone:
            self._give_up(End.RESET, str(gone))

    def _look_whether_anything_is_taken(self, now: float) -> None:
        """Cut a client off that takes nothing; the kernel's buffer may hide that it takes some."""
        unacknowledged = self._stream.unacknowledged
        if unacknowledged < self._unacknowledged:
            self._took, self._unacknowledged = now, unacknowledged
        elif self._settings.write_timeout and now >= self._took + self._settings.write_timeout:
            self._give_up(End.SLOW)

    # Waiting

    def _move_on(self, now: float) -> None:
        """Let the clock know what is next, and the listener of the progress."""
        instant = self._next_instant(now)
        if instant is not None:
            self._alarm.set(instant)
        if self._progress is not None:
            self._progress.set()

    def _next_instant(self, now: float) -> float | None:
        if self._sending:
            timeout = self._settings.write_timeout
            # Looked at four times as often as need be, so that it acts at most a quarter late.
            return now + timeout / 4 if timeout else None
        due = self._echo.next_due
        if due is None and self._settings.idle_timeout:
            return self._idle_from + self._settings.idle_timeout
        return due

    @property
    def _idle_from(self) -> float:
        return max(self._active, self._echo.line_at)

    def _is_idle(self, now: float) -> bool:
        timeout = self._settings.idle_timeout
        return timeout > 0 and self._echo.next_due is None and now >= self._idle_from + timeout

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait until echoes have left and ``condition`` holds."""
        while not condition():
            self._progress = anyio.Event()
            await self._progress.wait()
        self._progress = None

    # Ending

    def _wind_up(self) -> None:
        """Begin to end it ourselves: go on sending, and hear what has arrived if we drain."""
        if self._sending and self._group is not None:
            self._group.start_soon(self._write)
        if self._end is not End.DRAINED:
            return
        left = self._settings.max_pending
        try:
            while left > 0 and (self._unheard or self._receive_now()) and (share := self._share):
                left -= share
                self._hear_share()
        except Gone as gone:
            self._give_up(End.RESET, str(gone))
            return
        now = self._clock.time()
        self._echo.end(now)
        if self._echo.asked:
            self._echo.tell("draining", "the server is stopping; pending echoes still come", now)
        self._say(now)

    def _receive_now(self) -> bool:
        self._unheard = self._stream.receive_now(self._bound.reading) or b""
        self.report.bytes_in += len(self._unheard)
        return bool(self._unheard)

    async def _finish(self, end: End) -> None:
        """Wait until all is said, and part in a way that lets the client read it all."""
        await self._until(lambda: self._echo.next_due is None and not self._sending)
        if self._end not in (None, end):  # given up, or stopped, since
            return
        self._end = end
        self._alarm.cancel()
        await part(self._stream, ended=end is End.FINISHED)

    def _give_up(self, end: End, reason: str = "") -> None:
        """End the connection now, whatever is pending."""
        self._end = end
        self.report.reason = reason
        if self._group is not None:
            self._group.cancel_scope.cancel()

    def _let_go(self) -> None:
        """Free all that was held now, and not when the garbage collector next comes by."""
        self._alarm.destroy()
        self._chunk = b""
        self._unsent = NOTHING
        self._unheard = b""
        self._echo = Plain()

    def _fill_report(self) -> None:
        self.report.end = self._end or End.CUT
        self.report.shouts = self._echo.shouts
        self.report.echoes = self._echo.echoes
        self.report.worst_lateness = self._echo.worst_lateness
