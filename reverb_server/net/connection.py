"""One connection: a task group; what has come is heard, and what is due leaves at once.

Nothing here waits to read: the poller calls when something has come, and the clock when something
is due. There is one sender at a time, by construction: what is due is sent by whoever finds it
due, without waiting; what the kernel does not take goes to a writer, a task that exists only
while the peer is slower than its echoes, and while there is a writer nobody else sends. So no
lock is needed, and no line can be torn.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import anyio
from anyio.abc import TaskGroup

from reverb_server.core import control
from reverb_server.core.echo import Echo
from reverb_server.core.memory_budget import MemoryBudget
from reverb_server.core.plain import Plain
from reverb_server.net.clock import Alarm, Clock
from reverb_server.net.connection_log import ConnectionRecord, End
from reverb_server.net.eventloop import OneShot
from reverb_server.net.inbox import Inbox
from reverb_server.net.lingering_close import LAST_READS, close_lingering, half_close_at_once
from reverb_server.net.poller import Poller
from reverb_server.net.send_buffer import SendBuffer
from reverb_server.net.stream import Gone, Stream
from reverb_server.settings import Settings

NOBODY: Final = Plain()
"""Null object: the echoes of a closed connection."""

FIRST_LINE: Final = 0.2
"""Seconds that a drain waits for the first line of a client that has said nothing yet.

