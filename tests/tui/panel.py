"""A timeline alone, on the clock of a conversation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reverb_server.core.control import ReverbMode
from reverb_tui.widgets.timeline import Timeline
from reverb_tui.widgets.timeline.pause import Pause
from tests.flying import Conversation

LINES = (("Is there anybody there?", 1.0), ("Yooo-hooo!", 0.6), ("[/red] 日本語", 0.5))


class Panel(App[None]):
    """A timeline alone, on the clock of a conversation."""

    def __init__(self, world: Conversation, legend: bool = True) -> None:
        super().__init__()
        self.world = world
        self.pause = Pause()
        self.timeline = Timeline(
            world.flights, clock=lambda: world.now, pause=self.pause, legend=legend
        )
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.timeline

    def on_timeline_selected(self, event: Timeline.Selected) -> None:
        self.chosen.append(event.shout)

    @property
    def rows(self) -> list[str]:
        self.timeline.draw()
        return self.seen.split("\n")

    @property
    def seen(self) -> str:
        lines = [self.timeline.render_line(y) for y in range(self.timeline.size.height)]
        assert {line.cell_length for line in lines} == {self.timeline.size.width}
        return "\n".join(line.text.rstrip() for line in lines)


@asynccontextmanager
async def panel(
    world: Conversation, size: tuple[int, int] = (80, 6), *, legend: bool = True
) -> AsyncIterator[tuple[Panel, Pilot[None]]]:
    app = Panel(world, legend)
    app.timeline.styles.height = size[1]
    async with app.run_test(size=size) as pilot:
        yield app, pilot


def talk(mode: ReverbMode, late: float = 0.0) -> Conversation:
    world = Conversation(mode, late=late)
    for text, pause in LINES:
        world.shout(text)
        world.go(pause)
    return world


def crowd(mode: ReverbMode, shouts: int) -> Conversation:
    world = Conversation(mode)
    for number in range(shouts):
        world.shout(f"shout {number}")
        world.go(1.6 / shouts)
    return world


def marks(row: str, kinds: str) -> list[int]:
    return [column for column, cell in enumerate(row) if cell in kinds]
