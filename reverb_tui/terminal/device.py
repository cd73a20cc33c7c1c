"""A terminal's device: opened for this program alone, its line settings, and whose turn it is."""

import os
import termios
import tty
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

CONTROLLING: Final = "/dev/tty"
"""The terminal of the session, for whoever may not open it by its name (after su, say)."""

_UNCOOKED: Final = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG
_UNTOUCHED: Final = (
    termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP
)
_CONVERTED: Final = termios.OPOST | termios.ONLCR
"""Frames end their rows with LF alone."""


class Device:
    """A terminal, opened again, so that neither reading nor writing ever blocks.

    The non-blocking mode belongs to what ``open`` made, and standard input and output share that
    with the shell and everything else on the terminal. Only where the terminal can't be opened is
    the mode of what is shared changed, until ``close``.
    """

    def __init__(self, shared: int, flags: int) -> None:
        self._borrowed: int | None = None
        for name in _names(shared):
            with suppress(OSError):
                self.descriptor = os.open(name, flags | os.O_NONBLOCK | os.O_NOCTTY)
                return
        self.descriptor = os.dup(shared)
        if os.get_blocking(shared):
            self._borrowed = shared
            os.set_blocking(shared, False)

    def close(self) -> None:
        """Close it, and leave what is shared as it was."""
        os.close(self.descriptor)
        if self._borrowed is not None:
            os.set_blocking(self._borrowed, True)


def _names(descriptor: int) -> Iterator[str]:
    with suppress(OSError):
        yield os.ttyname(descriptor)
    with suppress(OSError):
        os.tcgetpgrp(descriptor)  # fails unless it is the controlling terminal
        yield CONTROLLING


class LineSettings:
    """The line settings of a terminal: raw for this program, as they were for everybody else."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before: list[Any] | None = None

    def make_raw(self) -> None:
        """Set raw mode: every key comes at once, unchanged and unechoed.

        Settings with line editing are the shell's, to be given back. Those without it are this
        program's own, which were not given back when it was stopped and continued from outside.
        """
        with suppress(termios.error):
            now = termios.tcgetattr(self._descriptor)
            if self._before is None or now[tty.LFLAG] & termios.ICANON:
                self._before = termios.tcgetattr(self._descriptor)
            now[tty.IFLAG] &= ~_UNTOUCHED
            now[tty.OFLAG] |= _CONVERTED
            now[tty.LFLAG] &= ~_UNCOOKED
            now[tty.CC][termios.VMIN], now[tty.CC][termios.VTIME] = 1, 0
            termios.tcsetattr(self._descriptor, termios.TCSANOW, now)

    def give_back(self) -> None:
        """Discard input that nobody has read, and set everything as it was."""
        with suppress(termios.error):
            termios.tcflush(self._descriptor, termios.TCIFLUSH)
            if self._before is not None:
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)


def is_foreground(descriptor: int) -> bool:
    """Return whether this process may use the terminal now; where there are no jobs, it may."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True


def is_gone(descriptor: int) -> bool:
    """Return whether the terminal was closed."""
    try:
        termios.tcgetattr(descriptor)
    except termios.error:
        return True
    return False
