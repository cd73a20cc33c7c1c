"""Saves of the log to files, with a question before one is written over."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from textual.screen import Screen

from reverb_server.net.daemon_thread import in_background
from reverb_tui.entry import Entry
from reverb_tui.files.log_file import CannotSave, Exists, save
from reverb_tui.files.shared_file import HANGS
from reverb_tui.screens.confirm import Confirm

SLOW: Final = 3.0
"""Seconds after which it is said that a disk has not taken the log yet."""


class Saving:
    """Saves, each in a thread that nobody waits for: the disk may hang.

    Args:
        screen: Where questions are asked.
        entries: Returns what to save.
        say: Puts a sentence into the log.
        complain: Puts a problem into the log.
        later: Makes a call in the screen's own thread, from any other.
    """

    def __init__(
        self,
        screen: Screen[Any],
        entries: Callable[[], Sequence[Entry]],
        say: Callable[[str], None],
        complain: Callable[[str], None],
        later: Callable[..., None],
    ) -> None:
        self.begun: dict[str, Future[None]] = {}
        """The last save to each file; what is not saved in the end is told."""
        self._screen = screen
        self._entries = entries
        self._say = say
        self._complain = complain
        self._later = later

    def save(self, file: str, *, overwrite: bool = False) -> None:
        """Save the log; ask before a file is written over."""
        entries = self._entries()
        slow = self._screen.set_timer(
            SLOW, lambda: self._complain(f"{file} is not saved yet: {HANGS}")
        )

        def write() -> None:
            try:
                save(Path(file), entries, overwrite=overwrite)
            except Exists:
                self._later(self._ask, file)
            except CannotSave as problem:
                self._later(self._complain, str(problem))
            else:
                lines = "1 line" if len(entries) == 1 else f"{len(entries):,} lines"
                self._later(self._say, f"saved {lines} to {file}")
            finally:
                self._later(slow.stop)

        self.begun[file] = in_background(write)

    def _ask(self, file: str) -> None:
        self._screen.app.push_screen(
            Confirm(f"{file} is there already: write over it?", "write over it"),
            lambda yes: self.save(file, overwrite=True) if yes else None,
        )
