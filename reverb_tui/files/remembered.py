"""Choices that the client remembers from one run to the next.

It is a small JSON file beside the history, written whole. Every choice is independent, so that
two clients that choose different things do not undo each other's.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from platformdirs import user_state_path

from reverb_tui.files.locking import locked, regular, replace, tidy
from reverb_tui.files.saver import Saver

LARGEST: Final = 65_536
"""Bytes of the file that are read."""


def state_directory() -> Path:
    """Return where such files belong; on Linux ``XDG_STATE_HOME`` has a say."""
    return user_state_path("reverb-echo", appauthor=False)


class Memory:
    """Choices of earlier runs (``before``, by name); it keeps those of this run.

    The values may be anything: whoever asks checks them. What can't be read is forgotten.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = file.with_name(f"{file.name}.lock")
        self._chosen: dict[str, str | bool] = {}
        self._saver = Saver("your choices are", file, self._save)
        self.before: Mapping[str, object] = {}
        self.listen, self.finish = self._saver.listen, self._saver.finish
        try:
            self.before = _read(file)
        except OSError as error:
            self._saver.give_up(error.strerror or error)
        tidy(file, self._lock)

    @property
    def problem(self) -> str:
        """Why nothing is kept any more, one sentence; otherwise empty."""
        return self._saver.problem

    def keep(self, choices: Mapping[str, str | bool]) -> None:
        """Keep some choices, and let the others be as they are; never waits."""
        self._chosen.update(choices)
        self._saver.wake()

    def _save(self) -> None:
        """Write the choices; at the same instant as another client does, they are forgotten."""
        with locked(self._lock, "alone") as held:
            if held:
                replace(self._file, json.dumps({**_read(self._file), **self._chosen}).encode())


def _read(file: Path) -> dict[str, object]:
    """Return what is in the file; nothing if there is none or it makes no sense. Raises OSError."""
    try:
        with open(file, "rb", opener=regular) as content:
            found = json.loads(content.read(LARGEST))
        json.dumps(found)  # it is written again
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
