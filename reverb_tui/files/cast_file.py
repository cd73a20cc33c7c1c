"""A recording of the screen in a file, written while it goes on."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from reverb_tui.files import asciicast
from reverb_tui.files.background_writer import BackgroundWriter
from reverb_tui.files.new_file import create, named, why_not
from reverb_tui.files.shared_file import HANGS

MOST_WAITING: Final = 4 << 20
"""Bytes that may wait for the disk; one that is further behind ends the recording.

A frame can't be left out: those after it draw only what changes.
"""


class CastFile:
    """Sees what a terminal is sent, from `begin` to `close`, and writes it as asciicast.

    Args:
        path: A new file.
        failed: Called with a sentence, once and in any thread, when nothing more is written.
        overwrite: Whether a file that exists is replaced.

    Raises:
        Exists: The file exists, and ``overwrite`` was not said.
        CannotSave: It can't be written.
    """

    def __init__(
        self, path: Path, failed: Callable[[str], object], *, overwrite: bool = False
    ) -> None:
        self._path = path
        self._failed = failed
        self._writer = BackgroundWriter(
            create(path, overwrite=overwrite), lambda error: self._fail(why_not(path, error))
        )
        self._broken = False
        self._began = time.monotonic()
        self._size = 0, 0

    @property
    def name(self) -> str:
        """The file's name, safe to show."""
        return named(self._path)

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def begin(self, columns: int, rows: int) -> None:
        """Record from now on; the terminal has this size."""
        self._began = time.monotonic()
        self._size = columns, rows
        terminal = os.environ.get("TERM", "")
        self._add(asciicast.header(columns, rows, time.time(), terminal))
        self._add(asciicast.output(0.0, asciicast.BEGIN))

    def sent(self, piece: bytes) -> None:
        """Record what the terminal is sent."""
        if text := asciicast.drawing(piece.decode("utf-8", "replace")):
            self._add(asciicast.output(self.seconds, text))

    def resized(self, columns: int, rows: int) -> None:
        """Record the size of the terminal, if it is another."""
        if (columns, rows) != self._size:
            self._size = columns, rows
            self._add(asciicast.resize(self.seconds, columns, rows))

    def close(self) -> bool:
        """Write what waits, and close; return whether the disk took all of it.

        Waits for a moment at most, and not for a disk that is stuck.
        """
        if self._size[1]:
            self._add(asciicast.output(self.seconds, asciicast.end(self._size[1])))
        return self._writer.close() and not self._broken

    def _add(self, line: bytes) -> None:
        if self._broken:
            return
        if self._writer.waiting > MOST_WAITING:
            self._fail(f"cannot write {self.name}: {HANGS}")
        else:
            self._writer.add([line], len(line))

    def _fail(self, reason: str) -> None:
        if not self._broken:
            self._broken = True
            self._failed(f"the screen is not recorded any more: {reason}")
