"""The main screen: its widgets, and how they work together."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Key, Paste
from textual.widgets import Static

from reverb_tui.commands.table import Command
from reverb_tui.files.history import History
from reverb_tui.screens.bindings import DISPENSABLE, ORDER
from reverb_tui.screens.selection_screen import SelectionScreen
from reverb_tui.widgets.key_bar import KeyBar
from reverb_tui.widgets.keys import typed_by
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.search import SearchBar
from reverb_tui.widgets.log.unfinished import Unfinished
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.status import StatusLine
from reverb_tui.widgets.timeline import Timeline


class MainScreen(SelectionScreen, inherit_bindings=False):
    """Everything that is seen; what is typed or pasted anywhere goes to the prompt.

    Its parts are kept here and not looked up: while the client ends there is nothing to be found.

    Args:
        commands: What can be typed with a slash.
        history: What was typed before.
        obstacle: Tells why a command's action can't be done now.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "go to the next part of the screen", show=False),
        Binding("shift+tab", "app.focus_previous", "go to the part before", show=False),
        Binding("super+c", "screen.copy_text", "copy what is selected", show=False),
        Binding("escape", "select_none", "select no shout any more", show=False),
    ]

    def __init__(
        self,
        commands: Sequence[Command],
        history: History | None,
        obstacle: Callable[[str], str],
    ) -> None:
        super().__init__(id="_default")
        self.lines = EchoLog()
        self.search = SearchBar(self.lines)
        self.unfinished = Unfinished()
        self.timeline = Timeline()
        self.slider = DelaySlider()
        self.status = StatusLine(id="status", markup=False)
        self.stats = Static(id="figures", markup=False)
        self.prompt = Prompt(
            history=history,
            commands=commands,
            obstacle=obstacle,
            placeholder="type something and press Enter",
        )
        self.hint = Hint(self.prompt)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self.lines
        yield self.search
        yield self.unfinished
        yield self.timeline
        with Vertical(id="foot"):
            with Horizontal(id="controls"):
                yield self.slider
                yield self.status
            yield self.stats
            with Horizontal(id="line"):
                yield Static("> ", id="sign", markup=False)
                yield self.prompt
            yield self.hint
            yield KeyBar(ORDER, DISPENSABLE)

    def on_mount(self) -> None:
        """Be ready to be typed to."""
        self.prompt.focus()

    @property
    def _typed_elsewhere(self) -> bool:
        return self.focused in (None, self.lines, self.slider, self.timeline)

    async def on_key(self, event: Key) -> None:
        """Send keys typed anywhere to the prompt, and Enter where it means nothing else."""
        if self._typed_elsewhere and (character := typed_by(event)):
            self.prompt.focus()
            self.prompt.type_in(character)
        elif event.key == "enter" and self._typed_elsewhere and self.focused is not self.lines:
            self.prompt.focus()
            await self.prompt.action_enter()

    def on_paste(self, event: Paste) -> None:
        """Send a paste anywhere to the prompt."""
        if self._typed_elsewhere:
            self.prompt.focus()
            self.prompt.paste(event.text)

    def action_select_none(self) -> None:
        """The Escape key, where it means nothing else."""
        self.lines.highlighted = self.timeline.selected = 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape to others while no shout is selected."""
        return action != "select_none" or bool(self.lines.highlighted)

    def on_search_bar_closed(self) -> None:
        """Go on typing."""
        self.prompt.focus()

    def on_echo_log_behind(self) -> None:
        """The log follows, or does not follow any more: other keys do something."""
        self.refresh_bindings()

    def on_echo_log_selected(self, event: EchoLog.Selected) -> None:
        """Highlight the shout in the timeline, too."""
        self.timeline.selected = event.shout

    def on_timeline_selected(self, event: Timeline.Selected) -> None:
        """Highlight the shout in the log, too."""
        self.lines.highlighted = event.shout
