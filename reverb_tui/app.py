"""What can be done on the screen: keys, commands, and what is selected.

What is seen is `reverb_tui.shown`'s, the connection `reverb_tui.session`'s.
"""

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import anyio
from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.widgets.input import Selection
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from reverb_tui import themes
from reverb_tui.bindings import BINDINGS
from reverb_tui.config import TIMESTAMPS, Config
from reverb_tui.connect import AnyTarget, Target
from reverb_tui.details import details
from reverb_tui.history import History
from reverb_tui.options import PORT, Options
from reverb_tui.palette import Commands
from reverb_tui.remembered import recall, remember
from reverb_tui.saving import CannotSave, save
from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.details import Details
from reverb_tui.screens.help import Help, keys_for
from reverb_tui.screens.sheet import Section, Sheet
from reverb_tui.session import Session
from reverb_tui.shown import Shown
from reverb_tui.widgets.keys import key_name
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.timestamps import Timestamps
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.timeline import Timeline

TWICE: Final = 2.0
"""Seconds within which Ctrl-C has to be pressed again to quit, and for which notes stand."""

HINT: Final = "every line that you shout comes back three times: loud, normal, quiet"
"""What stands in the log before there is anything else."""

NOT_SENT: Final = {
    "connecting": "not sent: there is no connection yet",
    "input ended": "not sent: the input has ended, only echoes come now",
}
"""Why a shout stays in the prompt, by the state of the connection."""

DEFAULT_THEME: Final = "textual-dark"


