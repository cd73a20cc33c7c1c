"""Files that the main screen writes: the log continuously, what is saved, and a recording."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
from textual.screen import Screen

from reverb_tui.display import visible_text
from reverb_tui.entry import Entry
from reverb_tui.files.formats import batches
from reverb_tui.files.log_file import LogFile
from reverb_tui.files.new_file import save
from reverb_tui.files.picture import self_contained
from reverb_tui.screens.recording import Recording
from reverb_tui.screens.saving import Saving

DISK: Final = 0.02
"""Seconds between two looks at a disk that is behind."""


class WrittenFiles:
    """Writes the files of one screen; a disk that hangs keeps nobody waiting.

    Args:
        screen: The screen that is recorded or drawn, and where questions are asked.
        say: Puts a sentence into the log.
        complain: Puts a problem into the log.
        later: Makes a call in the screen's own thread, from any other.
        mark: Shows whether the screen is being recorded.
    """

    def __init__(
        self,
        screen: Screen[Any],
        say: Callable[[str], None],
        complain: Callable[[str], None],
        later: Callable[..., None],
        mark: Callable[[bool], None],
    ) -> None:
        self.log: LogFile | None = None
        """A file that the log is written to continuously."""
        self._screen = screen
        self._say = say
        self._saving = Saving(screen, complain, later)
        self._recording = Recording(screen, self._saving, say, complain, later, mark)

    @property
    def described(self) -> str:
        """The log's file, and how it is written; "" if there is none."""
        return "" if self.log is None else self.log.description

    def add(self, entries: Sequence[Entry]) -> None:
        """Write these entries to the log's file, if there is one."""
        if self.log is not None:
            self.log.add(entries)

    async def ready(self) -> None:
        """Wait while the log's file has too much to write."""
        while self.log is not None and self.log.full:  # noqa: ASYNC110
            await anyio.sleep(DISK)

    def save_log(self, entries: Sequence[Entry], file: str) -> None:
        """Save lines of the log; ask before a file is written over."""
        lines = "1 line" if len(entries) == 1 else f"{len(entries):,} lines"
        self._saving.save(
            file,
            lambda overwrite: save(Path(file), partial(batches, entries), overwrite=overwrite),
            lambda _: self._say(f"saved {lines} to {file}"),
        )

    def save_picture(self, file: str) -> None:
        """Save the screen as SVG, likewise."""
        picture = self_contained(self._screen.app.export_screenshot()).encode()
        self._saving.save(
            file,
            lambda overwrite: save(Path(file), lambda _: [picture], overwrite=overwrite),
            lambda _: self._say(f"saved a picture of the screen to {file}"),
        )

    def record(self, file: str) -> None:
        """Record the screen to a file, likewise; without one, end the recording."""
        if file:
            self._recording.start(file)
        else:
            self._recording.stop()

    def finish(self, until: float) -> list[str]:
        """Wait for the disk, until an instant of the monotonic clock.

        Returns the names of files that may be incomplete, safe to show.
        """
        lost = [] if self.log is None or self.log.close() else [self.log.name]
        if not self._recording.close():
            lost.append(visible_text(self._recording.file))
        for file, saved in self._saving.begun.items():
            wait([saved], max(0, until - time.monotonic()))
            lost += [] if saved.done() else [visible_text(file)]
        return lost
