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

from reverb_server.core.voice import INDENT
from reverb_tui import descriptors
from reverb_tui.connection.client import CLOSED_FIRST, Client, open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.daemon import in_daemon_thread
from reverb_tui.connection.lines import Lines
from reverb_tui.connection.peer import Refused
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.display import marked, visible

UNSENT: Final = 262_144
"""Bytes that may wait to be sent; meanwhile standard input is not read."""

INTERRUPTED: Final = 130
"""The exit status after Ctrl-C: 128 and the number of SIGINT."""

NOWHERE: Final = "standard output is closed: give it a file or a pipe, or /dev/null"

_BARE_LF: Final = re.compile(rb"(?<!\r)\n")


def pipe(
    target: AnyTarget,
    *,
    raw: bool = False,
    crlf: bool = False,
    delay: float | None = None,
    mode: str | None = None,
) -> int:
    """Run `run_pipe` with this process's standard input and output; return the exit status."""
    run = partial(
        run_pipe,
        target,
        stdin=descriptors.descriptor_of(sys.stdin),
        stdout=descriptors.descriptor_of(sys.stdout),
        raw=raw,
        crlf=crlf,
        delay=delay,
        mode=mode,
    )
    try:
        return anyio.run(_until_interrupted, run)
    except KeyboardInterrupt:  # before signals were received, or where they can't be
        return INTERRUPTED


async def _until_interrupted(run: Callable[[], Awaitable[int]]) -> int:
    """Run until it ends, or Ctrl-C is pressed; return the exit status."""
    status = INTERRUPTED
    async with anyio.create_task_group() as group:
        if sys.platform != "win32":
            group.start_soon(_cancel_when_interrupted, group.cancel_scope)
        status = await run()
        group.cancel_scope.cancel()
    return status


async def _cancel_when_interrupted(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT) as signals:
        async for _ in signals:
            scope.cancel()


async def run_pipe(
    target: AnyTarget,
    *,
    stdin: int | None,
    stdout: int | None,
    raw: bool = False,
    crlf: bool = False,
    delay: float | None = None,
    mode: str | None = None,
) -> int:
    """Connect ``stdin`` and ``stdout`` (descriptors; None: closed) to a server.

    A request is sent only if a delay (seconds) or a mode is given. Bytes go through untouched,
    except for control lines; but to a terminal only what is safe to show. Errors go to standard
    error. Returns the exit status: 0 if all went well, or nobody reads the output any more; 1 if
    there was no connection, or it broke, or input was left over, or output had nowhere to go.
    """
    control = delay is not None or mode is not None
    problems: list[str] = []
    try:
        async with (
            open_client(target, control=control, raw=raw, delay=delay, mode=mode) as client,
            anyio.create_task_group() as group,
        ):
            group.start_soon(_send, client, stdin, crlf, problems)
            problems += await _show(client, stdout, raw)
            group.cancel_scope.cancel()
    except CannotConnect as error:
        problems.append(str(error))
    for problem in problems:
        await _complain(problem)
    return 1 if problems else 0


async def _send(client: Client, stdin: int | None, crlf: bool, problems: list[str]) -> None:
    """Send standard input to its end; add to ``problems`` why it ended too early."""
    carriage_return = b""
    while stdin is not None:
        try:
            data = await descriptors.read(stdin)
        except OSError as error:
            problems.append(f"cannot read standard input: {error.strerror}")
            break
        if not data:
            break
        if crlf:
            converted = _BARE_LF.sub(b"\r\n", carriage_return + data)[len(carriage_return) :]
            carriage_return = b"\r" if data.endswith(b"\r") else b""
            data = converted
        client.send(data)
        await client.outbox_below(UNSENT)
    client.half_close()


async def _show(client: Client, stdout: int | None, raw: bool) -> list[str]:
    """Show what comes until it ends; return what went wrong, a sentence, or nothing."""
    screen = _Screen(raw) if stdout is not None and os.isatty(stdout) else None
    silent = True
    try:
        while pieces := await client.receive():
            silent = False
            for piece in pieces:
                if isinstance(piece, Refused):
                    await _complain(piece.sentence)
                elif isinstance(piece, bytes):
                    if stdout is None:
                        return [NOWHERE]
                    await descriptors.write(stdout, screen.show(piece) if screen else piece)
        if screen and stdout is not None:
            await descriptors.write(stdout, screen.end())
    except BrokenPipeError:
        return []
    except OSError as error:
        return [f"cannot write standard output: {error.strerror}"]
    if silent and client.sent_anything and not raw and client.reason is None:
        return ["nothing came back: that is no echo, or one that speaks TLS (--tls)"]
    # Servers that are no reverb may end the conversation themselves, as SMTP does after QUIT.
    well = client.reason is None or (raw and client.reason == CLOSED_FIRST)
    return [] if well else [str(client.reason)]


async def _complain(sentence: str) -> None:
    await in_daemon_thread(lambda: descriptors.complain(sentence))


class _Screen:
    """What a terminal is to be sent for the lines that come."""

    def __init__(self, raw: bool) -> None:
        self._lines = Lines()
        self._indent = b"" if raw else INDENT

    def show(self, data: bytes) -> bytes:
        return self._text(*self._lines.feed(data))

    def end(self) -> bytes:
        return self._text(*self._lines.end())

    def _text(self, lines: list[bytes], left_out: dict[int, int]) -> bytes:
        text = "".join(self._line(line, left_out.get(n)) for n, line in enumerate(lines))
        return text.encode("utf-8")

    def _line(self, line: bytes, left_out: int | None) -> str:
        indented = bool(self._indent) and line.startswith(self._indent)
        shown = "    " + visible(line.removeprefix(self._indent)) if indented else visible(line)
        return f"{marked(shown, left_out) if left_out else shown}\n"
