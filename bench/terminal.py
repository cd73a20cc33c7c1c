"""A program in a real pseudo-terminal, and a server that floods it."""

import fcntl
import os
import pty
import select
import signal
import socket
import struct
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from bench.machine import on_core
from bench.programs import Failed

ROWS: Final = 40
COLUMNS: Final = 120
PAINTED: Final = b"\x1b[1;1H"
"""Where Textual begins to paint the screen: row 1, column 1."""
QUESTION: Final = b"\x1b[6n"
"""Where the cursor is, and how a terminal says so."""
ANSWER: Final = b"\x1b[1;1R"
GIVE_UP_AFTER: Final = 20.0
"""Seconds within which what one waits for must be painted."""


class Terminal:
    """A terminal of 120 columns and 40 rows with a program in it, on a core of its own.

    A thread reads whatever is painted at once, as a fast terminal does.
    """

    def __init__(self, command: list[str], core: int) -> None:
        with on_core(core):
            self.pid, self._screen = pty.fork()
            if self.pid == 0:
                os.environ["TERM"] = "xterm-256color"
                os.execv(command[0], command)
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self._screen, termios.TIOCSWINSZ, size)
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
        """Type."""
        os.write(self._screen, keys)

    def has_shown(self, text: bytes) -> bool:
        """Tell whether ``text`` has been painted."""
        with self._changed:
            return text in self._painted

    def wait_for(self, text: bytes) -> float:
        """Wait until ``text`` has been painted, and return the instant. Raises Failed."""
        with self._changed:
            if not self._changed.wait_for(lambda: text in self._painted, GIVE_UP_AFTER):
                raise Failed(f"{text.decode()!r} was not painted within {GIVE_UP_AFTER:g} seconds")
            end = self._painted.index(text) + len(text)
            return next(instant for size, instant in self._times if size >= end)

    def _read(self) -> None:
        with suppress(OSError):  # the program has ended
            while True:
                select.select([self._screen], [], [])
                data, now = os.read(self._screen, 65_536), time.monotonic()
                with self._changed:
                    before = max(0, len(self._painted) - len(QUESTION) + 1)
                    self._painted += data
                    self.write(ANSWER * self._painted.count(QUESTION, before))
                    self._times.append((len(self._painted), now))
                    self._changed.notify_all()


class Flood:
    """A server that pours lines into its one client once it is told to."""

    def __init__(self, listener: socket.socket, lines: int, last: bytes) -> None:
        self.port: int = listener.getsockname()[1]
        self.began = 0.0
        self._listener = listener
        self._lines, self._last = lines, last
        self._go = threading.Event()

    def begin(self) -> None:
        """Open the gates."""
        self.began = time.monotonic()
        self._go.set()

    def end(self) -> None:
        """Let `pour` end, whether it has begun or not."""
        self._go.set()

    def pour(self) -> None:
        """Send it all."""
        block = b"".join(b"\t Is there anybody there? %d\n" % number for number in range(1000))
        with suppress(OSError), self._listener.accept()[0] as sock:
            self._go.wait()
            for _ in range(self._lines // 1000):
                sock.sendall(block)
            sock.sendall(b"\t %s\n" % self._last)
            sock.recv(1)


@contextmanager
def flooding(lines: int, last: bytes) -> Iterator[Flood]:
    """Listen for a client to flood with so many lines, and then ``last``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        flood = Flood(listener, lines, last)
        thread = threading.Thread(target=flood.pour, daemon=True)
        thread.start()
        try:
            yield flood
        finally:
            flood.end()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()
