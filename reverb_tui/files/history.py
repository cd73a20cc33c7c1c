"""What was typed before, in this run and in others: one file for all clients.

The file has a line for each entry, a JSON string, the newest last. Clients only append to it, so
that none destroys what another has written; rarely one of them, alone for a moment, trims it.
Whatever is wrong with the file, the client goes on: with what it could read, and without saving.
"""

import json
import os
import stat
from collections import deque
from pathlib import Path
from typing import Final

from reverb_tui.files.locking import locked, private, replace
from reverb_tui.files.saving import write

KEPT: Final = 10_000
"""Entries that are kept."""

LONGEST: Final = 16_384
"""Characters of an entry; what is longer, a pasted file say, is not worth keeping."""

LARGEST: Final = 4 << 20
"""Bytes of the file that are read; one with more of them, or of lines, is trimmed."""


class History:
    """Keeps entries in ``file`` too, or with None only while the client runs.

    An entry is what was typed, as it was typed: it may hold controls and line ends, and must be
    made visible to be shown. ``problem`` is a sentence once something is wrong with the file, and
    otherwise empty.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.problem = ""
        self._file = file
        self._entries: list[str] = []
        self._unsaved: deque[str] = deque(maxlen=KEPT)
        self._in_file = 0
        if file is not None:
            try:
                for entry in self._read(file):
                    self._keep(entry)
                self._trim(file)
            except OSError as error:
                self._give_up(error)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, age: int) -> str:
        """The entry of an age: 1 for the newest."""
        return self._entries[-age]

    def find(self, prefix: str, age: int, step: int) -> int:
        """Return the age of the next entry with the prefix, beyond ``age``; 0 if there is none.

        ``step`` is 1 to look for an older one, -1 for a newer one.
        """
        entries = self._entries
        ages = range(age + step, len(entries) + 1 if step > 0 else 0, step)
        return next((each for each in ages if entries[-each].startswith(prefix)), 0)

    def add(self, entry: str, *, lasting: bool = True) -> None:
        """Keep an entry, unless it is empty, very long, or the newest already.

        One that is not ``lasting``, however long, is kept only while the client runs.
        """
        if not lasting:
            self._keep(entry)
            return
        if len(entry) > LONGEST or not self._keep(entry) or self._file is None:
            return
        self._unsaved.append(entry)
        try:
            self._append(self._file)
        except OSError as error:
            self._give_up(error)

    def _keep(self, entry: str) -> bool:
        """Take an entry in; tell whether it is a new one."""
        if not entry or (self._entries and self._entries[-1] == entry):
            return False
        self._entries.append(entry)
        if len(self._entries) > KEPT:
            del self._entries[0]
        return True

    def _give_up(self, error: OSError) -> None:
        self.problem = f"the history is not saved: {self._file}: {error.strerror or error}"
        self._file = None
        self._unsaved.clear()

    def _append(self, file: Path) -> None:
        """Write what is not saved yet; while another client trims it waits for the next time."""
        with locked(_lock(file), "shared") as held:
            if not held:
                return
            with open(file, "ab", buffering=0, opener=private) as content:
                # A line end before it too: another client's last line may have been torn off.
                write(content.fileno(), b"\n" + b"".join(map(_encoded, self._unsaved)))
        self._in_file += len(self._unsaved)
        self._unsaved.clear()
        self._trim(file)

    def _read(self, file: Path) -> list[str]:
        """Return the entries of the file, at most LARGEST bytes from its end."""
        if not file.exists():
            return []
        with open(file, "rb", opener=_at_once) as content:
            status = os.fstat(content.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError("this is no regular file")
            content.seek(max(0, status.st_size - LARGEST))
            lines = content.read(LARGEST).split(b"\n")
        entries = [entry for line in lines if (entry := _decoded(line))]
        # So a file that is too large is trimmed, whatever is in it.
        self._in_file = 2 * KEPT + 1 if status.st_size > LARGEST else len(entries)
        return entries

    def _trim(self, file: Path) -> None:
        """Leave the newest entries in the file, if it has twice as many or is too large."""
        if self._in_file <= 2 * KEPT:
            return
        with locked(_lock(file), "alone") as held:
            if held:
                kept = self._read(file)[-KEPT:]
                lines = [_encoded(entry) for entry in kept]
                size = sum(map(len, lines))
                drop = 0
                while size > LARGEST // 2:
                    size -= len(lines[drop])
                    drop += 1
                replace(file, b"".join(lines[drop:]))
                self._in_file = len(lines) - drop


def _lock(file: Path) -> Path:
    return file.with_name(f"{file.name}.lock")


def _at_once(path: str, flags: int) -> int:
    """Open it; nobody need write into a pipe of that name for us to go on."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _encoded(entry: str) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _decoded(line: bytes) -> str:
    """Return the entry of a line; an empty one if the line is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return entry if isinstance(entry, str) and len(entry) <= LONGEST else ""
