"""Work on files that the user names, with a question before one is written over."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from textual.screen import Screen

from reverb_server.net.daemon_thread import in_background
from reverb_tui.files.new_file import CannotSave, Exists
from reverb_tui.files.shared_file import HANGS
from reverb_tui.screens.confirm import Confirm

SLOW: Final = 3.0
"""Seconds after which it is said that a disk has not taken a file yet."""

Result = TypeVar("Result")


class Saving:
    """Does each piece of work in a thread that nobody waits for: the disk may hang.

    Args:
        screen: Where questions are asked.
        complain: Puts a problem into the log.
        later: Makes a call in the screen's own thread, from any other.
    """

    def __init__(
        self,
        screen: Screen[Any],
        complain: Callable[[str], None],
        later: Callable[..., None],
    ) -> None:
        self.begun: dict[str, Future[None]] = {}
        """The last work on each file; what is not done in the end is told."""
        self._screen = screen
        self._complain = complain
        self._later = later

    def save(
        self,
        file: str,
        work: Callable[[bool], Result],
        done: Callable[[Result], object],
        *,
        overwrite: bool = False,
    ) -> None:
        """Do some work on a file; ask before it is written over.

        Args:
            file: The file's name, as it was typed.
            work: Is told whether to overwrite the file; raises `Exists` or `CannotSave`.
            done: Called in the screen's own thread with what the work returned.
            overwrite: What the work is told.
        """
        slow = self._screen.set_timer(
            SLOW, lambda: self._complain(f"{file} is not saved yet: {HANGS}")
        )

        def attempt() -> None:
            try:
                result = work(overwrite)
            except Exists:
                self._later(ask)
            except CannotSave as problem:
                self._later(self._complain, str(problem))
            else:
                self._later(done, result)
            finally:
                self._later(slow.stop)

        def ask() -> None:
            self._screen.app.push_screen(
                Confirm(f"{file} is there already: write over it?", "write over it"),
                lambda yes: self.save(file, work, done, overwrite=True) if yes else None,
            )

        self.begun[file] = in_background(attempt)
