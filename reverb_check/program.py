"""A program under test: started, watched, started again, stopped with all that it started."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import IO, Final

import anyio

from reverb_server.command_line import printable
from reverb_server.errors import ReverbError

END_WITHIN: Final = 2.0
"""Seconds for a program to end on SIGTERM before it is killed."""

PLACE: Final = "{port}"
"""The words of a command in whose place the port is put."""

TOLD: Final = 200
"""Characters that an error repeats of what a program has printed."""


class CannotStart(ReverbError):
    """The program can't be started, or does not do what it was started for; one sentence."""


class Program:
    """A command that runs as a process group of its own; get one from `running_program`.

    Args:
        command: Its words.
        output: File for what it prints, which is kept for errors.
    """

    def __init__(self, command: Sequence[str], output: IO[bytes]) -> None:
        self._command = command
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> bool:
        """Whether it does not run any more, or not yet."""
        return self._process is None or self._process.poll() is not None

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it, again if it has ended. Raises CannotStart."""
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the user's own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,  # of no effect on Windows
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CannotStart(f"cannot start {self}: {reason}; check the command") from error

    @property
    def last_words(self) -> str:
        """The last line that it printed, safe to show; "" if there is none."""
        self._output.flush()
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - 4096))
        lines = self._output.read().decode(errors="replace").strip().splitlines()
        self._output.seek(0, os.SEEK_END)
        return printable(lines[-1])[:TOLD] if lines else ""

    async def stop(self) -> None:
        """End it and all that it started: politely, then at once."""
        process = self._process
        if process is None:
            return
        self._signal(process, signal.SIGTERM)
        with anyio.move_on_after(END_WITHIN, shield=True):
            while process.poll() is None:  # noqa: ASYNC110  # nothing tells of it everywhere
                await anyio.sleep(0.01)
        self._signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        process.wait()

    def _signal(self, process: subprocess.Popen[bytes], number: int) -> None:
        with suppress(OSError):
            if sys.platform == "win32":
                process.send_signal(number)
            else:
                os.killpg(process.pid, number)

    def __str__(self) -> str:
        return printable(shlex.join(self._command))[:TOLD]


@asynccontextmanager
async def running_program(command: Sequence[str]) -> AsyncIterator[Program]:
    """Have a program, not started yet, which is stopped after the block."""
    with tempfile.TemporaryFile() as output:
        program = Program(command, output)
        try:
            yield program
        finally:
            await program.stop()
