"""A program in a real pseudo-terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import threading
import time
from contextlib import nullcontext, suppress
from typing import Final

from bench.machine import on_core
from bench.programs import Failed

SIZE: Final = (120, 40)
"""Columns and rows."""
READ_SIZE: Final = 65_536
"""Bytes that a fast terminal takes at once."""
SLOW_READS: Final = 0.002
"""Seconds between two reads of a slow one."""
PAINTED: Final = b"\x1b[1;1H"
"""Where Textual begins to paint the screen: row 1, column 1."""
QUESTION: Final = b"\x1b[6n"
"""Where the cursor is, and how a terminal says so."""
ANSWER: Final = b"\x1b[1;1R"
GIVE_UP_AFTER: Final = 20.0
"""Seconds within which what one waits for must be painted."""


class Terminal:
    """A terminal with a program in it; a thread reads what is painted.

    Args:
        command: The program.
        core: The core for it; None leaves that to the system.
        size: Columns and rows.
        speed: Bytes that the terminal takes in a second; None takes everything at once.
        answers: Whether it says where its cursor is when it is asked, as terminals do.
    """

    def __init__(
        self,
        command: list[str],
        core: int | None,
        *,
        size: tuple[int, int] = SIZE,
        speed: float | None = None,
        answers: bool = True,
    ) -> None:
        self._speed, self._answers = speed, answers
        with nullcontext() if core is None else on_core(core):
            self.pid, self._screen = pty.fork()
            if self.pid == 0:
                os.environ["TERM"] = "xterm-256color"
                os.execv(command[0], command)
        columns, rows = size
        fcntl.ioctl(self._screen, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._painted = bytearray()
        self._times: list[tuple[int, float]] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._reader.join()
        os.close(self._screen)

    def write(self, keys: bytes) -> None:
        os.write(self._screen, keys)

    def has_shown(self, text: bytes) -> bool:
        """Return whether ``text`` has been painted."""
        with self._changed:
            return text in self._painted

    @property
    def painted(self) -> int:
        """How many bytes have been painted."""
        with self._changed:
            return len(self._painted)

    def wait_for(self, text: bytes, since: int = 0) -> float:
        """Return the instant at which ``text`` is painted, after ``since`` bytes. Raises Failed."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._painted.find(text, since) >= 0, GIVE_UP_AFTER
            ):
                raise Failed(f"{text.decode()!r} was not painted within {GIVE_UP_AFTER:g} seconds")
            end = self._painted.index(text, since) + len(text)
            return next(instant for size, instant in self._times if size >= end)

    def wait_for_end(self) -> None:
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def _read(self) -> None:
        with suppress(OSError):  # the program has ended
            last, room = time.monotonic(), READ_SIZE
            while True:
                select.select([self._screen], [], [])
                if self._speed is not None:
                    time.sleep(SLOW_READS)
                    now = time.monotonic()
                    room, last = max(1, int(self._speed * min(now - last, 0.1))), now
                data, now = os.read(self._screen, room), time.monotonic()
                with self._changed:
                    before = max(0, len(self._painted) - len(QUESTION) + 1)
                    self._painted += data
                    self._times.append((len(self._painted), now))
                    if self._answers:
                        self.write(ANSWER * self._painted.count(QUESTION, before))
                    self._changed.notify_all()
