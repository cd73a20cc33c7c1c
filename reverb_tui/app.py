"""The client on a terminal: how it begins and ends, and which keys do something at the moment.

What is seen is `reverb_tui.shown`'s, what is done `reverb_tui.actions`', the connection
`reverb_tui.session.session`'s.
"""

import asyncio
import os
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.screen import Screen
from textual.widgets.input import Selection

from reverb_tui import themes
from reverb_tui.actions import Actions
from reverb_tui.connection.targets import AnyTarget, Embedded
from reverb_tui.entry import Timestamps
from reverb_tui.files.choices import Choices
from reverb_tui.files.config import Config
from reverb_tui.files.history import History
from reverb_tui.files.remembered import Memory
from reverb_tui.key_queue import KeyQueue
from reverb_tui.options import Options
from reverb_tui.palette import Commands
from reverb_tui.screens.bindings import BINDINGS
from reverb_tui.screens.help import keys_for
from reverb_tui.screens.sheet import Sheet
from reverb_tui.terminal import suspend
from reverb_tui.terminal.end_signals import EndSignals
from reverb_tui.type_ahead import Input, TypeAhead
from reverb_tui.widgets.keys import key_name
from reverb_tui.widgets.line_input import LineInput
from reverb_tui.widgets.log import EchoLog

TWICE: Final = 2.0
"""Seconds within which Ctrl-C has to be pressed again to quit, and for which notes stand."""

AHEAD: Final = 2.0
"""Seconds for which a line that was typed before the start waits for a connection."""

GOODBYE: Final = 0.5
"""Seconds for the connection to be closed, at the end."""

HINT: Final = "every line that you shout comes back three times: loud, normal, quiet"
"""First line of the log, where the server may be a reverb."""

DOOR: Final = "history, search, commands, timeline, details: {help} shows the keys"
"""Second line of the log."""

AGAIN: Final = "Ctrl-C again quits"
"""While this is shown under the prompt, Ctrl-C quits."""

COPIED: Final = "copied"

DEFAULT_THEME: Final = "textual-dark"


