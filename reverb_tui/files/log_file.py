"""The log in a file, written continuously, line by line."""

import os
from collections.abc import Callable, Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Final

from reverb_tui.entry import Entry, Kind
from reverb_tui.files.background_writer import BackgroundWriter
from reverb_tui.files.formats import batches, is_json
from reverb_tui.files.new_file import CannotSave, named, require_regular, why_not

FULL_AT: Final = 20_000
"""Lines that may wait for a disk before whoever brings more should wait; long ones count more."""

MOST_HELD: Final = 200_000
"""Lines that may wait at all; of what comes beyond them, only the number is written."""

USUAL: Final = 200
"""Characters of a line that counts as one."""


class LogFile:
    """A file to which the log is appended continuously, in order, in the background.

    ``complain`` is called in another thread, once, with a sentence, when the file can't be written
    any more; then nothing more is.

    Raises:
        CannotSave: The file can't be opened.
    """

    def __init__(self, path: Path, complain: Callable[[str], None]) -> None:
        self._path = path
        self._missing = 0
        self._complete = True
        try:
            self._path = path.expanduser()
            require_regular(self._path)
            file = self._path.open("a+b", buffering=0)
        except (OSError, RuntimeError, ValueError) as error:
            raise CannotSave(why_not(self._path, error)) from error
        self._writer = BackgroundWriter(
            file,
            lambda error: complain(
                f"the log is not written any more: {why_not(self._path, error)}"
            ),
        )
        self._writer.add(_line_end(file))

    @property
    def name(self) -> str:
        """The file's name, safe to show."""
        return named(self._path)

    @property
    def description(self) -> str:
        """The file, what is written to it, and whether it still is."""
        lines = "JSON lines" if is_json(self._path) else "text"
        how = f"as {lines}" if self._writer.alive else "not written any more"
        return f"{self.name}, {how}"

    @property
    def full(self) -> bool:
        """Whether the disk is behind: time to read no more from the network for a while."""
        return self._writer.waiting > FULL_AT and self._writer.alive

    def add(self, entries: Sequence[Entry]) -> None:
        """Write these entries after all that came before; never waits."""
        if not entries:
            return
        if not self._writer.alive or self._writer.waiting > MOST_HELD:
            self._missing += len(entries)
            self._complete = False
            return
        self._tell_missing(entries[0][2])
        self._writer.add(batches(list(entries), self._path), _weight(entries))

    def close(self) -> bool:
        """Write what waits, and close; return whether the disk took all of it.

        Waits for a moment at most, and not for a disk that is stuck.
        """
        self._tell_missing(0.0)
        return self._writer.close() and self._complete

    def _tell_missing(self, instant: float) -> None:
        if self._missing:
            self._writer.add(batches([_gap(self._missing, instant)], self._path))
            self._missing = 0


def _line_end(file: FileIO) -> Iterator[bytes]:
    """Yield a line end if the file breaks off within a line."""
    if file.seek(0, os.SEEK_END):
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            yield b"\n"


def _weight(entries: Sequence[Entry]) -> int:
    """Return as how many lines these count, by the memory they take."""
    return len(entries) + sum([len(entry[1]) for entry in entries]) // USUAL


def _gap(count: int, instant: float) -> Entry:
    return Kind.PROBLEM, f"{count:,} lines are missing here: the disk was too slow", instant, 0
