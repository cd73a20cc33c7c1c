"""Recordings of the screen, one at a time, from a command to the next one."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from textual.screen import Screen

from reverb_server.net.daemon_thread import in_background
from reverb_tui.files.cast_file import CastFile
from reverb_tui.screens.saving import Saving
from reverb_tui.terminal import watch


class Recording:
    """Records what the terminal is sent.

    Args:
        screen: The screen that is recorded, with what lies over it.
        saving: Opens and closes the files.
        say: Puts a sentence into the log.
        complain: Puts a problem into the log.
        later: Makes a call in the screen's own thread, from any other.
        mark: Shows whether something is recorded.
    """

    def __init__(
        self,
        screen: Screen[Any],
        saving: Saving,
        say: Callable[[str], None],
        complain: Callable[[str], None],
        later: Callable[..., None],
        mark: Callable[[bool], None],
    ) -> None:
        self._screen = screen
        self._saving = saving
        self._say = say
        self._complain = complain
        self._later = later
        self._mark = mark
        self._cast: CastFile | None = None
        self._file = ""

    @property
    def file(self) -> str:
        """The name of the file that is written, as it was typed."""
        return self._file

    def start(self, file: str) -> None:
        """Record to a new file; ask before one is written over."""
        if self._cast is not None:
            self._complain(f"still recording to {self._file}: /cast ends that first")
            return
        if not watch(self._screen.app, None):
            self._complain("the screen can't be recorded: that needs a Unix terminal")
            return

        def failed(sentence: str) -> None:
            self._later(self._give_up, file, sentence)

        self._saving.save(
            file,
            lambda overwrite: CastFile(Path(file), failed, overwrite=overwrite),
            partial(self._begin, file),
        )

    def stop(self) -> None:
        """End the recording; its file is complete soon."""
        cast, file = self._cast, self._file
        if cast is None:
            self._complain("nothing is being recorded: /cast FILE begins")
            return
        sentence = f"recorded {cast.seconds:.1f} s to {file}"
        self._leave()

        def closed(complete: bool) -> None:
            if complete:
                self._say(sentence)
            else:
                self._complain(f"{file} may be incomplete")

        self._saving.save(file, lambda _: cast.close(), closed)

    def close(self) -> bool:
        """End the recording with the client; return whether the disk took all of it."""
        return self._cast is None or self._cast.close()

    def _begin(self, file: str, cast: CastFile) -> None:
        if self._cast is not None:  # another disk was faster
            in_background(cast.close)
            return
        self._cast, self._file = cast, file
        self._say(f"recording the screen to {file}: /cast ends it")
        self._mark(True)
        cast.begin(*self._screen.app.size)
        watch(self._screen.app, cast)

    def _give_up(self, file: str, sentence: str) -> None:
        if self._cast is not None and self._file == file:
            in_background(self._cast.close)
            self._leave()
        self._complain(sentence)

    def _leave(self) -> None:
        watch(self._screen.app, None)
        self._cast, self._file = None, ""
        self._mark(False)
