"""Actions of keys and commands on the session and the screen.

Keys are bound to the actions here in `reverb_tui.screens.bindings`, commands in
`reverb_tui.commands.table`.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final

import anyio

from reverb_server.addresses import Address
from reverb_server.net.daemon_thread import in_background
from reverb_tui.connection.targets import AnyTarget, Embedded
from reverb_tui.entry import Timestamps
from reverb_tui.files.choices import Choices
from reverb_tui.files.history import History
from reverb_tui.files.saver import HANGS
from reverb_tui.files.saving import CannotSave, Exists, save
from reverb_tui.options import Options
from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.details import Details, sections
from reverb_tui.screens.help import Help, keys_for
from reverb_tui.screens.sheet import Section, Sheet
from reverb_tui.shown import LEAST, NOTED, Shown
from reverb_tui.widgets.slider import DelaySlider

SLOW: Final = 3.0
"""Seconds after which it is said that a disk has not taken the log yet."""


class Actions(Shown):
    """The app's actions.

    Args:
        target: The server.
        options: How to talk to it.
        choices: What the user wants to see.
        history: What was typed before; None keeps it for this run only.
        ansi_color: What Textual is to do with the terminal's own colours.
    """

    def __init__(
        self,
        target: AnyTarget,
        options: Options,
        choices: Choices,
        history: History | None,
        *,
        ansi_color: bool | None,
    ) -> None:
        super().__init__(target, options, history, ansi_color=ansi_color)
        self._choices = choices
        self.saves: dict[str, Future[None]] = {}
        """The files to which the log is being saved; what is not saved in the end is told."""

    # What is shown, and how

    def action_set_theme(self, name: str) -> None:
        """Show other colours."""
        self.theme = name
        self._choices.remember(theme=name)

    def action_set_timestamps(self, kind: str) -> None:
        """Show when each line was shouted or came."""
        self._lines.timestamps = Timestamps(kind)
        self._choices.remember(timestamps=kind)

    def action_step_timestamps(self) -> None:
        """Show the next kind of timestamps."""
        self.action_set_timestamps(self._lines.timestamps.after)

    def action_toggle_timeline(self) -> None:
        """Show the timeline, or hide it; where there is no room for it, say so."""
        if self.size.height < LEAST:
            self._hint.say(f"the timeline needs {LEAST} rows, here are {self.size.height}", NOTED)
            return
        self._timeline_wanted = not self._timeline.display
        self.fit_timeline(self.size)
        self._choices.remember(timeline=self._timeline_wanted)

    # Shouting

    def action_shout(self) -> None:
        """Shout what was typed; without a connection it stays where it is."""
        reason = self.obstacle("shout")
        if reason:
            self.session.complain(f"not sent: {reason}")
        else:
            secret = self._prompt.password  # taking it ends that
            self.session.shout(self._prompt.take(), secret=secret)

    def action_end_input(self) -> None:
        """Half-close the connection; with text in the prompt, delete a character instead."""
        if self._prompt.value:
            self._prompt.action_delete_right()
        else:
            self.action_close_input()

    def action_close_input(self) -> None:
        """Half-close the connection."""
        self.session.end_input()

    # Delay and mode

    def on_delay_slider_changed(self, event: DelaySlider.Changed) -> None:
        """Ask the server for the delay that the slider was moved to."""
        self._hand = event.value
        self.session.transcript.flights.tune(event.value, anyio.current_time())
        self.session.ask(delay=event.value)

    def action_step_delay(self, steps: int) -> None:
        """Move the slider."""
        self._slider.step(steps)

    def action_set_delay(self, seconds: float) -> None:
        """Ask for a delay."""
        self.session.ask(delay=seconds)

    def action_set_mode(self, mode: str) -> None:
        """Ask for a mode."""
        self.session.ask(mode=mode)

    def action_toggle_mode(self) -> None:
        """Switch between sequential and concurrent."""
        client = self.session.client
        if client is not None:
            now = client.info.wished_mode or client.info.mode
            self.action_set_mode("concurrent" if now == "sequential" else "sequential")

    # The connection

    async def action_reconnect(self) -> None:
        """Connect, if nothing can be sent; now, if it was waiting to."""
        if self.session.state == "input ended":
            await self._link.again()  # whatever is still to come
        else:
            self._link.begin()

    async def action_stay_away(self) -> None:
        """Stop trying to connect."""
        if self.session.state == "connecting":
            await self._link.leave()
        else:
            self.session.stop()

    async def action_disconnect(self) -> None:
        """Close the connection, and do not reconnect automatically."""
        await self._link.leave()

    async def action_connect(self, where: Address | Embedded | None = None) -> None:
        """Connect to another server, or to the same one again."""
        await (self._link.again() if where is None else self._link.change(where))

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

    def action_redraw(self) -> None:
        """Draw all of the screen again, whatever the terminal shows instead."""
        self.refresh(layout=True)

    def action_clear_log(self) -> None:
        """Forget all lines."""
        self._lines.clear()

    def action_clear_by_key(self) -> None:
        """Forget all lines, by a key that the user has given for it."""
        self.action_clear_log()

    def action_search(self, text: str = "") -> None:
        """Open the search, maybe with something to search for."""
        self._search.open(text)

    def action_save(self, file: str) -> None:
        """Save the log; ask before a file is written over."""
        self._save(file, overwrite=False)

    def _save(self, file: str, *, overwrite: bool) -> None:
        """Save in a thread that nobody waits for: the disk may hang."""
        self.session.settle()
        entries = self._lines.entries()
        slow = self.set_timer(SLOW, lambda: self.complain(f"{file} is not saved yet: {HANGS}"))

        def write() -> None:
            try:
                save(Path(file), entries, overwrite=overwrite)
            except Exists:
                self._later(self._ask, file)
            except CannotSave as problem:
                self.complain(str(problem))
            else:
                lines = "1 line" if len(entries) == 1 else f"{len(entries):,} lines"
                self._later(self.session.say, f"saved {lines} to {file}")
            finally:
                self._later(slow.stop)

        self.saves[file] = in_background(write)

    def _ask(self, file: str) -> None:
        self.push_screen(
            Confirm(f"{file} is there already: write over it?", "write over it"),
            lambda yes: self._save(file, overwrite=True) if yes else None,
        )

    def complain(self, sentence: str) -> None:
        """Put a problem into the log; may be called in any thread."""
        self._later(self.session.complain, sentence)

    def _later(self, call: Callable[..., object], *parameters: object) -> None:
        """Call it in the app's own thread; from any other one, and after the end in vain."""
        with contextlib.suppress(RuntimeError):
            self.call_later(call, *parameters)

    # Screens

    def action_help(self) -> None:
        """Show every key and command."""
        self._lay_over(Help(self.screen_stack[0], self._commands))

    def action_details(self) -> None:
        """Show all there is to know about the connection."""

        def rows(width: int) -> list[Section]:
            log = self.log_file.description if self.log_file is not None else ""
            return sections(self.session, anyio.current_time(), width, log)

        client = self.session.client
        if client is not None and client.info.limits is None:
            self.session.ask(limits=True)
        self._lay_over(Details(rows, keys_for(self, "details")))

    def _lay_over(self, sheet: Sheet) -> None:
        """Show a sheet in the place of one that is there; its own key again takes it away."""
        before = self.screen
        if isinstance(before, Sheet):
            self.pop_screen()
        if type(before) is not type(sheet):
            self.push_screen(sheet)
