"""The log in a file: saved at once, or written continuously, line by line."""

import contextlib
import os
import re
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from reverb_server.errors import ReverbError
from reverb_tui.display import visible_text
from reverb_tui.entry import Entry, Kind
from reverb_tui.files.formats import batches, is_json
from reverb_tui.files.shared_file import lock, regular
from reverb_tui.stdio import write

FULL_AT: Final = 20_000
"""Lines that may wait for a disk before whoever brings more should wait; long ones count more."""

MOST_HELD: Final = 200_000
"""Lines that may wait at all; of what comes beyond them, only the number is written."""

USUAL: Final = 200
"""Characters of a line that counts as one."""

CLOSE_WITHIN: Final = 5.0
"""Seconds that the end of the client waits for a disk at most."""

STUCK_AFTER: Final = 1.0
"""Seconds that it waits for a disk that takes nothing at all."""

TEMPORARY: Final = ".reverb-tmp"
"""Suffix of a file that is about to replace another."""


class CannotSave(ReverbError):
    """The file can't be written; the message is one sentence that says why."""


class Exists(ReverbError):
    """The file exists already; the message is one sentence."""


def save(path: Path, entries: Sequence[Entry], *, overwrite: bool = False) -> None:
    """Write all entries to a file; what was there before stays until all of them are written.

    Raises:
        Exists: The file exists, and ``overwrite`` was not said.
        CannotSave: It can't be written.
    """
    try:
        path = Path(os.path.realpath(path.expanduser()))
        _require_regular(path)
        if path.exists() and not overwrite:
            raise Exists(f"{_named(path)} exists")
        new = _beside(path) if path.exists() else path
        with new.open("xb", buffering=0) as file:
            try:
                lock(file.fileno(), "alone")  # as long as it is written: others let it be
                for data in batches(entries, path):
                    write(file.fileno(), data)
                if new != path:
                    new.chmod(stat.S_IMODE(path.stat().st_mode))
                    new.replace(path)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
    except (OSError, RuntimeError, ValueError) as error:
        raise CannotSave(_sentence(path, error)) from error


def _beside(path: Path) -> Path:
    """Return the name of a new file beside it, once those of clients that were killed are gone."""
    names = re.compile(rf"\.{re.escape(path.name)}\.[0-9]+\{TEMPORARY}")
    for each in path.parent.iterdir():
        if names.fullmatch(each.name):
            with contextlib.suppress(OSError), open(each, "ab", opener=regular) as left:
                if lock(left.fileno(), "alone"):
                    each.unlink()
    return path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")


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
            _require_regular(self._path)
            self._file = self._path.open("a+b", buffering=0)
        except (OSError, RuntimeError, ValueError) as error:
            raise CannotSave(_sentence(path, error)) from error
        self._thread = Thread(target=self._run, name="log file", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The file's name, safe to show."""
        return _named(self._path)

    @property
    def description(self) -> str:
        """The file, what is written to it, and whether it still is."""
        lines = "JSON lines" if is_json(self._path) else "text"
        how = f"as {lines}" if self._thread.is_alive() else "not written any more"
        return f"{self.name}, {how}"

    @property
    def full(self) -> bool:
        """Whether the disk is behind: time to read no more from the network for a while."""
        return self._waiting > FULL_AT and self._thread.is_alive()

    def add(self, entries: Sequence[Entry]) -> None:
        """Write these entries after all that came before; never waits."""
        if not entries:
            return
        with self._counting:
            if not self._thread.is_alive() or self._waiting > MOST_HELD:
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
            self._thread.join(STUCK_AFTER)
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
            self._complain(f"the log is not written any more: {_sentence(self._path, error)}")
        finally:
            self._file.close()


def _require_regular(path: Path) -> None:
    """Raise `CannotSave` if there is something that is no file to write lines to, or OSError."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise CannotSave(f"{_named(path)} is no regular file")


def _named(path: Path) -> str:
    return visible_text(str(path))


def _sentence(path: Path, error: Exception) -> str:
    """Return why the file can't be written, as a sentence."""
    if isinstance(error, RuntimeError):  # of `Path.expanduser`
        return f"cannot write {_named(path)}: there is no home directory of that user"
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        return f"cannot write {_named(path)}: there is no directory {_named(path.parent)}"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot write {_named(path)}: {visible_text(reason)}"


def _weight(entries: Sequence[Entry]) -> int:
    """Return as how many lines these count, by the memory they take."""
    return len(entries) + sum([len(entry[1]) for entry in entries]) // USUAL


def _gap(count: int, instant: float) -> Entry:
    return Kind.PROBLEM, f"{count:,} lines are missing here: the disk was too slow", instant, 0
