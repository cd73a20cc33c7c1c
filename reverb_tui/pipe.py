"""The client without a screen: standard input to the server, what it answers to standard output.

It is the book's netcat2 done right. At the end of input it half-closes, and it ends when the last
echo has come. Neither side is read faster than the other takes it.
"""

import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import anyio
from anyio.abc import TaskStatus

from reverb_server.net.daemon_thread import DaemonThread, in_daemon_thread
from reverb_tui import stdio
from reverb_tui.connection.client import Client, open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.echoes.tally import Tally
from reverb_tui.plain_screen import PlainScreen
from reverb_tui.protocol.events import Ended, Ending, Heard
from reverb_tui.protocol.negotiation import ServerError

UNSENT: Final = 262_144
"""Bytes that may wait to be sent; meanwhile standard input is not read."""

INTERRUPTED: Final = 130
"""The exit status after Ctrl-C: 128 and the number of SIGINT."""

NOWHERE: Final = "standard output is closed: give it a file or a pipe, or /dev/null"

NOTHING: Final = "nothing came back: that is no echo, or one that speaks TLS (--tls)"

SENDS_AWAY: Final = ("full", "idle", "cut")
"""Codes of errors with which a reverb ends the connection."""

CHANGE_UNANSWERED: Final = (
    "the server did not answer what it was asked: leave out --delay and --mode if it is no reverb"
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
) -> int:
    """Connect ``stdin`` and ``stdout`` (descriptors; None: closed) to a server.

    A request is sent only if a delay (seconds) or a mode is given. Bytes go through untouched,
    except for control lines; but to a terminal only what is safe to show. Errors go to standard
    error. Without ``half_close`` the server is not told of the end of the input, and has to end
    the conversation. Returns the exit status: 0 if all went well, or nobody reads the output any
    more; 1 if there was no connection, or it broke, or echoes are missing, or input was left over,
    or output had nowhere to go.
    """
    control = delay is not None or mode is not None
    problems: list[str] = []
    try:
        async with (
            open_client(
                target, control=control, raw=raw, lines=False, delay=delay, mode=mode
            ) as client,
            anyio.create_task_group() as group,
        ):
            conversation = _Conversation(client, None if raw else Tally(), half_close=half_close)
            with DaemonThread() as reading, DaemonThread() as writing:
                group.start_soon(conversation.send, stdin, reading, crlf)
                await conversation.show(stdout, writing)
            problems += conversation.problems
            group.cancel_scope.cancel()
    except CannotConnect as error:
        problems.append(str(error))
    for problem in problems:
        await _complain(problem)
    return 1 if problems else 0


class _Conversation:
    """Both directions of one connection; without a ``tally`` the server is no reverb."""

    def __init__(self, client: Client, tally: Tally | None, *, half_close: bool) -> None:
        self.problems: list[str] = []
        self._client = client
        self._tally = tally
        self._half_close = half_close

    async def send(self, stdin: int | None, reading: DaemonThread, crlf: bool) -> None:
        """Send standard input to its end, or until it can't be read."""
        client, carriage_return = self._client, b""
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
            client.send(data)
            if self._tally is not None:
                self._tally.send(data)
            await client.outbox_below(UNSENT)
        if self._half_close or self.problems:
            client.half_close()
            if self._tally is not None:
                self._tally.end_input()

    async def show(self, stdout: int | None, writing: DaemonThread) -> None:
        """Show what comes until it ends."""
        screen = None
        if stdout is not None and os.isatty(stdout):
            screen = PlainScreen(indent=self._tally is not None)
        try:
            async for event in self._client.events():
                if self._tally is not None:
                    self._tally.hear(event)
                match event:
                    case ServerError(code, sentence) if code in SENDS_AWAY:
                        self.problems.append(sentence)
                    case ServerError(sentence=sentence):
                        await _complain(sentence)
                    case Heard(data=data) if data:
                        if stdout is None:
                            self.problems.append(NOWHERE)
                            return
                        shown = screen.show(data) if screen else data
                        await writing.run(partial(stdio.write, stdout, shown))
                    case Ended():
                        if screen and stdout is not None:
                            await writing.run(partial(stdio.write, stdout, screen.end()))
                        self._judge_end(event)
        except BrokenPipeError:
            pass  # nobody reads the output any more
        except OSError as error:
            self.problems.append(f"cannot write standard output: {error.strerror}")

    def _judge_end(self, ended: Ended) -> None:
        client, tally, silent = self._client, self._tally, not self._client.heard_anything
        missing, expected = (tally.missing, tally.expected) if tally else (None, 0)
        # Servers that are no reverb may end the conversation themselves, as SMTP does after QUIT.
        may_close = tally is None or not self._half_close
        well = ended.how is Ending.AS_ASKED or (ended.how is Ending.CLOSED and may_close)
        if missing or (not well and not self.problems):
            self.problems.append(ended.sentence(missing, expected))
        elif self.problems:
            return
        elif client.info.kind == "asking" and client.sent_anything and not silent:
            self.problems.append(CHANGE_UNANSWERED)
        elif silent and client.sent_anything and tally is not None:
            self.problems.append(NOTHING)


async def _complain(sentence: str) -> None:
    await in_daemon_thread(lambda: stdio.complain(sentence))
