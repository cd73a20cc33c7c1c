"""Textual's driver of the terminal, but for what goes wrong in it.

Once a terminal is gone, Textual's writer ends, and the client then waits for it for ever. What
its reader makes of some bytes is told in `typed_text`; why cells have to be kept in their places,
in `placing`.
"""

import contextlib
import signal
import termios
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any, Final, TextIO

from textual.app import App
from textual.drivers import linux_driver

from reverb_tui.terminal.placing import placed
from reverb_tui.terminal.typed_text import Decoder

STANDARD_OUTPUT: Final = 1

PATIENCE: Final = 0.5
"""Seconds for a terminal to take what it was sent, at the end."""

LOOK: Final = 0.01
"""Seconds between two looks whether it has."""

NO_PIXELS: Final = "\x1b[?1016l"
"""Ends that the mouse is told of in pixels, where the terminal can do that."""

MARK: Final = ""
"""What is put between two writes to know when the one before has been written."""


class LastingDriver(linux_driver.LinuxDriver):
    """Takes whatever is typed, shifts no cell, and outlives its terminal."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Textual writes to standard error, which may be a file where the terminal is not.
        output = open(STANDARD_OUTPUT, "w", errors="replace", closefd=False)  # noqa: SIM115
        self._file: Any = Lasting(output)
        self._away = False  # while the terminal is the shell's

    def write(self, data: str) -> None:
        """Write a frame, or some controls."""
        if not self._away:
            super().write(placed(data))

    def suspend_application_mode(self) -> None:
        """Give the terminal back to the shell."""
        super().suspend_application_mode()
        self._away = True

    def resume_application_mode(self) -> None:
        """Take the terminal again, unless the client goes on only to end."""
        ending = getattr(self._app, "ending", None)
        if ending is None or not ending.asked_by:
            self._away = False
            super().resume_application_mode()

    def disable_input(self) -> None:
        """Take no more input."""
        if not self._away:
            super().disable_input()

    def close(self) -> None:
        """Be done with the terminal."""
        if not self._away:
            super().close()

    def stop_application_mode(self) -> None:
        """End; if the terminal takes nothing, without what it was sent already."""
        if self._away:
            return
        if self._mouse_pixels:  # Textual leaves it on
            self.write(NO_PIXELS)
            self._mouse_pixels = False
        self.write(MARK)
        if not self._file.marked.wait(PATIENCE):
            self._forget()
            while not self._file.marked.wait(LOOK):
                self._forget()
            self._forget()  # so that there is room for what comes now
        super().stop_application_mode()
        self._file.marked.clear()

    def _forget(self) -> None:
        """Drop what the terminal has not taken, and let the writer know that there is room."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCOFLUSH)
        if self._writer_thread is not None and self._writer_thread.ident is not None:
            # A blocked write looks again after a signal only; this one has a handler.
            signal.pthread_kill(self._writer_thread.ident, signal.SIGWINCH)


class Lasting:
    """A file to write to that loses what is written once it is gone, and never says so.

    ``marked`` is set once everything is written that came before a `MARK`.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._gone = False
        self.marked = Event()
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        """Write, or do nothing."""
        if text == MARK:
            self.flush()
            self.marked.set()
        else:
            self._try(partial(self._file.write, text))

    def flush(self) -> None:
        """Flush, or do nothing."""
        self._try(self._file.flush)

    def _try(self, action: Callable[[], object]) -> None:
        if not self._gone:
            try:
                action()
            except OSError:
                self._gone = True


# The driver's reader makes its decoder itself, and from nothing that could be given to it.
vars(linux_driver)["getincrementaldecoder"] = lambda encoding: Decoder
