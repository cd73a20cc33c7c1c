"""A file with a continuous copy of the log, written line by line."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from reverb_tui.entry import Entry, Kind
from reverb_tui.files.formats import batches, is_json
from reverb_tui.files.saving import CannotSave, named, require_regular, sentence, write

FULL: Final = 20_000
"""Lines that may wait for a disk before whoever brings more should wait; long ones count more."""

MOST_WAITING: Final = 200_000
"""Lines that may wait at all; of what comes beyond them, only the number is written."""

USUAL: Final = 200
"""Characters of a line that counts as one."""

CLOSE_WITHIN: Final = 5.0
"""Seconds that the end of the client waits for a disk at most."""

STUCK: Final = 1.0
"""Seconds that it waits for a disk that takes nothing at all."""


class LogFile:
    """A file to which the log is appended continuously, in order, by a thread of its own.

    ``complain`` is called in that thread, once, with a sentence, when the file can't be written
    any more; then nothing more is.

    Raises:
        CannotSave: The file can't be opened.
    """

    def __init__(self, path: Path, complain: Callable[[str], None]) -> None:
        self._path = path
        self._complain = complain
        self._batches: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._counting = Lock()
        self._waiting = 0
        self._missing = 0
        self._complete = True
        self._written = 0
        try:
            self._path = path.expanduser()
            require_regular(self._path)
            self._file = self._path.open("a+b", buffering=0)
        except (OSError, RuntimeError, ValueError) as error:
            raise CannotSave(sentence(path, error)) from error
        self._thread = Thread(target=self._run, name="log file", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The file's name, safe to show."""
        return named(self._path)

    @property
    def description(self) -> str:
        """The file, what is written to it, and whether it still is."""
        lines = "JSON lines" if is_json(self._path) else "text"
        how = f"as {lines}" if self._thread.is_alive() else "not written any more"
        return f"{self.name}, {how}"

    @property
    def full(self) -> bool:
        """Whether the disk is behind: time to read no more from the network for a while."""
        return self._waiting > FULL and self._thread.is_alive()

    def add(self, entries: Sequence[Entry]) -> None:
        """Write these entries after all that came before; never waits."""
        if not entries:
            return
        with self._counting:
            if not self._thread.is_alive() or self._waiting > MOST_WAITING:
                self._missing += len(entries)
                self._complete = False
                return
            self._waiting += _weight(entries)
            missing, self._missing = self._missing, 0
        if missing:
            self._batches.put([_gap(missing, entries[0][2])])
        self._batches.put(list(entries))

    def close(self) -> bool:
        """Write what waits, and close; return whether the disk took all of it.

        Waits for ``CLOSE_WITHIN`` at most, and not for a disk that is stuck.
        """
        missing, self._missing = self._missing, 0
        if missing:
            self._batches.put([_gap(missing, 0.0)])
        self._batches.put(None)
        until = time.monotonic() + CLOSE_WITHIN
        written = -1
        while self._thread.is_alive() and self._written > written and time.monotonic() < until:
            written = self._written
            self._thread.join(STUCK)
        return self._complete and not self._thread.is_alive()

    def _run(self) -> None:
        try:
            if self._file.seek(0, os.SEEK_END):
                self._file.seek(-1, os.SEEK_END)
                if self._file.read(1) != b"\n":
                    write(self._file.fileno(), b"\n")  # it broke off within a line
            while (entries := self._batches.get()) is not None:
                for data in batches(entries, self._path):
                    write(self._file.fileno(), data)
                    self._written += 1
                with self._counting:
                    self._waiting -= _weight(entries)
        except OSError as error:
            self._complete = False
            self._complain(f"the log is not written any more: {sentence(self._path, error)}")
        finally:
            self._file.close()


def _weight(entries: Sequence[Entry]) -> int:
    """Return as how many lines these count, by the memory they take."""
    return len(entries) + sum([len(entry[1]) for entry in entries]) // USUAL


def _gap(count: int, instant: float) -> Entry:
    return Kind.PROBLEM, f"{count:,} lines are missing here: the disk was too slow", instant, 0
