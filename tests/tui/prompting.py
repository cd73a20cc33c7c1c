"""A prompt on a screen of its own, with its hint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button

from reverb_tui.commands.table import table
from reverb_tui.widgets.key_bar import KeyBar
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint
from tests.tui.screen import rows_of


class PromptApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.shouted: list[list[str]] = []
        self.done: list[object] = []
        self.connected = True
        self.prompt = Prompt(
            commands=table(["terminal", "nord"]),
            obstacle=lambda action: "" if self.connected else "it can't be done now",
        )

    def compose(self) -> ComposeResult:
        yield Button("elsewhere")
        yield self.prompt
        yield Hint(self.prompt)
        yield KeyBar([], [])

    def on_mount(self) -> None:
        self.prompt.focus()

    def begin(self) -> None:
        """Be as empty as at the start; what was typed before is kept."""
        self.prompt.clear()
        self.shouted.clear()
        self.done.clear()

    def get_default_screen(self) -> Screen[None]:
        return Commanded(id="_default")


class Commanded(Screen[None]):
    """Does what the prompt says, and writes it down."""

    app: PromptApp

    def on_prompt_shouted(self, event: Prompt.Shouted) -> None:
        self.app.shouted.append(event.lines)

    def action_set_delay(self, delay: float) -> None:
        self.app.done.append(delay)

    def action_close_input(self) -> None:
        self.app.done.append(self.app.prompt.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "set_delay" or self.app.connected


@asynccontextmanager
async def prompting(*typed: str) -> AsyncIterator[tuple[PromptApp, Pilot[Any]]]:
    """Run a prompt which remembers what was typed."""
    app = PromptApp()
    for text in typed:
        app.prompt.history.add(text)
    async with app.run_test(size=(60, 12)) as pilot:
        yield app, pilot


def row(app: App[Any], y: int) -> str:
    return rows_of(app)[y]


def hinted(app: PromptApp) -> str:
    """What can be read under the prompt."""
    return row(app, app.query_one(Hint).region.y).strip()
