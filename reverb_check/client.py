"""Run a client against a server of this checker's own, and judge it."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Final

import anyio
from anyio.abc import (
    ByteReceiveStream,
    ByteSendStream,
    Listener,
    Process,
    SocketAttribute,
    SocketStream,
)

from reverb_check.findings import LEFT_OUT, Asked, Report, Result, Tell
from reverb_check.learned import Learned
from reverb_check.program import PLACE, CannotStart
from reverb_check.promises.client import AT_ONCE, CLIENT_PROMISES, LINES
from reverb_check.promises.promise import Finding, Verdict, Wishes
from reverb_check.transcript import Ending, Evidence, Piece, Transcript
from reverb_server.command_line import printable
from reverb_server.core.reverb import Reverb

DELAY: Final = 0.2
"""Seconds between the echoes of the checker's own server."""

START_WITHIN: Final = 60.0
"""Seconds for a client to connect: ``go run`` compiles first."""

READ: Final = 65_536
KEPT: Final = 2**20
"""Bytes that are kept of what a client writes; no more is read."""


class Side:
    """One side of a run: what went in, what came out, and the end."""

    def __init__(self, begin: float) -> None:
        self._begin = begin
        self._sent: list[Piece] = []
        self._came: list[Piece] = []
        self._kept = 0
        self._transcript = Transcript()
        self.news = anyio.Event()
        """Set when something comes, and replaced."""

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return anyio.current_time() - self._begin

    def sent(self, data: bytes) -> None:
        """Record what was sent, or given."""
        self._sent.append(Piece(self.now, data))

    def came(self, data: bytes) -> bool:
        """Record what came; return whether there is room for more."""
        self._came.append(Piece(self.now, data))
        self._kept += len(data)
        self.tell()
        return self._kept < KEPT

    def tell(self) -> None:
        """Wake whoever waits for news."""
        self.news.set()
        self.news = anyio.Event()

    def half_closed(self) -> None:
        """Record the end of what is sent, or given."""
        self._transcript = replace(self._transcript, half_closed=self.now)

    def ended(self, ending: Ending, problem: str = "") -> None:
        """Record the end of all of it."""
        self._transcript = replace(self._transcript, ending=ending, problem=problem, over=self.now)
        self.tell()

    @property
    def transcript(self) -> Transcript:
        """Everything recorded until now."""
        return replace(
            self._transcript,
            sent=tuple(self._sent),
            came=tuple(self._came),
            over=self._transcript.over or self.now,
        )


async def check_client(
    command: Sequence[str], port: int, asked: Asked, wishes: Wishes, tell: Tell
) -> Report:
    """Run a client twice, and judge it. Raises CannotStart.

    Port 0 is a free one, which takes the place of `PLACE` in the words of the command.
    """
    try:
        listener = await anyio.create_tcp_listener(local_host="localhost", local_port=port)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on port {port}: {error.strerror}; stop what listens there, or give "
            "another --port"
        ) from error
    async with listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610  # no Django
        command = [word.replace(PLACE, str(port)) for word in command]
        tell("running the client until its input ends")
        first = await _run(command, listener, server_ends=False)
        own, server = first
        if server.ending is Ending.REFUSED:
            ended = f"ended with {own.problem}, and" if own.problem else f"in {START_WITHIN:g} s"
            raise CannotStart(
                f"{printable(shlex.join(command))} {ended} did not connect to localhost:{port}; "
                "check the command and --port"
            )
        tell("running the client until the server ends")
        second = await _run(command, listener, server_ends=True)
    evidence = Evidence((*first, *second))
    results: list[Result] = []
    for promise in CLIENT_PROMISES.values():
        left_out = promise.id in asked.without or (
            asked.only is not None and promise.id not in asked.only
        )
        finding = (
            Finding(Verdict.NOT_ASKED, LEFT_OUT)
            if left_out
            else promise.judge(Learned(delay=DELAY), wishes, evidence)
        )
        results.append(Result(promise, finding, evidence))
    return Report(printable(shlex.join(command)), results, delay=DELAY)