It may have connected just before, to a server that seemed to be there for it.
"""


class Announcement(Enum):
    """Whether the client is told that the server stops, which only one that has asked can be."""

    NONE = auto()
    DUE = auto()
    MADE = auto()


@dataclass(frozen=True, slots=True)
class ServerContext:
    """State shared by all connections of a server; ``one_shot`` makes the events they wait for."""

    settings: Settings
    budget: MemoryBudget
    clock: Clock
    poller: Poller
    one_shot: Callable[[], OneShot]


class Connection:
    """A client's connection, from its first byte to its last echo."""

    __slots__ = (
        "__weakref__",
        "_active",
        "_alarm",
        "_announcement",
        "_context",
        "_end",
        "_first_line_until",
        "_group",
        "_inbox",
        "_problem",
        "_record",
        "_said",
        "_send_buffer",
        "_stream",
        "_unsent_shouts",
        "_watched",
        "echo",
    )

    def __init__(
        self,
        stream: Stream,
        echo: Echo,
        context: ServerContext,
        record: ConnectionRecord,
        *,
        silent_since: float | None = None,
    ) -> None:
        self._stream = stream
        self.echo = echo
        """Its echoes; the null object once the connection is over."""
        self._context = context
        self._record = record
        self._inbox = Inbox(stream, context.budget)
        self._active = context.clock.time() if silent_since is None else silent_since
        # Only while the client is slower than its echoes.
        self._send_buffer: SendBuffer | None = None
        self._unsent_shouts = 0  # shouts whose last echo was handed out, and maybe not sent
        self._watched = False
        self._alarm = Alarm(context.clock, self)
        self._group: TaskGroup | None = None
        self._said = context.one_shot()
        self._end: End | None = None
        self._announcement = Announcement.NONE
        self._first_line_until = math.inf
        self._problem: Exception | None = None

    @property
    def held(self) -> int:
        """Bytes that this connection holds in memory."""
        held = self.echo.held + self._inbox.held
        return held if self._send_buffer is None else held + self._send_buffer.held

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.echo is not NOBODY

    @property
    def record(self) -> ConnectionRecord:
        """Its record, up to date; how it ended is known when it has."""
        if self.open:
            self._update_record()
        return self._record

    @property
    def lost(self) -> int:
        """Shouts that would lose an echo if the connection ended now; 1 for bytes in plain mode."""
        return self._losing or int(self.held > 0)

    @property
    def _losing(self) -> int:
        """Shouts that would lose an echo now; 0 in plain mode, which knows none."""
        unsent_lines = self.echo.rest.count(b"\n")
        if self._send_buffer is not None:
            unsent_lines += self._send_buffer.lines
        return self.echo.pending + min(self._unsent_shouts, unsent_lines)

    async def run(self) -> None:
        """Echo until the client has sent all and got all, then close; the record says how it went.

        Raises what is an error of the server's own.
        """
        try:
            async with anyio.create_task_group() as self._group:
                self._move_on(self._active)  # who never says anything is idle as well
                await self._said.wait()
                self._end = self._end or End.FINISHED
                self._alarm.cancel()
                await close_lingering(self._stream, ended=self._end is End.FINISHED)
        finally:
            self._look_away()
            self._stream.close()
            self._update_record()
            self._record.end = self._end or End.CUT
            self._record.lost = self._losing
            self._let_go()
        if self._problem is not None:
            raise self._problem

    def change(self, delay: float | None, mode: control.ReverbMode | None) -> None:
        """Change the delay (seconds) and the mode, as a request of the client's would."""
        try:
            now = self._context.clock.time()
            self.echo.change(delay, mode, now)
            self._say(now)
        except Exception as problem:
            self._fail(problem)

    def announce(self) -> None:
        """Send the news that the server will stop, as soon as the client has asked something."""
        if self._announcement is Announcement.NONE:
            self._announcement = Announcement.DUE
            self._alarm.set(self._context.clock.time())  # not at once: all the others are told too

    def drain(self) -> None:
        """Hear what has already arrived and nothing more, say what is pending, and close.

        A client that has said nothing yet may still say its first line.
        """
        if self._end is None and self._inbox.open:
            self._end = End.DRAINED
            now = self._context.clock.time()
            patience = min(FIRST_LINE, self._context.settings.drain_timeout / 2)
            self._first_line_until = now + patience
            self._alarm.set(now)  # not at once: all the others drain as well

    def cut(self) -> None:
        """Close at once; what is pending is lost, and the client is told if it can be."""
        last_words = b""
        in_a_line = self._send_buffer is not None or self.echo.rest
        if not in_a_line and self._context.settings.mode != "plain":
            last_words = control.error("cut", "the server stopped before your echoes")
        half_close_at_once(self._stream, last_words)
        if self._end in (None, End.DRAINED):
            self._give_up(End.CUT)

    def reset(self) -> None:
        """Close at once, with a reset; what is pending is lost."""
        self._stream.reset_on_close()
        self._give_up(End.CUT, "the server reset the connection")

    # Called by the poller and by the clock, whose tasks no error here may reach

    def ready(self) -> None:
        """Hear what has come, and send what is due then."""
        try:
            if self._end is End.DRAINED:
                now = self._hear_the_last()
            else:
                _, now = self._hear()
            self._say(now)
        except Exception as problem:
            self._fail(problem)

    def ring(self, now: float) -> None:
        """Do what is due at ``now``: echoes, timeouts, and what had to wait for its turn."""
        try:
            if self._end is End.DRAINED and self._inbox.open:
                now = self._hear_the_last()
            elif self._inbox.has_more:
                _, now = self._hear()
            settings = self._context.settings
            if self._send_buffer is not None:
                timeout = settings.write_timeout
                if timeout and self._send_buffer.is_stuck(now, timeout):
                    self._give_up(End.SLOW)
            elif settings.idle_timeout and self._is_idle(now) and not self._was_in_time(now):
                self._end = End.IDLE
                self._inbox.end()
                sentence = f"no line came for {settings.idle_timeout:g} seconds"
                self.echo.tell("idle", sentence, now)
            self._say(now)
        except Exception as problem:
            self._fail(problem)

    # Hearing

    def _hear(self) -> tuple[int, float]:
        """Hear what can be taken, or that the input has ended; return the bytes and the instant.

        That is after the read: of what comes just before it, no echo may be early. Raises Gone.
        """
        data = self._inbox.take(self.echo.held)
        now = self._context.clock.time()
        if data:
            self.echo.hear(data, now)
            held = self.held
            if held > self._record.most_held:
                self._record.most_held = held
        if self._inbox.over:
            self.echo.end(now)
        return len(data), now

    def _hear_the_last(self) -> float:
        """Hear what has arrived, and tell the client that this was all; return the instant.

        One that has said nothing yet is waited for.
        """
        left = self._context.budget.most
        heard, now = self._hear()
        while heard and (left := left - heard) > 0:
            heard, now = self._hear()
        if self._inbox.open and self.echo.line_at == -math.inf and now < self._first_line_until:
            self._alarm.set(self._first_line_until)
            return now
        if not self._inbox.open:
            self._end = None  # the client has ended its input: it finishes like any other
        self._inbox.end()
        if self._inbox.over:
            self.echo.end(now)
        if self._announcement is Announcement.NONE:
            self._announcement = Announcement.DUE
        return now

    # Sending

    def _say(self, now: float) -> None:
        """Send what is due and can be sent without waiting."""
        if self._announcement is Announcement.DUE and self.echo.asked:
            self._announcement = Announcement.MADE
            self.echo.tell("draining", "the server is stopping; pending echoes still come", now)
        if self._send_buffer is None:
            self._speak(now)
            if self._send_buffer is not None and self._group is not None:
                self._group.start_soon(self._write)
        self._move_on(now)

    def _speak(self, now: float) -> None:
        """Send as much of the next part of what is due as the kernel takes."""
        ended = self.echo.ended
        data = self.echo.speak(now, self._context.budget.speaking)
        if data:
            self._unsent_shouts += self.echo.ended - ended
            self._active = now
            sent = self._stream.send_now(data)
            self._record.bytes_out += sent
            if sent < len(data) or self._stream.unsent:
                self._send_buffer = SendBuffer(self._stream, data, sent, now)
            elif not self.echo.rest:
                self._unsent_shouts = 0

    async def _write(self) -> None:
        """Send what the kernel did not take, and what falls due meanwhile."""
        try:
            while self._send_buffer is not None:
                await self._stream.wait_writable()
                now = self._context.clock.time()
                self._record.bytes_out += self._send_buffer.send_on(now)
                if not self._send_buffer.waiting:
                    self._send_buffer = None
                    if not self.echo.rest:
                        self._unsent_shouts = 0
                    self._speak(now)
                self._move_on(now)
        except Exception as problem:
            self._fail(problem)

    # Waiting

    def _move_on(self, now: float) -> None:
        """Update the poller and the clock, or end the task group if nothing is left."""
        waiting = self._send_buffer is not None
        due = None if waiting else self.echo.next_due
        if self._inbox.has_more and self._inbox.has_room(self.echo.held):
            self._alarm.set(now)
        elif due is not None:
            self._alarm.set(due)
        elif waiting:
            if timeout := self._context.settings.write_timeout:
                # Four times as often as need be, so that it acts at most a quarter late.
                self._alarm.set(now + timeout / 4)
        elif self._context.settings.idle_timeout:
            self._alarm.set(self._idle_at)
        if not self._inbox.wants_data:
            self._look_away()
            if self._inbox.over and due is None and not waiting:
                self._said.set()
        elif not self._watched:
            self._look_out()

    @property
    def _idle_at(self) -> float:
        """When a client that has nothing pending is idle; only where there is a timeout."""
        return max(self._active, self.echo.line_at) + self._context.settings.idle_timeout

    def _is_idle(self, now: float) -> bool:
        return self.echo.next_due is None and now >= self._idle_at

    def _was_in_time(self, now: float) -> bool:
        """Hear what has come, and tell whether that, or the end of the input, makes it not idle.

        The process may have stood still: whoever sent something meanwhile was in time.
        """
        for _ in range(LAST_READS):
            heard, _ = self._hear()
            if not self._inbox.open or not self._is_idle(now):
                return True
            if not heard and not self._inbox.has_more:
                break
        return False

    def _look_out(self) -> None:
        self._context.poller.add(self._stream.fileno(), self)
        self._watched = True

    def _look_away(self) -> None:
        if self._watched:
            self._context.poller.remove(self._stream.fileno())
            self._watched = False

    # Ending

    def _fail(self, problem: Exception) -> None:
        if isinstance(problem, Gone):
            self._give_up(End.RESET, str(problem))
        else:
            self._problem = problem
            self._give_up(End.ERROR, repr(problem))

    def _give_up(self, end: End, reason: str = "") -> None:
        """End the connection now, whatever is pending."""
        self._end = end
        self._record.reason = reason
        if self._group is not None:
            self._group.cancel_scope.cancel()

    def _update_record(self) -> None:
        self._record.bytes_in = self._inbox.bytes_in
        self._record.shouts = self.echo.shouts
        self._record.echoes = self.echo.echoes
        self._record.worst_lateness = self.echo.worst_lateness

    def _let_go(self) -> None:
        """Free all that was held now, and not when the garbage collector next comes by."""
        self._alarm.destroy()
        self._send_buffer = None
        self._inbox.clear()
        self.echo = NOBODY
