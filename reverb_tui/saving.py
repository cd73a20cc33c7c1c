"""The log in a file: at once, or line by line as it comes.

A file whose name ends in ``.jsonl`` gets a JSON object for each line: ``time`` (ISO 8601, UTC),
``kind``, ``shout`` (its number) and ``text``, null where there is none. Any other file gets the
lines as they are shown.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from json.encoder import encode_basestring
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from reverb_tui.display import visible_text
from reverb_tui.entry import PREFIXES, Entry, Kind

FULL: Final = 20_000
"""Lines that may wait for a disk before whoever brings more should wait."""

MOST_WAITING: Final = 200_000
"""Lines that may wait at all; of what comes beyond them, only the number is written."""

PATIENCE: Final = 5.0
"""Seconds that the end of the client waits for a disk."""

_NAMES: Final = tuple(kind.name.lower() for kind in Kind)

_AT_ONCE: Final = 2000
"""Lines that are made into bytes and written at once."""


class CannotSave(Exception):
    """The file can't be written; the message is one sentence that says why."""


def formatted(entries: Iterable[Entry], path: Path) -> bytes:
    """The lines as the file of this name gets them, with no control but the line ends."""
    line = _json if path.suffix.lower() == ".jsonl" else _plain
    return "".join(map(line, entries)).encode()


def save(path: Path, entries: Sequence[Entry], *, overwrite: bool = False) -> None:
    """Write all entries to a file; what was there before stays until all of them are written.

    Raises:
        CannotSave: The file exists and ``overwrite`` was not said, or it can't be written.
    """
    try:
        path = path.expanduser().resolve()
        if path.exists():
            _require_regular(path)
            if not overwrite:
                raise CannotSave(f"{_name(path)} exists")
        new = path.with_name(f".{path.name}.{os.getpid()}") if path.exists() else path
        with new.open("xb", buffering=0) as file:
            try:
                for data in _batches(entries, path):
                    _write(file.fileno(), data)
                if new != path:
                    new.chmod(stat.S_IMODE(path.stat().st_mode))
                    new.replace(path)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
    except (OSError, RuntimeError, ValueError) as error:
        raise CannotSave(_sentence(path, error)) from error


class LogFile:
    """A file to which the log is appended all along, in order, by a thread of its own.

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
        try:
            self._path = path.expanduser()
            if self._path.exists():
                _require_regular(self._path)
            self._file = os.open(
                self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise CannotSave(_sentence(path, error)) from error
        self._thread = Thread(target=self._run, name="log file", daemon=True)
        self._thread.start()

    @property
    def description(self) -> str:
        """The file, what is written to it, and whether it still is."""
        lines = "JSON lines" if self._path.suffix.lower() == ".jsonl" else "text"
        how = f"as {lines}" if self._thread.is_alive() else "not written any more"
        return f"{_name(self._path)}, {how}"

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
                return
            self._waiting += len(entries)
            missing, self._missing = self._missing, 0
        if missing:
            self._batches.put([_gap(missing, entries[0][2])])
        self._batches.put(list(entries))

    def close(self) -> bool:
        """Write what waits, and close; return whether all was written, and within ``PATIENCE``."""
        missing, self._missing = self._missing, 0
        if missing:
            self._batches.put([_gap(missing, 0.0)])
        self._batches.put(None)
        self._thread.join(PATIENCE)
        return self._complete and not self._thread.is_alive()

    def _run(self) -> None:
        try:
            size = os.fstat(self._file).st_size
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                _write(self._file, b"\n")  # it broke off within a line
            while (entries := self._batches.get()) is not None:
                for data in _batches(entries, self._path):
                    _write(self._file, data)
                with self._counting:
                    self._waiting -= len(entries)
        except OSError as error:
            self._complete = False
            self._complain(f"the log is not written any more: {_sentence(self._path, error)}")
        finally:
            os.close(self._file)


def _batches(entries: Iterable[Entry], path: Path) -> Iterator[bytes]:
    rest = iter(entries)
    while batch := list(islice(rest, _AT_ONCE)):
        yield formatted(batch, path)


def _plain(entry: Entry) -> str:
    return f"{PREFIXES[entry[0]]}{_safe(entry[1])}\n"


def _json(entry: Entry) -> str:
    # Put together by hand: 300,000 lines may come in a second, and json.dumps is ten times slower.
    kind, text, instant, shout = entry
    time = f'"{_time(instant)}"' if instant else "null"
    return (
        f'{{"time": {time}, "kind": "{_NAMES[kind]}", "shout": {shout or "null"}, '
        f'"text": {encode_basestring(_safe(text))}}}\n'
    )


def _safe(text: str) -> str:
    return text if text.isprintable() else visible_text(text)


@lru_cache(maxsize=64)
def _time(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="microseconds")


def _gap(count: int, instant: float) -> Entry:
    return Kind.PROBLEM, f"{count:,} lines are missing here: the disk was too slow", instant, 0


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _require_regular(path: Path) -> None:
    if not path.is_file():
        raise CannotSave(f"{_name(path)} is no regular file")


def _name(path: Path) -> str:
    return visible_text(str(path))


def _sentence(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"cannot write {_name(path)}: there is no directory {_name(path.parent)}"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot write {_name(path)}: {visible_text(reason)}"
