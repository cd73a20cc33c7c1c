"""The client without a screen: standard input to the server, what it answers to standard output.

It is the book's netcat2 done right. At the end of input it half-closes, and it ends when the last
echo has come. Neither side is read faster than the other takes it. A server that drains is followed
by another one, if there is still something to send.
"""

import re
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from math import inf
from typing import Final

import anyio
from anyio.abc import TaskStatus

from reverb_server.net.daemon_thread import DaemonThread
from reverb_tui import stdio
from reverb_tui.connection.backoff import Backoff
from reverb_tui.connection.client import Client, open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.pipe_connection import PipeConnection, complain
from reverb_tui.protocol.events import Ended, Ending
from reverb_tui.protocol.whole_lines import WholeLines

UNSENT: Final = 262_144
"""Bytes that may wait to be sent; meanwhile standard input is not read."""

INTERRUPTED: Final = 130
"""The exit status after Ctrl-C: 128 and the number of SIGINT."""

TRY_FOR: Final = 60.0
"""Seconds for which input that waits is offered to other servers, after one that drained."""

MORE: Final = 0.3
"""Seconds in which input is looked for that the server, which has closed its side, will not get."""

TORN: Final = (
    "the rest of a line was dropped: the server was draining when only its beginning had been sent"
)

_BARE_LF: Final = re.compile(rb"(?<!\r)\n")


def pipe(
    target: AnyTarget,
    *,
    raw: bool = False,
    crlf: bool = False,
    half_close: bool = True,
    delay: float | None = None,
    mode: str | None = None,
    control: bool = False,
) -> int:
    """Run `run_pipe` with this process's standard input and output; return the exit status."""
    run = partial(
        run_pipe,
        target,
        stdin=stdio.descriptor_of(sys.stdin),
        stdout=stdio.descriptor_of(sys.stdout),
        raw=raw,
        crlf=crlf,
        half_close=half_close,
        delay=delay,
        mode=mode,
        control=control,
    )
    try:
        return anyio.run(_until_interrupted, run)
    except KeyboardInterrupt:  # before signals were received, or where they can't be
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # what is left to do needs no traceback


async def _until_interrupted(run: Callable[[], Awaitable[int]]) -> int:
    """Run until it ends, or Ctrl-C is pressed; return the exit status."""
    status = INTERRUPTED
    async with anyio.create_task_group() as group:
        if sys.platform != "win32":
            await group.start(_cancel_when_interrupted, group.cancel_scope)
        status = await run()
        group.cancel_scope.cancel()
    return status


