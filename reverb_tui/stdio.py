"""Standard input, output and error by their descriptors; all of it may block.

None of them is switched to non-blocking mode, which would also switch it for the programs that
share it; and what can be read or written now may be taken by one of those before us. So it is done
in threads, which nobody waits for at exit.
"""

import io
import os
import select
import sys
from concurrent.futures import wait
from typing import IO, Final

from reverb_server import command_line
from reverb_server.net.daemon_thread import in_background
from reverb_tui.display import visible_text

STDIO_READ_SIZE: Final = 65_536
"""Bytes asked for by one read."""

WRITE_WITHIN: Final = 1.0
"""Seconds for standard error to take a sentence."""


def read(descriptor: int) -> bytes:
    """Return what comes next, at most READ_SIZE bytes; ``b""`` at the end. Raises OSError."""
    while True:
        try:
            return os.read(descriptor, STDIO_READ_SIZE)
        except BlockingIOError:  # somebody has it in non-blocking mode
            select.select([descriptor], [], [])


def write(descriptor: int, data: bytes) -> None:
    """Write all of ``data``. Raises OSError, which is BrokenPipeError if nobody reads any more."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            select.select([], [descriptor], [])


def complain(sentence: str) -> bool:
    """Print an error on standard error; return False if nobody takes it within a moment."""
    text = visible_text(sentence)
    if descriptor_of(sys.stderr) is None:  # closed, or no file at all
        command_line.print_error("reverb-tui", text)
        return True
    return print_error(f"reverb-tui: {text}\n")


def print_error(text: str, seconds: float = WRITE_WITHIN) -> bool:
    """Write text to standard error; return False if nobody takes it within a moment."""
    error = descriptor_of(sys.stderr)
    if error is None:
        return False
    data = text.encode(errors="backslashreplace")
    # Not by print: its buffer would be waited for at exit.
    return bool(wait([in_background(lambda: write(error, data))], seconds).done)


def descriptor_of(stream: IO[str] | None) -> int | None:
    """Return the descriptor of a standard stream; None if the program was started without it."""
    if stream is None:
        return None
    try:
        return stream.fileno()
    except io.UnsupportedOperation:
        return None
