"""The frames of the screen, which wait for the terminal, so that the client never does."""

import sys
from typing import Final

from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen
from textual.timer import Timer

from reverb_tui.terminal.behind import terminal_is_stuck
from reverb_tui.terminal.ending import Ending

LOOK: Final = 0.1
"""Seconds between two looks at a terminal that took nothing."""


class Framed(App[None], inherit_bindings=False):
    """Draws no frame while the terminal takes nothing; then one, with all that was missed."""

    ending: Ending | None = None
    """Hears the signals that end the client, where there are any for it."""

    _missed: Timer | None = None

    def get_driver_class(self) -> type[Driver]:
        """Give a driver that knows more of the terminal, where there is one."""
        usual = super().get_driver_class()
        if sys.platform != "win32":
            from textual.drivers.linux_driver import LinuxDriver

            from reverb_tui.terminal.driver import AskingDriver

            if usual is LinuxDriver:
                return AskingDriver
        return usual

    def on_mount(self) -> None:
        """Draw everything anew where the client was stopped: nothing of it is there any more."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if not terminal_is_stuck(self):
            super()._display(screen, renderable)
        elif self._missed is None:
            self._missed = self.set_interval(LOOK, self._draw_missed)

    def _draw_missed(self) -> None:
        if self._missed is not None and not terminal_is_stuck(self):
            self._missed.stop()
            self._missed = None
            self.refresh()
