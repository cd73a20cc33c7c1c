"""The screen: a log, the delay under it, and a line to type in.

Only what is seen and pressed is here. The connection is `reverb_tui.session`'s, what the log says
of it `reverb_tui.transcript`'s.
"""

import asyncio
import contextlib
import signal
import sys
from typing import ClassVar, Final

import anyio
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key, Paste
from textual.timer import Timer
from textual.widgets import Footer, Static
from textual.widgets.input import Selection
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from reverb_tui.connect import Embedded, Target
from reverb_tui.display import visible, visible_text
from reverb_tui.options import Options
from reverb_tui.peer import Facts
from reverb_tui.session import Session
from reverb_tui.transcript import Entry
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.status import StatusLine

UNFINISHED: Final = 0.1
"""Seconds after which a line that has not ended is shown: in a flood none is worth showing."""

TWICE: Final = 2.0
"""Seconds within which Ctrl-C has to be pressed again to quit."""

HINT: Final = "every line that you shout comes back three times: loud, normal, quiet"
"""What stands in the log before there is anything else."""

ASKING: Final = "asking the server …"
"""What stands in the place of the slider until the server has shown what it is."""

NOT_SENT: Final = {
    "connecting": "not sent: there is no connection yet",
    "input ended": "not sent: the input has ended, only echoes come now",
}
"""Why a shout stays in the prompt, by the state of the connection."""

_DELAY: Final = Binding.Group("Delay", compact=True)


