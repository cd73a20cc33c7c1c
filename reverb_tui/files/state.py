"""State of the screen that is remembered from one run to the next: what the user chose.

It is kept in a small JSON file beside the history, written whole. Every choice is independent, so
that two clients that choose different things do not undo each other's.
"""

import json
from pathlib import Path
from typing import Final

from platformdirs import user_state_path

from reverb_tui.entry import Timestamps
from reverb_tui.files.config import Config
from reverb_tui.files.shared_file import Saver, locked, regular, replace

LARGEST_STATE: Final = 65_536
"""Bytes of the file that are read."""


def state_directory() -> Path:
    """Return where such files belong; on Linux ``XDG_STATE_HOME`` has a say."""
    return user_state_path("reverb-echo", appauthor=False)


class Choices:
    """The user's choices: from the configuration, which takes precedence, or an earlier run.

    Each is None where nothing was chosen; the theme may be one that there is no more.

    Args:
        config: What the user configured.
        file: Where choices are kept. What it has is read once, and forgotten if it makes no sense;
            without a file nothing is kept.
    """

    def __init__(self, config: Config = Config(), file: Path | None = None) -> None:
        self._before: dict[str, object] = {}
        self._chosen: dict[str, str | bool] = {}
        self._saver = Saver("your choices are", file, self._save)
        self.listen, self.finish = self._saver.listen, self._saver.finish
        self._saver.attempt(self._load)
        names = ("theme", "timestamps", "timeline")
        theme, times, shown = map(self._before.get, names)
        self.theme = config.theme or (theme if isinstance(theme, str) else None)
        known = next((each for each in Timestamps if each == times), None)
        self.timestamps = config.timestamps or known
        remembered = shown if isinstance(shown, bool) else None
        self.timeline = remembered if config.timeline is None else config.timeline

    @property
    def problem(self) -> str:
        """Why nothing is kept any more, one sentence; otherwise empty."""
        return self._saver.problem

    def remember(self, **choices: str | bool) -> None:
        """Keep choices, by the names they have here, and leave the others alone; never waits."""
        self._chosen.update(choices)
        self._saver.wake()

    def _load(self, file: Path) -> None:
        self._before = _read(file)

    def _save(self, file: Path) -> None:
        """Write the choices; while another client writes they are forgotten."""
        with locked(file, "alone") as held:
            if held:
                replace(file, json.dumps({**_read(file), **self._chosen}).encode())


def _read(file: Path) -> dict[str, object]:
    """Return what is in the file; nothing if there is none or it makes no sense. Raises OSError."""
    try:
        with open(file, "rb", opener=regular) as content:
            found = json.loads(content.read(LARGEST_STATE))
        json.dumps(found)  # it is written again
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
