"""The client on a terminal: how it begins and ends, its theme, and the keys of every screen."""

import asyncio
import os
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Final

from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste, Resize
from textual.screen import Screen
from textual.widgets.input import Selection
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from reverb_tui import themes
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.files.config import Config
from reverb_tui.files.history import History
from reverb_tui.files.state import Choices
from reverb_tui.key_queue import KeyQueue
from reverb_tui.options import Options
from reverb_tui.palette import Commands
from reverb_tui.screens.bindings import EVERYWHERE
from reverb_tui.screens.compare import CompareScreen
from reverb_tui.screens.main import MainScreen
from reverb_tui.screens.sheet import Sheet
from reverb_tui.session.observer import State
from reverb_tui.terminal import CaughtUp, driver_class, suspend, terminal_is_behind
from reverb_tui.terminal.end_signals import EndSignals
from reverb_tui.type_ahead import Input, TypeAhead
from reverb_tui.widgets.keys import key_name
from reverb_tui.widgets.line_input import LineInput
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.prompt.hint import Note

TWICE: Final = 2.0
"""Seconds within which Ctrl-C has to be pressed again to quit, and for which notes stand."""

AHEAD: Final = 2.0
"""Seconds for which a line that was typed before the start waits for a connection."""

GOODBYE: Final = 0.5
"""Seconds for the connection to be closed, at the end."""

QUIT_NOTE: Final = Note("Ctrl-C again quits", TWICE)
"""While this is shown under the prompt, Ctrl-C quits."""

COPIED: Final = Note("copied", TWICE)

DEFAULT_THEME: Final = "textual-dark"


