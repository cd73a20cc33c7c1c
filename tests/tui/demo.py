"""An app with the client's sheets, its palette and its prompt, and nothing behind them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Footer

from reverb_tui import themes
from reverb_tui.commands.table import table
from reverb_tui.palette import Commands
from reverb_tui.screens.details import Details
from reverb_tui.screens.help import Help
from reverb_tui.screens.sheet import Section
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint
from reverb_tui.widgets.slider import DelaySlider
from tests.tui.screen import rows_of


class Demo(App[None], inherit_bindings=False):
    COMMANDS = {Commands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", id="help"),
        Binding("f3", "details", "Details", id="details"),
        Binding("alt+left", "step(-1)", "Shorter", key_display="Alt+←", id="shorter"),
        Binding("ctrl+q", "quit", "Quit", id="quit", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(ansi_color=themes.settle_no_color(os.environ))
        self.table = table(themes.NAMES)
        self.prompt = Prompt(commands=self.table, placeholder="type")
        self.delay = 1.0
        self.figure = 0

    def compose(self) -> ComposeResult:
        yield EchoLog()
        yield DelaySlider()
        yield self.prompt
        yield Hint(self.prompt)
        yield Footer()

    def on_mount(self) -> None:
        for theme in themes.OWN:
            self.register_theme(theme)
        if self.no_color:
            self.theme = themes.FEW_COLOURS
        self.prompt.focus()

    def get_default_screen(self) -> Screen[None]:
        return Commanded(id="_default")

    def action_help(self) -> None:
        self.push_screen(Help(self.screen, self.table))

    def action_details(self) -> None:
        self.push_screen(Details(self.details))

    def details(self, width: int) -> list[Section]:
        return [
            ("Server", [("figure", str(self.figure)), ("hostile", "[/red] \x1b]0;x\x07\u202e")]),
            ("Lateness", [("histogram", "▁▂▃▅█\n0 ms … 9 ms")]),
        ]


class Commanded(Screen[None]):
    """Does what the prompt's commands say."""

    app: Demo

    def action_set_delay(self, delay: float) -> None:
        self.app.delay = delay

    def action_set_mode(self, mode: str) -> None:
        self.app.sub_title = mode

    def action_set_theme(self, theme: str) -> None:
        self.app.theme = theme

    def action_help(self) -> None:
        self.app.action_help()


@asynccontextmanager
async def demo(size: tuple[int, int] = (100, 30)) -> AsyncIterator[tuple[Demo, Pilot[Any]]]:
    app = Demo()
    async with app.run_test(size=size) as pilot:
        yield app, pilot


def text(app: App[Any]) -> str:
    """What is on the screen."""
    return "\n".join(rows_of(app))
