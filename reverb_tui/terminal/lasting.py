"""Textual's driver of the terminal, but for what goes wrong in it.

Once a terminal is gone, Textual's writer ends, and the client then waits for it for ever. What
its reader makes of some bytes is told in `typed_text`; why cells have to be kept in their places,
in `placing`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

from textual.app import App
from textual.drivers import linux_driver

from reverb_tui.terminal.placing import placed
from reverb_tui.terminal.typed_text import Decoder


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
        self._file: Any = Lasting(self._file)

    def write(self, data: str) -> None:
        """Write a frame, or some controls."""
        super().write(placed(data))


class Lasting:
    """A file to write to that loses what is written once it is gone, and never says so."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._gone = False
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        """Write, or do nothing."""
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
