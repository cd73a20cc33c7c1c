"""The same shouts in both modes: two conversations on one axis, with one prompt and one slider."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Key, Paste
from textual.geometry import Size
from textual.widgets import Static

from reverb_tui.commands.table import Command
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.files.history import History
from reverb_tui.options import Options
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.screens.bindings import COMPARE
from reverb_tui.screens.conversation_half import ConversationHalf
from reverb_tui.screens.demo import REVERB1, Demo, Tuning
from reverb_tui.screens.foot import foot
from reverb_tui.screens.help import Help, keys_for
from reverb_tui.screens.selection_screen import SelectionScreen
from reverb_tui.screens.sheet import lay_over
from reverb_tui.screens.typed_elsewhere import TypedElsewhere
from reverb_tui.screens.written_files import WrittenFiles
from reverb_tui.session.availability import BEYOND_A_BROWSER, IN_BROWSER
from reverb_tui.widgets.keys import key_name
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.timeline import Timeline
from reverb_tui.widgets.timeline.pause import BANNER, Pause
from reverb_tui.widgets.timeline.scale import Scale

TWO_LOGS: Final = 100
"""Cells from which on there is room for two logs."""

ANY_LOG: Final = 24
"""Rows from which on there is room for a log."""

ABOUT: Final = (
    "Every line you shout goes to two connections: above, shouts are echoed all at once; below, one"
    " at a time. Both have the same delay and the same axis of time, so the difference is what"
    " waiting costs."
)
"""The comparison in two sentences, for the help."""

BOTH: Final = "both get the same shouts and delay"
HELD: Final = "the server is draining: shouts wait for the next connection"
NO_MODES: Final = "this server's mode can't be set: compare needs a server that knows control lines"

COMMANDS: Final = frozenset(
    ("delay", "clear", "pause", "demo", "picture", "cast", "compare", "help", "quit")
)
"""Words of the commands that mean something here."""


class CompareScreen(SelectionScreen, inherit_bindings=False):
    """Shouts to two connections, one concurrent and one sequential.

    Args:
        target: The server; of a built-in one there are two.
        options: How to talk to it.
        commands: All commands of the client.
        history: What was typed before.
        files: Writes pictures and recordings of what is on the screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = COMPARE
    DEFAULT_CSS = """
    CompareScreen {
        #logs { height: 1fr; }
        .heading { height: 1; padding: 0 1; text-style: bold; }
    }
    """

    def __init__(
        self,
        target: AnyTarget,
        options: Options,
        commands: tuple[Command, ...],
        history: History,
        files: WrittenFiles,
    ) -> None:
        super().__init__()
        self._files = files
        scale, self.pause = Scale(), Pause()
        above = Timeline(scale=scale, pause=self.pause, legend=False)
        below = Timeline(scale=scale, pause=self.pause, ruler=False)
        self.slider = DelaySlider()
        self.halves = [
            ConversationHalf("concurrent", target, options, above, self._changed),
            ConversationHalf("sequential", target, options, below, self._changed),
        ]
        for half, other in zip(self.halves, reversed(self.halves), strict=True):
            half.others_rest = lambda other=other: not other.in_flight  # type: ignore[misc]
            half.timeline.in_hand = lambda: self.slider.held
        self.prompt = Prompt(
            history=history,
            commands=[command for command in commands if command.word in COMMANDS],
            obstacle=self.obstacle,
            placeholder="type something and press Enter",
        )
        self.hint = Hint(self.prompt)
        parts = [part for half in self.halves for part in (half.timeline, half.lines)]
        self._typed_elsewhere = TypedElsewhere(self, self.prompt, [self.slider, *parts])
        self.demo = Demo(self, self.prompt, self.hint, (REVERB1,), self._tuning, self._tune)
        self.columns = [
            Vertical(Static(half.mode, classes="heading"), half.lines) for half in self.halves
        ]
        self.logs = Horizontal(*self.columns, id="logs")
        self.note = Static(BOTH, id="status", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        for half in self.halves:
            yield half.timeline
        yield self.logs
        yield from foot([self.slider, self.note], self.prompt, self.hint)

    def on_mount(self) -> None:
        """Connect both halves."""
        self.slider.disabled = True
        self.fit(self.app.size)
        self.prompt.focus()
        for half in self.halves:
            self.run_worker(half.session.run())

    def fit(self, size: Size) -> None:
        """Show as many logs as a terminal of this size has room for."""
        self.logs.display = size.height >= ANY_LOG
        self.columns[1].display = size.width >= TWO_LOGS

    def obstacle(self, action: str) -> str:
        """Return why an action can't be done now, as one sentence; an empty string if it can."""
        if reason := self.pause.obstacle(action):
            return reason
        if self.app.is_web and action in BEYOND_A_BROWSER:
            return IN_BROWSER
        if action in ("shout", "set_delay", "start_demo") and not all(
            half.session.open for half in self.halves
        ):
            reasons = [half.session.reason for half in self.halves if half.session.reason]
            return reasons[0] if reasons else "not connected yet"
        if action in ("set_delay", "start_demo") and self._held:
            return HELD
        if action == "close_input":
            return f"not while comparing: {self._key_for('compare') or '/compare'} ends that"
        return ""

    @property
    def _held(self) -> bool:
        """Whether a half holds its shouts."""
        return any(half.session.held.holds for half in self.halves)

    def _key_for(self, action: str) -> str:
        return next((key_name(key) for key in keys_for(self, action)), "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something now: none while the help lies over the screen."""
        return self.is_active and not self.obstacle(action)

    def _show_note(self) -> None:
        """Show that the pictures are paused, or what both halves have in common."""
        banner = BANNER.format(key=self._key_for("toggle_pause") or "/pause")
        kinds = {half.kind for half in self.halves}
        foreign = not kinds <= {"", "asking", "reverb"}
        words = HELD if self._held else NO_MODES if foreign else BOTH
        self.note.update(words if self.pause.at is None else banner)

    def _changed(self, info: ServerInfo | None) -> None:
        if not self.is_running:
            return
        self.slider.disabled = bool(self.obstacle("set_delay"))
        if info is not None and info.delay is not None:
            self.slider.show(info.delay, info.wished, info.delay_max or info.delay)
        if info is not None and info.kind not in ("asking", "reverb"):
            self.slider.disabled = True
        self._show_note()
        self.refresh_bindings()

    # Typing

    async def on_key(self, event: Key) -> None:
        """Send keys typed anywhere to the prompt."""
        await self._typed_elsewhere.key(event)

    def on_paste(self, event: Paste) -> None:
        """Send a paste anywhere to the prompt."""
        self._typed_elsewhere.paste(event)

    def on_prompt_shouted(self, event: Prompt.Shouted) -> None:
        """Shout to both."""
        for half in self.halves:
            half.session.shout(event.lines, secret=event.secret)
        self.refresh_bindings()

    def on_prompt_not_shouted(self, event: Prompt.NotShouted) -> None:
        """Log the reason that nothing can be sent."""
        self.halves[0].session.complain(f"not sent: {event.reason}")

    # Keys and commands

    def on_screen_suspend(self) -> None:
        """Show that no key does anything here while the help lies over the screen."""
        self.refresh_bindings()

    def action_help(self) -> None:
        """Show what this is, every key and every command."""
        lay_over(self.app, Help(self, self.prompt.commands, ABOUT, absent={"details"}))

    def on_delay_slider_changed(self, event: DelaySlider.Changed) -> None:
        """Ask both servers for the delay that the slider was moved to."""
        self.action_set_delay(event.value)

    def action_set_delay(self, seconds: float) -> None:
        """Ask both servers for a delay."""
        for half in self.halves:
            half.session.ask(delay=seconds)

    def action_start_demo(self) -> None:
        """Show the book's dialogue in both modes."""
        self.demo.start()

    def _tuning(self) -> Tuning:
        return Tuning(self.slider.confirmed)

    def _tune(self, tuning: Tuning) -> None:
        if tuning.delay is not None:
            self.action_set_delay(tuning.delay)

    def action_step_delay(self, steps: int) -> None:
        """Move the slider."""
        self.slider.step(steps)

    def action_toggle_pause(self) -> None:
        """Pause both pictures, or let them follow time again; time itself goes on."""
        self.pause.toggle()
        self._show_note()
        self.refresh_bindings()

    def action_step_echo(self, steps: int) -> None:
        """Go to another echo in pictures that are paused."""
        self.pause.step(steps)

    def action_clear_log(self) -> None:
        """Forget all lines."""
        for half in self.halves:
            half.lines.clear()

    def action_save_picture(self, file: str) -> None:
        """Save the screen as SVG, once the command is gone from it."""
        self.call_after_refresh(self._files.save_picture, file)

    def action_record(self, file: str = "") -> None:
        """Record the screen to a file; without one, end the recording."""
        self._files.record(file)

    def action_compare(self) -> None:
        """Go back to the one conversation."""
        self.dismiss()

    async def action_quit(self) -> None:
        """End the client."""
        await self.app.action_quit()