class ReverbApp(Actions):
    """The client on a terminal; ``options`` says how it connects to ``target``.

    Args:
        target: The server.
        options: How to talk to it.
        config: What the user wants of the client.
        history: What was typed before; None keeps it for this run only.
        problems: Sentences to show in the log at the beginning.
        memory: What is remembered between runs; None remembers nothing.
    """

    COMMANDS: ClassVar[set[Any]] = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    ending: EndSignals | None = None
    """Hears the signals that end the client, where there are any for it."""

    def __init__(
        self,
        target: AnyTarget,
        options: Options,
        config: Config = Config(),
        history: History | None = None,
        problems: tuple[str, ...] = (),
        memory: Memory | None = None,
    ) -> None:
        ansi_color = themes.settle_no_color(os.environ)
        choices = Choices(config, memory)
        super().__init__(target, options, choices, history, ansi_color=ansi_color)
        self._config = config
        self._saving = [each for each in (history, memory) if each is not None]
        self._problems = problems
        self._mapped_keys = frozenset(",".join(config.keys.values()).split(","))
        self._ahead = TypeAhead()
        self._key_queue = KeyQueue(self, super().on_event, self._edits)
        self._link.persistent = config.reconnect

    def on_mount(self) -> None:
        """Connect, and be ready to be told to end from outside."""
        self.begin_to_show()
        self._take_choices()
        if isinstance(self.session.target, Embedded):  # of others it is not known yet
            self.session.say(HINT)
        self.session.say(DOOR.format(help=self._key_for("help") or "/help"))
        for problem in self._problems:
            self.session.complain(problem)
        for saving in self._saving:
            saving.listen(self.complain)
        if self.ending is not None:
            loop = asyncio.get_running_loop()
            # Not from within the handler: the terminal is put back by the regular way out.
            self.ending.listen(
                lambda number: loop.call_soon_threadsafe(self.call_later, self._end, 128 + number)
            )
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Hear no more signals: the event loop, which they would wake, is about to be closed."""
        if self.ending is not None:
            self.ending.leave()

    async def _begin(self) -> None:
        """Connect once the screen is drawn: what comes meanwhile would be shown late."""
        self._link.begin()
        await self._begin_to_listen()

    # What was typed before

    async def on_event(self, event: Event) -> None:
        """Keep what is typed too early to be acted on, and act on the rest in its order."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._prompt.has_focus:
            await self._begin_to_listen()
        if not self._ahead.keeps(event):
            await self._key_queue.put(event)

    def _edits(self, event: Input) -> bool:
        return (
            isinstance(event, Key)
            and isinstance(self.focused, LineInput)
            and self.focused.edits_by(event)
            and event.key not in self._mapped_keys
        )

    async def _begin_to_listen(self) -> None:
        for event in self._ahead.begin():
            await self._key_queue.put(event)
        if self._ahead.waits:
            self.set_timer(AHEAD, self._listen_at_last)
            if self.session.state != "closed":  # as it is before the first try
                self._listen()

    def show_state(self) -> None:
        """Act on lines that waited for a connection, too."""
        super().show_state()
        self._listen()

    def _listen(self) -> None:
        if self.session.state != "connecting":
            self.call_later(self._listen_at_last)

    async def _listen_at_last(self) -> None:
        for event in self._ahead.open(connected=self.session.state == "connected"):
            await self._key_queue.put(event)

    def get_key_display(self, binding: Binding) -> str:
        """Show a key by the name printed on it."""
        return binding.key_display or key_name(binding.key)

    def _key_for(self, action: str) -> str:
        return next((key_name(key) for key in keys_for(self, action)), "")

    def _take_choices(self) -> None:
        self.register_theme(themes.TERMINAL)
        chosen = self._choices
        few = self.no_color or self.console.color_system == "standard"
        self.theme = themes.FEW_COLOURS if few else chosen.theme or DEFAULT_THEME
        if chosen.timestamps is not None:
            self._lines.timestamps = Timestamps(chosen.timestamps)
        self._timeline_wanted = chosen.timeline
        self.set_keymap(dict(self._config.keys))
        self._connect_key = self._key_for("reconnect") or self._connect_key
        self.fit_timeline(self.size)

    # Leaving, and copying with the same key

    def on_echo_log_copied(self, event: EchoLog.Copied) -> None:
        """Note under the prompt that it was copied."""
        self._hint.say(COPIED, TWICE)

    async def action_interrupt(self) -> None:
        """Copy what is selected, and select it no more; otherwise quit, at the second time.

        What lies over the screen is taken away first, then a typed line is dropped, as
        in a shell; Up brings it back.
        """
        above = self._above
        selected = self.screen.get_selected_text() or (not above and self._prompt.selected_text)
        if selected:
            self.copy_to_clipboard(selected)
            self.screen.clear_selection()
            self._prompt.selection = Selection.cursor(self._prompt.cursor_position)
            self._hint.say(COPIED, TWICE)
        elif above:
            above.dismiss()
        elif self._search.has_focus_within:
            self._search.action_close(back=True)
        elif self._hint.note == AGAIN and self._prompt.dropped:
            await self.action_quit()
        else:
            self._prompt.drop()
            self._hint.say(AGAIN, TWICE)

    def on_input_changed(self) -> None:
        """Remove a note that is no longer true."""
        if self._hint.note == AGAIN and not self._prompt.dropped:
            self._hint.forget()

    def action_suspend_process(self) -> None:
        """Return the terminal to the shell, until it continues this job."""
        suspend(self)

    async def action_quit(self) -> None:
        """End the client as the user asked for."""
        await self._end(0)

    async def _end(self, status: int) -> None:
        """Close the connection, and only then end: workers are not awaited at exit."""
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._link.end()), GOODBYE)
        self.exit(return_code=status)

    def keep_draft(self) -> None:
        """Save the prompt's text in the history: after an error, it is all there is."""
        self._prompt.keep()

    @property
    def _above(self) -> Screen[Any] | None:
        """The screen over the main screen, if any."""
        return self.screen if self.is_running and len(self.screen_stack) > 1 else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something now."""
        above = self._above
        if above is not None and action not in ("quit", "interrupt", "suspend_process", "redraw"):
            return isinstance(above, Sheet) and action in ("help", "details")
        if action == "clear_by_key" and "clear" not in self._config.keys:
            return False
        if action == "end_input" and not self._prompt.value:
            action = "close_input"
        # A shout that can't be sent says why itself.
        return action == "shout" or not self.obstacle(action)
