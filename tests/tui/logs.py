"""A log on a screen of its own, with a bar to search it and a line to type in."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from reverb_tui.entry import Entry, Kind
from reverb_tui.screens.selection_screen import SelectionScreen
from reverb_tui.themes import TERMINAL
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.search import SearchBar
from reverb_tui.widgets.log.unfinished import Unfinished
from reverb_tui.widgets.log.wrapped_lines import MOST_LINES


def line(kind: Kind, text: str, instant: float = 0.0, shout: int = 0) -> Entry:
    return kind, text, instant, shout


def numbered(begin: int, end: int, kind: Kind = Kind.SHOUT) -> list[Entry]:
    return [line(kind, f"line {number}") for number in range(begin, end)]


TALK = [
    line(Kind.SHOUT, "Hello?", 1, 1),
    line(Kind.SHOUT, "Who?", 2, 2),
    line(Kind.LOUD, "HELLO?", 3, 1),
    line(Kind.NOTICE, "a notice", 4),
    line(Kind.LOUD, "WHO?", 5, 2),
]


class Bench(App[None]):
    CSS = "EchoLog { height: 1fr; } Input { height: 1; border: none; padding: 0; }"

    def __init__(self, lines: Sequence[Entry], most_lines: int) -> None:
        super().__init__()
        self.lines = lines
        self.most_lines = most_lines
        self.followed: list[bool] = []
        self.selected: list[int] = []
        self.copied: list[str] = []

    def compose(self) -> ComposeResult:
        log = EchoLog(self.most_lines)
        log.add(self.lines)  # before it is mounted
        yield log
        yield SearchBar(log)
        yield Unfinished(log)
        yield Input(id="prompt")

    def get_default_screen(self) -> SelectionScreen:
        return SelectionScreen(id="_default")

    def on_mount(self) -> None:
        self.query_one("#prompt").focus()

    def on_echo_log_behind(self) -> None:
        self.followed.append(self.query_one(EchoLog).following)

    def on_echo_log_selected(self, message: EchoLog.Selected) -> None:
        self.selected.append(message.shout)

    def on_echo_log_copied(self, message: EchoLog.Copied) -> None:
        self.copied.append(message.text)

    def on_search_bar_closed(self) -> None:
        self.query_one("#prompt").focus()


@asynccontextmanager
async def bench(
    lines: Sequence[Entry] = (), size: tuple[int, int] = (40, 11), most_lines: int = MOST_LINES
) -> AsyncIterator[tuple[Bench, EchoLog, Pilot[None]]]:
    app = Bench(lines, most_lines)
    async with app.run_test(size=size) as pilot:
        log = app.query_one(EchoLog)
        await drawn(pilot)
        yield app, log, pilot


async def drawn(pilot: Pilot[None]) -> None:
    """Wait until what was added is on a screen of the size that the terminal has now."""
    log = pilot.app.query_one(EchoLog)
    await pilot.pause()
    while not (
        log.settled
        and log.screen.size == pilot.app.size
        and log.outer_size.width == pilot.app.size.width
    ):
        await pilot.pause(0.01)
    await pilot.pause()


def without_colours(app: Bench) -> None:
    """Have no colours but the terminal's own."""
    app.register_theme(TERMINAL)
    app.theme = TERMINAL.name


def shown(log: EchoLog) -> list[str]:
    return [log.render_line(y).text.rstrip() for y in range(log.size.height)]