class ReverbApp(Shown):
    """The client on a terminal; ``options`` says how it connects to ``target``.

    Args:
        target: The server.
        options: How to talk to it.
        config: What the user wants of the client.
        history: What was typed before; None keeps it for this run only.
        problems: Sentences to show in the log at the beginning.
        memory: The file for what is remembered between runs; None remembers nothing.
    """

    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[Any]] = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    def __init__(
        self,
        target: AnyTarget,
        options: Options,
        config: Config = Config(),
        history: History | None = None,
        problems: tuple[str, ...] = (),
        memory: Path | None = None,
    ) -> None:
        super().__init__(target, options, history, ansi_color=themes.ansi_color(os.environ))
        self._config = config
        self._problems = problems
        self._memory = memory
        self._connection: Worker[None] | None = None
        self._interrupted = False

    def on_mount(self) -> None:
        """Connect, and be ready to be told to end from outside."""
        self.begin_to_show()
        self._session.persistent = self._config.reconnect
        self._take_choices()
        self._session.say(HINT)
        for problem in self._problems:
            self._session.complain(problem)
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and sys.platform != "win32":
                # Not from within the handler: the terminal is put back by the regular way out.
                asyncio.get_running_loop().add_signal_handler(
                    number, self.call_later, self._end, 128 + number
                )
        self._start()

    def get_key_display(self, binding: Binding) -> str:
        """Show a key by the name that stands on it."""
        return binding.key_display or key_name(binding.key)

    # What the user wants, and has chosen

    def _take_choices(self) -> None:
        remembered = recall(self._memory) if self._memory is not None else {}
        self.register_theme(themes.TERMINAL)
        theme = self._config.theme or remembered.get("theme")
        if self.no_color:
            theme = themes.WITHOUT_COLOUR
        self.theme = theme if isinstance(theme, str) and theme in themes.NAMES else DEFAULT_THEME
        stamps = self._config.timestamps or remembered.get("timestamps")
        if isinstance(stamps, str) and stamps in TIMESTAMPS:
            self._lines.timestamps = Timestamps(stamps)
        wanted = remembered.get("timeline") if self._config.timeline is None else None
        self._timeline_wanted = self._config.timeline
        if isinstance(wanted, bool):
            self._timeline_wanted = wanted
        self.set_keymap(dict(self._config.keys))
        self.fit_timeline(self.size)

    def _remember(self, **choices: str | bool) -> None:
        if self._memory is not None:
            remember(self._memory, choices)

    def action_set_theme(self, name: str) -> None:
        """Show other colours."""
        self.theme = name
        self._remember(theme=name)

    def action_set_timestamps(self, kind: str) -> None:
        """Show when each line was shouted or came."""
        self._lines.timestamps = Timestamps(kind)
        self._remember(timestamps=kind)

    def action_step_timestamps(self) -> None:
        """Show the next kind of timestamps."""
        self.action_set_timestamps(self._lines.timestamps.after)

    def action_toggle_timeline(self) -> None:
        """Show the timeline, or hide it."""
        self._timeline_wanted = not self._timeline.display
        self.fit_timeline(self.size)
        self._remember(timeline=self._timeline_wanted)

    def complain(self, sentence: str) -> None:
        """Put a problem into the log; may be called in any thread."""
        self.call_later(lambda: self._session.complain(sentence))

    # Shouting

    def action_shout(self) -> None:
        """Shout what was typed; without a connection it stays where it is."""
        if self._session.open:
            self._session.shout(self._prompt.take())
            problem = self._prompt.history.problem
            if problem and problem not in self._problems:
                self._problems += (problem,)
                self._session.complain(problem)
        else:
            state = self._session.state
            self._session.complain(NOT_SENT.get(state, "not sent: there is no connection"))

    def action_end_input(self) -> None:
        """Say that nothing more will be sent, what is pending still comes; but delete in a line."""
        if self._prompt.value:
            self._prompt.action_delete_right()
        else:
            self.action_close_input()

    def action_close_input(self) -> None:
        """Say that nothing more will be sent."""
        self._session.end_input()

    def on_key(self, event: Key) -> None:
        """Let what is typed anywhere go to the prompt."""
        if (
            event.is_printable
            and event.character
            and self.focused
            in (
                None,
                self._lines,
                self._slider,
                self._timeline,
            )
        ):
            self._prompt.focus()
            self._prompt.insert_text_at_cursor(event.character)

    def on_paste(self, event: Paste) -> None:
        """Let what is pasted anywhere go to the prompt."""
        if self.focused in (None, self._lines, self._slider, self._timeline):
            self._prompt.focus()
            self._prompt.paste(event.text)

    # Delay and mode

    def on_delay_slider_changed(self, event: DelaySlider.Changed) -> None:
        """Ask the server for the delay that the slider was moved to."""
        self._hand = event.value
        self._session.transcript.flights.tune(event.value, anyio.current_time())
        self._session.ask(delay=event.value)

    def action_step_delay(self, steps: int) -> None:
        """Move the slider."""
        self._slider.step(steps)

    def action_set_delay(self, seconds: float) -> None:
        """Ask for a delay."""
        self._session.ask(delay=seconds)

    def action_set_mode(self, mode: str) -> None:
        """Ask for a mode."""
        self._session.ask(mode=mode)

    def action_toggle_mode(self) -> None:
        """Switch between sequential and concurrent."""
        client = self._session.client
        if client is not None:
            now = client.facts.wished_mode or client.facts.mode
            self.action_set_mode("concurrent" if now == "sequential" else "sequential")

    # The connection

    def _start(self) -> None:
        self._connection = self.run_worker(self._session.run())

    def action_reconnect(self) -> None:
        """Connect, if there is no connection; now, if it was waiting to."""
        self._session.persistent = self._config.reconnect
        if self._connection is None or self._connection.is_finished:
            self._start()
        else:
            self._session.hurry()

    def action_stay_away(self) -> None:
        """Do not connect again by itself."""
        self._session.stop()

    async def action_disconnect(self) -> None:
        """Let the connection go, and do not connect again by itself."""
        self._session.stop()
        await self._let_go()
        self._session.leave()

    async def action_connect(self, host: str | None = None, port: int | None = None) -> None:
        """Connect to another server, or to the same one again."""
        await self._let_go()
        session = self._session
        target = session.target
        if host is not None:
            tls = target.tls if isinstance(target, Target) else None
            target = Target(host, port or PORT, tls)
            options = replace(self._options, host=host, port=port, unix=None, delay=None, mode=None)
            self._options = options
        self._session = Session(target, self._options, self, before=session.transcript.shouts)
        self._session.persistent = self._config.reconnect
        self._start()

    async def _let_go(self) -> None:
        """End the connection, and wait until it has."""
        if self._connection is not None:
            self._connection.cancel()
            with contextlib.suppress(WorkerCancelled, WorkerFailed):
                await self._connection.wait()

    # The log

    def action_newest(self) -> None:
        """Go back to the end of the log."""
        self._lines.to_end()

    def action_scroll_log(self, pages: int) -> None:
        """Scroll the log by a page, from wherever the focus is."""
        if pages < 0:
            self._lines.action_page_up()
        else:
            self._lines.action_page_down()

    def action_clear_log(self) -> None:
        """Forget all lines."""
        self._lines.clear()

    def action_search(self, text: str = "") -> None:
        """Open the search, maybe with something to search for."""
        self._search.open(text)

    def on_search_bar_closed(self) -> None:
        """Go on typing."""
        self._prompt.focus()

    def action_save(self, file: str) -> None:
        """Save the log; ask before a file is written over."""
        if os.path.isfile(os.path.expanduser(file)):
            question = f"{file} is there already: write over it?"
            self.push_screen(
                Confirm(question, "write over it"),
                lambda yes: self._save(file, overwrite=True) if yes else None,
            )
        else:
            self._save(file, overwrite=False)

    def _save(self, file: str, *, overwrite: bool) -> None:
        entries = self._lines.entries()

        async def write() -> None:
            try:
                await asyncio.to_thread(save, Path(file), entries, overwrite=overwrite)
            except CannotSave as problem:
                self._session.complain(str(problem))
            else:
                self._session.say(f"saved {len(entries):,} lines to {file}")

        self.run_worker(write())

    def on_echo_log_behind(self) -> None:
        """The log follows, or does not follow any more."""
        self.refresh_bindings()

    def on_echo_log_selected(self, event: EchoLog.Selected) -> None:
        """Highlight the shout in the timeline, too."""
        self._lines.highlighted = event.shout
        self._timeline.selected = max(0, event.shout - self._session.transcript.before)

    def on_timeline_selected(self, event: Timeline.Selected) -> None:
        """Highlight the shout in the log, too."""
        before = self._session.transcript.before
        self._lines.highlighted = event.shout + before if event.shout else 0

    def on_echo_log_copied(self, event: EchoLog.Copied) -> None:
        """Say that it was copied."""
        self._note("copied")

    # Screens

    def action_help(self) -> None:
        """Show every key and command."""
        self._lay_over(Help(self.screen_stack[0], self._commands))

    def action_details(self) -> None:
        """Show all there is to know about the connection."""

        def rows(width: int) -> list[Section]:
            return details(self._session, anyio.current_time(), width)

        self._lay_over(Details(rows, keys_for(self, "details")))

    def _lay_over(self, sheet: Sheet) -> None:
        """Show a sheet in the place of one that is there; its own key again takes it away."""
        before = self.screen
        if isinstance(before, Sheet):
            self.pop_screen()
        if type(before) is not type(sheet):
            self.push_screen(sheet)

    # Leaving

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
            self._note("Ctrl-C again quits")

    def _note(self, sentence: str) -> None:
        """Let a few words stand in the status for a while."""
        self._urgent = sentence
        self.refresh_status()
        self.set_timer(TWICE, self._forget_note)

    def _forget_note(self) -> None:
        self._interrupted, self._urgent = False, ""
        self.refresh_status()

    async def action_quit(self) -> None:
        """End the client as the user asked for."""
        await self._end(0)

    async def _end(self, status: int) -> None:
        """Close the connection, and only then end: workers are not awaited at exit."""
        await self._let_go()
        self.exit(return_code=status)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something now."""
        session = self._session
        above = self.screen if self.is_running and len(self.screen_stack) > 1 else None
        if above is not None and action not in ("quit", "interrupt"):
            return isinstance(above, Sheet) and action in ("help", "details")
        match action:
            case "newest":
                return self.is_running and not self._lines.following
            case "end_input":
                return self._prompt.value != "" or session.open
            case "close_input":
                return session.open
            case "reconnect":
                return session.client is None and session.state != "connecting"
            case "stay_away":
                return session.state == "waiting"
            case "step_delay" | "toggle_mode" | "set_delay" | "set_mode":
                return self.tunable
            case _:
                return True