async def _cancel_when_interrupted(
    scope: anyio.CancelScope, *, task_status: TaskStatus[None]
) -> None:
    with anyio.open_signal_receiver(signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            scope.cancel()


async def run_pipe(
    target: AnyTarget,
    *,
    stdin: int | None,
    stdout: int | None,
    raw: bool = False,
    crlf: bool = False,
    half_close: bool = True,
    delay: float | None = None,
    mode: str | None = None,
    control: bool = False,
) -> int:
    """Connect ``stdin`` and ``stdout`` (descriptors; None: closed) to a server.

    A request is sent only with ``control``, or if a delay (seconds) or a mode is given. Bytes go
    through untouched, except for control lines; but to a terminal only what is safe to show. Errors
    go to standard error. Without ``half_close`` the server is not told of the end of the input, and
    has to end the conversation. What is read after a server that was asked has said that it drains
    goes to the next connection. Returns the exit status: 0 if all went well, or nobody reads the
    output any more; 1 if there was no connection, or it broke, or echoes are missing, or input was
    left over, or output had nowhere to go.
    """
    link = partial(open_client, target, raw=raw, lines=False, delay=delay, mode=mode)
    asks = control or delay is not None or mode is not None
    relay = _Relay(link, asks=asks, raw=raw, half_close=half_close)
    with DaemonThread() as reading, DaemonThread() as writing:
        async with anyio.create_task_group() as group:
            group.start_soon(relay.send, stdin, reading, crlf)
            await relay.show(stdout, writing)
            group.cancel_scope.cancel()
    for problem in relay.problems:
        await complain(problem)
    return 1 if relay.problems or relay.lost else 0


class _Relay:
    """Standard input to one connection, and after one whose server drains to the next."""

    def __init__(
        self,
        link: Callable[..., AbstractAsyncContextManager[Client]],
        *,
        asks: bool,
        raw: bool,
        half_close: bool,
    ) -> None:
        self.problems: list[str] = []
        self.lost = False
        """Whether a connection before the last one has lost anything, which was told then."""
        self._link = link
        self._asks = asks
        self._raw = raw
        self._half_close = half_close
        self._connection: PipeConnection | None = None
        self._lines = WholeLines()
        self._changed = anyio.Event()
        self._wanted = anyio.Event()  # something waits for a connection, or nothing ever will
        self._all_sent = False
        self._torn = False  # whether the rest of a line was dropped, which is told once

    # Standard input

    async def send(self, stdin: int | None, reading: DaemonThread, crlf: bool) -> None:
        """Send standard input to its end, or until it can't be read."""
        await self._taker()
        carriage_return = b""
        while stdin is not None:
            try:
                data = await reading.run(partial(stdio.read, stdin))
            except OSError as error:
                self.problems.append(f"cannot read standard input: {error.strerror}")
                break
            if not data:
                break
            if crlf:
                converted = _BARE_LF.sub(b"\r\n", carriage_return + data)[len(carriage_return) :]
                carriage_return = b"\r" if data.endswith(b"\r") else b""
                data = converted
            await self._send(data)
        await self._end_input()

    async def _send(self, data: bytes) -> None:
        drained = self._connection is not None and self._connection.leaving is not None
        if drained and self._lines.within:
            # A line that was begun on the connection before: its rest is no line of its own.
            data = self._lines.end_line(data)
            if not self._torn:
                self._torn = self.lost = True
                await complain(TORN)
        if data:
            connection = await self._taker()
            connection.send(self._lines.feed(data, whole=connection.wants_lines))
            await connection.client.outbox_below(UNSENT)

    async def _end_input(self) -> None:
        if rest := self._lines.rest():
            (await self._taker()).send(rest)
        self._all_sent = True
        self._wanted.set()
        connection = self._connection
        if connection is not None and connection.takes:
            connection.end_input()

    async def _taker(self) -> PipeConnection:
        """Wait for the connection that takes what is read."""
        while self._connection is None or not self._connection.takes:
            self._changed = anyio.Event()
            self._wanted.set()
            await self._changed.wait()
        self._wanted = anyio.Event()
        return self._connection

    def _tell_changed(self) -> None:
        """Wake the input, which looks for a connection that takes it, or takes it in parts."""
        self._changed.set()
        connection = self._connection
        if connection is not None and connection.takes and not connection.wants_lines:
            connection.send(self._lines.feed(b"", whole=False))

    # Standard output

    async def show(self, stdout: int | None, writing: DaemonThread) -> None:
        """Show what comes, over one connection after the other while their servers drain."""
        backoff, follows, give_up_at = Backoff(), False, inf
        while True:
            began = anyio.current_time()
            connection = await self._converse(stdout, writing, follows=follows)
            ended = anyio.current_time()
            drained = connection is not None and connection.leaving is not None
            if connection is not None and connection.over:
                return
            if drained:
                await self._tell_lost()
            elif not follows or (connection is not None and connection.took):
                await self._look_for_more()
                return
            await self._wanted.wait()
            if self._all_sent:
                return
            now = anyio.current_time()
            if drained and connection is not None and connection.took:
                give_up_at = now + TRY_FOR
            elif now >= give_up_at:
                reason = "".join(self.problems[:1]) or "the servers are draining"
                self.problems[:] = [f"{reason}; the rest of the input was not sent"]
                return
            self.problems.clear()
            await anyio.sleep(backoff.wait_after(ended - began, drained=drained))
            follows = True

    async def _converse(
        self, stdout: int | None, writing: DaemonThread, *, follows: bool
    ) -> PipeConnection | None:
        """Show what comes over one connection; return it, or None if there was none."""
        try:
            async with self._link(control=self._asks) as client:
                connection = self._connection = PipeConnection(
                    client,
                    self.problems,
                    raw=self._raw,
                    half_close=self._half_close,
                    follows=follows,
                    changed=self._tell_changed,
                )
                self._tell_changed()
                await connection.show(stdout, writing)
        except CannotConnect as error:
            self.problems.append(str(error))
            return None
        return connection

    async def _look_for_more(self) -> None:
        """Report input that comes after the end of the connection: it is sent to nobody."""
        if self.problems or self._all_sent:
            return
        with anyio.move_on_after(MORE):
            await self._wanted.wait()
            if not self._all_sent:
                self.problems.append(Ended(Ending.CLOSED, unsent=True).sentence())

    async def _tell_lost(self) -> None:
        """Report at once what was lost on a connection that is not the last one."""
        for problem in self.problems:
            self.lost = True
            await complain(problem)
        self.problems.clear()