class ReverbApp(App[None], inherit_bindings=False):
    """The client on a terminal; ``options`` says how it connects to ``target``.

    Args:
        target: The server.
        options: How to talk to it.
        config: What the user wants of the client.
        history: What was typed before; None keeps it for this run only.
        problems: Sentences to show in the log at the beginning.
        choices: What the user chose, now or before; None remembers nothing.
    """

    TITLE = "Reverb"
    CSS_PATH = "reverb.tcss"
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-tiny"),
        (50, "-narrow"),
        (90, "-wide"),
    ]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-low"),
        (24, "-tall"),  # room for blank rows between the parts of the screen
    ]
    COMMANDS: ClassVar[set[Any]] = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = EVERYWHERE

    ending: EndSignals | None = None
    """Hears the signals that end the client, where there are any for it."""

    def __init__(
        self,
        target: AnyTarget,
        options: Options,
        config: Config = Config(),
        history: History | None = None,
        problems: tuple[str, ...] = (),
        choices: Choices | None = None,
    ) -> None:
        ansi_color = themes.settle_no_color(os.environ)
        super().__init__(driver_class=driver_class(), ansi_color=ansi_color)
        choices = choices or Choices(config)
        self.main = MainScreen(
            target, options, choices, history, reconnects=config.reconnect, problems=problems
        )
        self._compares = options.compare
        self._config = config
        theme = choices.theme
        self._chosen_theme = theme if theme in themes.NAMES else DEFAULT_THEME
        self._saving = [each for each in (history, choices) if each is not None]
        self._mapped_keys = frozenset(",".join(config.keys.values()).split(","))
        self._ahead = TypeAhead()
        self._key_queue = KeyQueue(self, super().on_event, self._edits)
        self._conversation: Worker[None] | None = None

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen."""
        return self.main

    def on_load(self) -> None:
        """Take the user's keys, and the colours."""
        self.set_keymap(dict(self._config.keys))
        for theme in themes.OWN:
            self.register_theme(theme)
        few = self.no_color or self.console.color_system == "standard"
        self.theme = themes.FEW_COLOURS if few else self._chosen_theme

    def on_mount(self) -> None:
        """Connect, and be ready to be told to end from outside."""
        main = self.main
        behind = partial(terminal_is_behind, self)
        main.lines.terminal_is_behind = main.timeline.terminal_is_behind = behind
        for saving in self._saving:
            saving.listen(main.complain)
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
        self._conversation = self.run_worker(self.main.session.run())
        if self._compares:
            self.main.action_compare()
        await self._begin_to_listen()

    def on_caught_up(self, _event: CaughtUp) -> None:
        """Show the lines that waited for the terminal."""
        for log in self.screen.query(EchoLog):
            log.catch_up()

    def on_resize(self, event: Resize) -> None:
        """Fit the screen into the terminal's new size, which is not the app's yet.

        Not in the screen: Textual sends it the sizes of its layouts, too, older ones after newer.
        """
        self.main.room.fit(event.size)
        if isinstance(screen := self._typed_on, CompareScreen):
            screen.fit(event.size)

    # What was typed before the client could act on it

    async def on_event(self, event: Event) -> None:
        """Keep what is typed too early to be acted on, and act on the rest in its order."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._stops_demo():
            return
        if self.main.prompt.has_focus:
            await self._begin_to_listen()
        if not self._ahead.keeps(event):
            await self._key_queue.put(event)

    def _stops_demo(self) -> bool:
        """Stop a demo at any key; return whether there was one."""
        screens = [
            each for each in self.screen_stack if isinstance(each, MainScreen | CompareScreen)
        ]
        return any(screen.demo.stop() for screen in screens)

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
            self.set_timer(AHEAD, self._listen)
            if self.main.session.state != State.CLOSED:  # as it is before the first try
                await self.on_main_screen_state_changed()

    async def on_main_screen_state_changed(self) -> None:
        """Act on lines that waited for a connection."""
        if self.main.session.state != State.CONNECTING:
            await self._listen()

    async def _listen(self) -> None:
        for event in self._ahead.open(connected=self.main.session.state == State.CONNECTED):
            await self._key_queue.put(event)

    def get_key_display(self, binding: Binding) -> str:
        """Show a key by the name printed on it."""
        return binding.key_display or key_name(binding.key)

    # The keys of every screen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the details of the main screen alone, and over sheets nothing but sheets."""
        match action:
            case "command_palette":
                return isinstance(self._above, CompareScreen | None)
            case "details":
                return self._typed_on is self.main and isinstance(self._above, Sheet | None)
            case "help":
                return isinstance(self._above, Sheet | CompareScreen | None)
            case _:
                return True

    @property
    def _above(self) -> Screen[Any] | None:
        """The screen over the main screen, if any."""
        return self.screen if self.is_running and len(self.screen_stack) > 1 else None

    @property
    def _typed_on(self) -> MainScreen | CompareScreen:
        """The screen to type on, whatever lies over it."""
        screens = self.screen_stack if self.is_running else []
        return next((each for each in screens if isinstance(each, CompareScreen)), self.main)

    def action_help(self) -> None:
        """Show what this is, every key and every command."""
        self._typed_on.action_help()

    def action_details(self) -> None:
        """Show all there is to know about the connection."""
        self.main.action_details()

    def action_redraw(self) -> None:
        """Draw all of the screen again, whatever the terminal shows instead."""
        self.refresh(layout=True)

    def on_echo_log_copied(self, event: EchoLog.Copied) -> None:
        """Note under the prompt that it was copied."""
        self.main.hint.say(COPIED)

    async def action_interrupt(self) -> None:
        """Copy what is selected, and select it no more; otherwise quit, at the second time.

        What lies over the screen is taken away first, then a typed line is dropped, as
        in a shell; Up brings it back.
        """
        main, above = self.main, self._above
        prompt, hint = main.prompt, main.hint
        selected = self.screen.get_selected_text() or (not above and prompt.selected_text)
        if selected:
            self.copy_to_clipboard(selected)
            self.screen.clear_selection()
            prompt.selection = Selection.cursor(prompt.cursor_position)
            hint.say(COPIED)
        elif above:
            above.dismiss()
        elif main.search.has_focus_within:
            main.search.action_close(back=True)
        elif hint.note is QUIT_NOTE and prompt.dropped:
            await self.action_quit()
        else:
            prompt.drop()
            hint.say(QUIT_NOTE)

    def on_input_changed(self) -> None:
        """Remove a note that is no longer true."""
        if self.main.hint.note is QUIT_NOTE and not self.main.prompt.dropped:
            self.main.hint.forget()

    def action_suspend_process(self) -> None:
        """Return the terminal to the shell, until it continues this job."""
        suspend(self)

    # The end

    async def action_quit(self) -> None:
        """End the client as the user asked for."""
        await self._end(0)

    async def _end(self, status: int) -> None:
        """Close the connection, and only then end: workers are not awaited at exit."""
        if self._conversation is not None:
            self._conversation.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(_ended(self._conversation)), GOODBYE)
        self.exit(return_code=status)


async def _ended(worker: Worker[None]) -> None:
    """Wait for the end of a worker, also when nobody waits any more to be told how it ended."""
    with suppress(WorkerCancelled, WorkerFailed):
        await worker.wait()
