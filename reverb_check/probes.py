"""Play scripts over real connections, and write down what came and when.

This is the only place with sockets. Nothing here waits without a limit, and no server can make it
keep more than a script allows.
"""

import contextlib
import socket
import ssl
import struct

import anyio

from reverb_check.script import KEPT, Act, Scenario, Script
from reverb_check.transcript import Ending, Evidence, Piece, Transcript
from reverb_server.net.stream import Gone, Stream
from reverb_tui.connection.connect import TIMEOUT, CannotConnect, connected
from reverb_tui.connection.targets import AnyTarget

HEARTBEAT = 0.01
"""Seconds between two looks at how late this checker itself is."""


DEAF = 16_384
"""Bytes that the kernel holds for a connection that nobody reads."""


async def perform(scenario: Scenario, target: AnyTarget, seconds: float) -> Evidence:
    """Play all scripts of a scenario at once, for so many seconds at most."""
    begin = anyio.current_time()
    players = [Player(script, target, begin) for script in scenario]
    late = 0.0

    async def measure() -> None:
        nonlocal late
        while True:
            due = anyio.current_time() + HEARTBEAT
            await anyio.sleep_until(due)
            late = max(late, anyio.current_time() - due)

    async with anyio.create_task_group() as measuring:
        measuring.start_soon(measure)
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                for player in players:
                    group.start_soon(player.play)
        measuring.cancel_scope.cancel()
    return Evidence(tuple(player.transcript for player in players), disturbance=late)


class Player:
    """Plays one script on one connection."""

    def __init__(self, script: Script, target: AnyTarget, begin: float) -> None:
        self._script = script
        self._target = target
        self._begin = begin
        self._sent: list[Piece] = []
        self._came: list[Piece] = []
        self._kept = self._lines = 0
        self._ending = Ending.OPEN
        self._over: float | None = None
        self._half_closed: float | None = None
        self._problem = ""

    @property
    def transcript(self) -> Transcript:
        """Everything sent and received until now."""
        return Transcript(
            sent=tuple(self._sent),
            came=tuple(self._came),
            ending=self._ending,
            over=self._now if self._over is None else self._over,
            half_closed=self._half_closed,
            problem=self._problem,
        )

    @property
    def _now(self) -> float:
        return anyio.current_time() - self._begin

    async def play(self) -> None:
        """Connect, send, and look at what comes, until the script says that it is enough."""
        await anyio.sleep_until(self._begin + self._script.opens)
        try:
            with anyio.fail_after(max(0.1, min(TIMEOUT, self._script.within))) as connecting:
                async with connected(self._target) as stream:
                    connecting.deadline = float("inf")
                    if not self._script.reads:
                        take_little(stream)
                    async with anyio.create_task_group() as sending:
                        sending.start_soon(self._send, stream)
                        await (self._read(stream) if self._script.reads else self._rest())
                        sending.cancel_scope.cancel()
        except CannotConnect as problem:
            self._end(Ending.REFUSED, str(problem).partition(": ")[2] or str(problem))
        except TimeoutError:
            self._end(Ending.REFUSED, "the connection was not taken in time")

    def _end(self, ending: Ending, problem: str = "") -> None:
        if self._over is None:
            self._ending, self._problem, self._over = ending, problem, self._now

    async def _rest(self) -> None:
        await anyio.sleep_until(self._begin + self._script.last_step + self._script.within)
        self._end(Ending.OPEN)

    async def _read(self, stream: Stream) -> None:
        try:
            while self._over is None:
                with anyio.CancelScope(deadline=self._begin + self._deadline) as waiting:
                    data = await stream.receive()
                if waiting.cancelled_caught:
                    self._end(Ending.OPEN)
                elif not data:
                    self._end(Ending.CLOSED)
                else:
                    self._take(data)
        except Gone as gone:
            cut = isinstance(gone.__cause__, ssl.SSLError) or gone.__cause__ is None
            self._end(Ending.CUT if cut else Ending.RESET, str(gone))

    def _take(self, data: bytes) -> None:
        self._kept += len(data)
        self._lines += data.count(b"\n")
        self._came.append(Piece(self._now, data))
        if self._kept > KEPT:
            self._end(Ending.FLOODED, f"more than {KEPT:,} bytes came")

    @property
    def _deadline(self) -> float:
        """Seconds since the beginning at which the look ends, unless something comes."""
        script = self._script
        deadline = script.last_step + script.within
        news = self._came[-1].instant if self._came else script.last_step
        if script.quiet is not None:
            deadline = min(deadline, news + script.quiet)
        if script.lines is not None and self._lines >= script.lines:
            deadline = min(deadline, news + script.settle)
        return deadline

    async def _send(self, stream: Stream) -> None:
        with contextlib.suppress(Gone):  # the reader tells
            for step in self._script.steps:
                await anyio.sleep_until(self._begin + step.at)
                if isinstance(step.what, bytes):
                    await send_all(stream, step.what)
                    self._sent.append(Piece(self._now, step.what))
                elif step.what is Act.HALF_CLOSE:
                    self._half_closed = self._now
                    stream.half_close()
                else:
                    self._end(Ending.OPEN)
                    reset(stream)


async def send_all(stream: Stream, data: bytes) -> None:
    """Send bytes, and wait until the kernel has them all. Raises Gone."""
    rest = memoryview(data)
    while rest or stream.unsent:
        taken = stream.send_now(rest)
        rest = rest[taken:]
        if rest or stream.unsent:
            await stream.wait_writable()


def take_little(stream: Stream) -> None:
    """Have the kernel hold little of what nobody reads, so that the server notices."""
    with contextlib.suppress(OSError), socket.socket(fileno=socket.dup(stream.fileno())) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DEAF)


def reset(stream: Stream) -> None:
    """Close a connection with RST, as a crashed client's machine does."""
    with contextlib.suppress(OSError), socket.socket(fileno=socket.dup(stream.fileno())) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()