class ReverbApp(App[None], inherit_bindings=False):
    """The client on a terminal; ``options`` says how it connects to ``target``."""

    TITLE = "Reverb"
    CSS_PATH = "reverb.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (90, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "alt+left",
            "step_delay(-1)",
            "Shorter",
            key_display="Alt+←",
            priority=True,
            group=_DELAY,
        ),
        Binding(
            "alt+right", "step_delay(1)", "Longer", key_display="→", priority=True, group=_DELAY
        ),
        Binding("ctrl+t", "toggle_mode", "Mode", key_display="^T", priority=True),
        Binding("ctrl+end", "newest", "Newest", key_display="^End", priority=True),
        Binding("ctrl+r", "reconnect", "Reconnect", key_display="^R", priority=True),
        Binding("escape", "stay_away", "Stay away", key_display="Esc"),
        Binding("ctrl+q", "quit", "Quit", key_display="^Q", priority=True),
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        Binding("pageup", "scroll_log(-1)", "Up", show=False),
        Binding("pagedown", "scroll_log(1)", "Down", show=False),
    ]

    def __init__(self, target: Target | Embedded, options: Options) -> None:
        super().__init__()
        self._target = target
        self._options = options
        # Kept here and not looked up: while the client ends there is nothing to be found.
        self._lines = EchoLog()
        self._unfinished_line = Static(id="unfinished", markup=False)
        self._slider = DelaySlider()
        self._status = StatusLine(id="status", markup=False)
        self._prompt = Prompt(placeholder="type something and press Enter", select_on_focus=False)
        self._session = Session(target, options, self)
        self._connection: Worker[None] | None = None
        self._unfinished = b""
        self._countdown: Timer  # runs while it is waiting to connect again
        self._silence: Timer  # runs while nothing comes after an unfinished line
        self._hand = 0.0  # where the slider was when it was last set, or heard of
        self._interrupted = False

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self._lines
        yield self._unfinished_line
        with Horizontal(id="controls"):
            yield self._slider
            yield self._status
        with Horizontal(id="line"):
            yield Static("> ", id="sign", markup=False)
            yield self._prompt
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Connect, and be ready to be told to end from outside."""
        self._prompt.focus()
        self._silence = self.set_interval(UNFINISHED, self._show_unfinished, pause=True)
        self._countdown = self.set_interval(1, self._refresh_status, pause=True)
        self._session.say(HINT)
        self.watch(self._lines, "scroll_y", self.refresh_bindings, init=False)
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and sys.platform != "win32":
                # Not from within the handler: the terminal is put back by the regular way out.
                asyncio.get_running_loop().add_signal_handler(
                    number, self.call_later, self._end, 128 + number
                )
        self.action_reconnect()

    # What comes: the session's observer

    def show_entries(self, entries: list[Entry]) -> None:
        """Show lines in the log."""
        self._lines.add(entries)

    def show_unfinished(self, line: bytes) -> None:
        """Show a line that has not ended, if it does not end soon (a password prompt, say)."""
        self._unfinished = line
        if line:
            self._silence.reset()
        else:
            self._silence.pause()
            self._unfinished_line.remove_class("shown")

    def show_facts(self, facts: Facts) -> None:
        """Show what is known about the server, and let the thumb follow the hand."""
        slider = self._slider
        at_rest = slider.value == self._hand  # else a move is on its way here
        if self._session.state == "connected":
            slider.disabled = not self._tunable
            slider.reason = facts.reason or ASKING
        if facts.delay is not None:
            slider.maximum = facts.delay_max or facts.delay
            slider.confirmed = facts.delay
            if at_rest:
                slider.value = facts.delay if facts.wished is None else facts.wished
                self._hand = slider.value
        self._refresh_status()

    def show_state(self) -> None:
        """Show how the connection stands, and why there is nothing to move without one."""
        session = self._session
        if session.state != "connected":
            self._slider.disabled, self._slider.reason = True, visible_text(session.reason)
        if session.state == "waiting":
            self._countdown.resume()
        else:
            self._countdown.pause()
        self._refresh_status()

    def _show_unfinished(self) -> None:
        self._silence.pause()
        self._unfinished_line.update(Content(visible(self._unfinished)))
        self._unfinished_line.add_class("shown")

    # What goes

    def action_shout(self) -> None:
        """Shout what was typed; without a connection it stays where it is."""
        if self._session.open:
            self._session.shout(self._prompt.take())
        else:
            state = self._session.state
            self._session.complain(NOT_SENT.get(state, "not sent: there is no connection"))

    def on_delay_slider_changed(self, event: DelaySlider.Changed) -> None:
        """Ask the server for the delay that the slider was moved to."""
        self._hand = event.value
        self._session.ask(delay=event.value)

    def action_end_input(self) -> None:
        """Say that nothing more will be sent, what is pending still comes; but delete in a line."""
        if self._prompt.value:
            self._prompt.action_delete_right()
        else:
            self._session.end_input()

    # Keys

    def on_key(self, event: Key) -> None:
        """Let what is typed anywhere go to the prompt."""
        if event.is_printable and event.character and self.focused is not self._prompt:
            self._prompt.focus()
            self._prompt.insert_text_at_cursor(event.character)

    def on_paste(self, event: Paste) -> None:
        """Let what is pasted anywhere go to the prompt."""
        if self.focused is not self._prompt:
            self._prompt.focus()
            self._prompt.paste(event.text)

    def action_step_delay(self, steps: int) -> None:
        """Move the slider."""
        self._slider.step(steps)

    def action_toggle_mode(self) -> None:
        """Switch between sequential and concurrent."""
        client = self._session.client
        if client is not None:
            now = client.facts.wished_mode or client.facts.mode
            self._session.ask(mode="concurrent" if now == "sequential" else "sequential")

    def action_newest(self) -> None:
        """Go back to the end of the log."""
        self._lines.to_end()

    def action_scroll_log(self, pages: int) -> None:
        """Scroll the log by a page, from wherever the focus is."""
        log = self._lines
        if pages < 0:
            log.scroll_page_up(animate=False)
        else:
            log.scroll_page_down(animate=False)

    def action_reconnect(self) -> None:
        """Connect, if there is no connection; now, if it was waiting to."""
        self._session.persistent = True
        if self._connection is None or self._connection.is_finished:
            self._connection = self.run_worker(self._session.run())
        else:
            self._session.hurry()

    def action_stay_away(self) -> None:
        """Do not connect again by itself."""
        self._session.stop()

    async def action_interrupt(self) -> None:
        """Copy what is selected, and select it no more; otherwise quit, at the second time."""
        selected = self.screen.get_selected_text() or self._prompt.selected_text
        if selected:
            self.copy_to_clipboard(selected)
            self.screen.clear_selection()
            self._prompt.selection = Selection.cursor(self._prompt.cursor_position)
        elif self._interrupted:
            await self.action_quit()
        else:
            self._interrupted = True
            self.set_timer(TWICE, self._forget_interrupt)
            self._refresh_status()

    def _forget_interrupt(self) -> None:
        self._interrupted = False
        self._refresh_status()

    async def action_quit(self) -> None:
        """End the client as the user asked for."""
        await self._end(0)

    async def _end(self, status: int) -> None:
        """Close the connection, and only then end: workers are not awaited at exit."""
        if self._connection is not None:
            self._connection.cancel()
            with contextlib.suppress(WorkerCancelled, WorkerFailed):
                await self._connection.wait()
        self.exit(return_code=status)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something now."""
        if action == "newest":
            return self.is_running and not self._lines.following
        if action == "end_input":
            return self._prompt.value != "" or self._session.open
        if action == "reconnect":
            return self._session.client is None and self._session.state != "connecting"
        if action == "stay_away":
            return self._session.state == "waiting"
        if action in ("step_delay", "toggle_mode"):
            return self._tunable
        return True

    @property
    def _tunable(self) -> bool:
        """Whether the server takes requests, and has said what there is to change."""
        client = self._session.client
        return client is not None and client.open and client.facts.delay is not None

    def on_echo_log_behind(self) -> None:
        """The log follows, or does not follow any more."""
        self.refresh_bindings()

    def _refresh_status(self) -> None:
        session = self._session
        again_in = None
        if session.again_at is not None:
            again_in = session.again_at - anyio.current_time()
        self._status.show(
            session.state,
            session.target,
            session.client.facts if session.client else None,
            again_in,
            "Ctrl-C again quits" if self._interrupted else "",
        )
        self.refresh_bindings()