async def _run(
    command: Sequence[str], listener: Listener[SocketStream], *, server_ends: bool
) -> tuple[Transcript, Transcript]:
    begin = anyio.current_time()
    own, server = Side(begin), Side(begin)
    served = anyio.Event()

    async def serve(stream: SocketStream) -> None:
        async with stream:
            if served.is_set():
                return  # one connection is looked at
            served.set()
            await _serve(stream, server, server_ends=server_ends)

    async with (
        _process(command) as (process, keyboard, screen),
        anyio.create_task_group() as group,
    ):
        group.start_soon(listener.serve, serve)
        group.start_soon(_read, screen, own)
        group.start_soon(_wait, process, own)
        with anyio.move_on_after(START_WITHIN):
            await _served_or_ended(served, own)
        if served.is_set():
            await _type(keyboard, own, server, server_ends=server_ends)
            with anyio.move_on_after(AT_ONCE):
                while own.transcript.ending is Ending.OPEN:
                    await own.news.wait()
        else:
            server.ended(Ending.REFUSED, "it did not connect")
        result = own.transcript, server.transcript
        group.cancel_scope.cancel()
    return result


async def _served_or_ended(served: anyio.Event, own: Side) -> None:
    async with anyio.create_task_group() as group:

        async def ended() -> None:
            while own.transcript.ending is Ending.OPEN:
                await own.news.wait()
            group.cancel_scope.cancel()

        group.start_soon(ended)
        await served.wait()
        group.cancel_scope.cancel()


async def _type(keyboard: ByteSendStream, own: Side, server: Side, *, server_ends: bool) -> None:
    """Type lines at the client's input, and wait for what comes of them."""
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        for line in LINES[:1] if server_ends else LINES[:-1]:
            await keyboard.send(line + b"\n")
            own.sent(line + b"\n")
        if server_ends:
            with anyio.move_on_after(AT_ONCE):
                while server.transcript.half_closed is None:
                    await server.news.wait()
            return
        with anyio.move_on_after(2 * DELAY + AT_ONCE):
            while sum(len(p.data.splitlines()) for p in own.transcript.came) < 6:
                await own.news.wait()
        await keyboard.send(LINES[-1] + b"\n")
        own.sent(LINES[-1] + b"\n")
        await keyboard.aclose()
        own.half_closed()
    with anyio.move_on_after(2 * DELAY + AT_ONCE):
        while server.transcript.ending is Ending.OPEN:
            await server.news.wait()


async def _serve(stream: SocketStream, side: Side, *, server_ends: bool) -> None:
    """Be a reverb for one client, and record all of it."""
    reverb = Reverb(delay=DELAY, mode="concurrent", max_line=65_536)
    changed = anyio.Event()

    async def hear() -> None:
        nonlocal changed
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            while True:
                data = await stream.receive(READ)
                if not side.came(data):
                    break
                reverb.hear(data, anyio.current_time())
                changed.set()
                changed = anyio.Event()
        reverb.end(anyio.current_time())
        changed.set()
        changed = anyio.Event()

    async with anyio.create_task_group() as group:
        group.start_soon(hear)
        with suppress(anyio.BrokenResourceError):
            while not reverb.done:
                due = reverb.next_due
                with anyio.CancelScope(deadline=float("inf") if due is None else due):
                    await changed.wait()
                while data := reverb.speak(anyio.current_time()):
                    await stream.send(data)
                    for line in data.splitlines(keepends=True):
                        side.sent(line)
                if server_ends and len(side.transcript.sent) >= 3:
                    break
            await stream.send_eof()
        side.half_closed()
        side.tell()
        group.cancel_scope.cancel()
    side.ended(Ending.CLOSED)


async def _read(screen: ByteReceiveStream, own: Side) -> None:
    with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
        while own.came(await screen.receive(READ)):
            pass


async def _wait(process: Process, own: Side) -> None:
    status = await process.wait()
    await anyio.sleep(0.05)  # what it has written last is read
    own.ended(Ending.CLOSED, f"status {status}" if status >= 0 else f"signal {-status}")


@asynccontextmanager
async def _process(
    command: Sequence[str],
) -> AsyncIterator[tuple[Process, ByteSendStream, ByteReceiveStream]]:
    """Run a client with pipes at its standard input and output. Raises CannotStart."""
    try:
        process = await anyio.open_process(
            command, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        raise CannotStart(
            f"cannot start {printable(command[0])}: {error.strerror}; check the command"
        ) from error
    try:
        if process.stdin is None or process.stdout is None:
            raise CannotStart(f"cannot start {printable(command[0])}: it has no pipes")
        yield process, process.stdin, process.stdout
    finally:
        with suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        with anyio.CancelScope(shield=True):
            await process.aclose()
