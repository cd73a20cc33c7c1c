"""The history of typed lines: one file for all clients.

The file has a line for each entry, a JSON string, the newest last. Clients only append to it, so
that none destroys what another has written; rarely one of them, alone for a moment, trims it.
Whatever is wrong with the file, the client goes on: with what it could read, and without saving.
"""

import json
import os
from collections import deque
from pathlib import Path
from typing import Final

from reverb_tui.files.shared_file import Saver, locked, regular, replace
from reverb_tui.stdio import write

ENTRIES_KEPT: Final = 10_000
"""Entries that are kept."""

LONGEST_ENTRY: Final = 16_384
"""Characters of an entry; what is longer, a pasted file say, is not worth keeping."""

LARGEST_HISTORY: Final = 4 << 20
"""Bytes of the file that are read; one with more of them, or of lines, is trimmed."""


class History:
    """Keeps entries in ``file`` too, or with None only while the client runs.

    An entry is what was typed, as it was typed: it may hold controls and line ends, and must be
    made visible to be shown. Only making one reads the file, and waits for the disk.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._saver = Saver("the history is", file, self._append)
        self.listen, self.finish = self._saver.listen, self._saver.finish
        self._entries: list[str] = []
        self._unsaved: deque[str] = deque(maxlen=ENTRIES_KEPT)
        self._in_file = 0
        self._saver.attempt(self._load)

    @property
    def problem(self) -> str:
        """Why nothing is saved any more, one sentence; otherwise empty."""
        return self._saver.problem

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

        One that begins with a space is not to be kept, as in a shell. One that is not ``lasting``,
        however long, is kept only while the client runs.
        """
        if entry.startswith(" "):
            return
        if not lasting:
            self._keep(entry)
        elif len(entry) <= LONGEST_ENTRY and self._keep(entry):
            self._unsaved.append(entry)
            self._saver.wake()

    def _keep(self, entry: str) -> bool:
        """Add an entry; return whether it is a new one."""
        if not entry or (self._entries and self._entries[-1] == entry):
            return False
        self._entries.append(entry)
        if len(self._entries) > ENTRIES_KEPT:
            del self._entries[0]
        return True

    def _load(self, file: Path) -> None:
        for entry in self._read(file):
            self._keep(entry)
        self._trim(file)

    def _append(self, file: Path) -> None:
        """Write what is not saved yet; while another client trims it waits for the next time."""
        with locked(file, "shared") as held:
            if not held:
                return
            lines = [_encoded(entry) for entry in self._unsaved.copy()]
            with open(file, "ab", buffering=0, opener=regular) as content:
                # A line end before it too: another client's last line may have been torn off.
                write(content.fileno(), b"\n" + b"".join(lines))
        for _ in lines:
            self._unsaved.popleft()
        self._in_file += len(lines)
        self._trim(file)

    def _read(self, file: Path) -> list[str]:
        """Return the entries of the file, at most LARGEST_HISTORY bytes from its end."""
        try:
            with open(file, "rb", opener=regular) as content:
                size = os.fstat(content.fileno()).st_size
                content.seek(max(0, size - LARGEST_HISTORY))
                lines = content.read(LARGEST_HISTORY).split(b"\n")
        except FileNotFoundError:
            return []
        entries = [entry for line in lines if (entry := _decoded(line))]
        # So a file that is too large is trimmed, whatever is in it.
        self._in_file = 2 * ENTRIES_KEPT + 1 if size > LARGEST_HISTORY else len(entries)
        return entries

    def _trim(self, file: Path) -> None:
        """Leave the newest entries in the file, if it has twice as many or is too large."""
        if self._in_file <= 2 * ENTRIES_KEPT:
            return
        with locked(file, "alone") as held:
            if held:
                kept = self._read(file)[-ENTRIES_KEPT:]
                lines = [_encoded(entry) for entry in kept]
                size = sum(map(len, lines))
                drop = 0
                while size > LARGEST_HISTORY // 2:
                    size -= len(lines[drop])
                    drop += 1
                replace(file, b"".join(lines[drop:]))
                self._in_file = len(lines) - drop


def _encoded(entry: str) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _decoded(line: bytes) -> str:
    """Return the entry of a line; an empty one if the line is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return entry if isinstance(entry, str) and len(entry) <= LONGEST_ENTRY else ""
