"""The main screen: its widgets, its keys, what they do, and what is seen of the session."""

import contextlib
from collections.abc import Callable, Iterable
from typing import ClassVar, Final

import anyio
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Key, Paste
from textual.message import Message

from reverb_server.address_syntax import Address
from reverb_tui.commands.table import table
from reverb_tui.connection.targets import AnyTarget, Embedded
from reverb_tui.display import visible
from reverb_tui.echoes.stats import FLOOD
from reverb_tui.entry import Entry, Kind, Timestamps
from reverb_tui.files.history import History
from reverb_tui.files.state import Choices
from reverb_tui.options import Options
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.screens.bindings import MAIN
from reverb_tui.screens.compare import CompareScreen
from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.connection_view import ConnectionView
from reverb_tui.screens.demo import REVERB1, REVERB2, Demo, Tuning
from reverb_tui.screens.details import Details, sections
from reverb_tui.screens.foot import foot
from reverb_tui.screens.help import Help, keys_for
from reverb_tui.screens.room import Room
from reverb_tui.screens.selection_screen import SelectionScreen
from reverb_tui.screens.sheet import Section, lay_over
from reverb_tui.screens.typed_elsewhere import TypedElsewhere
from reverb_tui.screens.written_files import WrittenFiles
from reverb_tui.secrecy import asks_for_secret
from reverb_tui.session.availability import BEYOND_A_BROWSER, IN_BROWSER, obstacle
from reverb_tui.session.observer import State
from reverb_tui.session.session import Session
from reverb_tui.themes import NAMES
from reverb_tui.widgets.keys import key_name
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.search import SearchBar
from reverb_tui.widgets.log.unfinished import Unfinished
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint, Note
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.status import StatusLine
from reverb_tui.widgets.timeline import Timeline
from reverb_tui.widgets.timeline.pause import BANNER, Pause

FIRST_HINT: Final = "every line you shout comes back three times: loud, normal, quiet"
"""First line of the log, where the server may be a reverb."""

DOOR: Final = "{press} for help"
"""Second line of the log."""

NOTED: Final = 5.0
"""Seconds for which a problem is shown under the prompt, if the log does not show it for long."""


class MainScreen(SelectionScreen, inherit_bindings=False):
    """Everything that is seen and done; what is typed or pasted anywhere goes to the prompt.

    Its parts are kept here and not looked up: while the client ends there is nothing to be found.

    Args:
        target: The server.
        options: How to talk to it.
        choices: What the user wants to see.
        history: What was typed before; None keeps it for this run only.
        reconnects: Whether a connection that broke is made again without being asked for.
        problems: Sentences to show in the log at the beginning.
    """

    class StateChanged(Message):
        """The connection is made, was lost or ended, or is waited for."""

    BINDINGS: ClassVar[list[BindingType]] = MAIN

    def __init__(
        self,
        target: AnyTarget,
        options: Options,
        choices: Choices,
        history: History | None = None,
        *,
        reconnects: bool = True,
        problems: Iterable[str] = (),
    ) -> None:
        super().__init__(id="_default")
        self.session = Session(target, options, self, reconnects=reconnects)
        self._options = options
        self._choices = choices
        self._problems = problems
        self._commands = table(NAMES)
        self._connect_key = "/connect"  # or the key for it, once it is known

        self.lines = EchoLog()
        self.search = SearchBar(self.lines)
        self.unfinished = Unfinished(self.lines)
        self.pause = Pause()
        self.timeline = Timeline(pause=self.pause)
        self.timeline.wanted = choices.timeline
        self.room = Room(self.timeline, self.lines, lambda: self.session.raw)
        self.slider = DelaySlider()
        self.timeline.in_hand = lambda: self.slider.held
        self.status = StatusLine(lambda: self.session.transcript)
        self._view = ConnectionView(self, self.session, self.slider, self.status)
        self._in_front = self.session  # its log is the one that is seen
        self.files = WrittenFiles(
            self,
            lambda sentence: self._in_front.say(sentence),
            lambda sentence: self._in_front.complain(sentence),
            self._later,
            self.status.mark_recording,
        )
        self.prompt = Prompt(
            history=history,
            commands=self._commands,
            obstacle=self.obstacle,
            placeholder="type something and press Enter",
        )
        self.hint = Hint(self.prompt)
        places = self.lines, self.slider, self.timeline
        self._typed_elsewhere = TypedElsewhere(self, self.prompt, places)
        self.demo = Demo(self, self.prompt, self.hint, (REVERB1, REVERB2), self._tuning, self._tune)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self.timeline
        yield self.lines
        yield self.search
        yield self.unfinished
        yield from foot([self.slider, self.status], self.prompt, self.hint)

    def on_mount(self) -> None:
        """Be ready to be typed to."""
        if self._choices.timestamps is not None:
            self.lines.timestamps = Timestamps(self._choices.timestamps)
        self.timeline.banner = BANNER.format(key=self._key_for("toggle_pause") or "/pause")
        self._connect_key = self._key_for("reconnect") or self._connect_key
        if isinstance(self.session.target, Embedded):  # of others it is not known yet
            self.session.say(FIRST_HINT)
        key = self._key_for("help")
        self.session.say(DOOR.format(press=f"press {key}" if key else "type /help"))
        for problem in self._problems:
            self.session.complain(problem)
        # With the first layout: one of its own would come while the first lines do.
        self._view.begin()
        self.room.fit(self.app.size)
        self.prompt.focus()

    def _key_for(self, action: str) -> str:
        return next((key_name(key) for key in keys_for(self, action)), "")

    # Typing

    async def on_key(self, event: Key) -> None:
        """Send keys typed anywhere to the prompt."""
        await self._typed_elsewhere.key(event)

    def on_paste(self, event: Paste) -> None:
        """Send a paste anywhere to the prompt."""
        self._typed_elsewhere.paste(event)

    def on_search_bar_closed(self) -> None:
        """Go on typing."""
        self.prompt.focus()

    # Shouting

    def on_prompt_shouted(self, event: Prompt.Shouted) -> None:
        """Shout what was typed or pasted, unless the connection was lost meanwhile."""
        reason = self.obstacle("shout")
        if reason:
            self.session.complain(f"not sent: {reason}")
        else:
            self.session.shout(event.lines, secret=event.secret)
            self.refresh_bindings()

    def on_prompt_not_shouted(self, event: Prompt.NotShouted) -> None:
        """Log the reason that nothing can be sent."""
        self.session.complain(f"not sent: {event.reason}")

    def on_prompt_large_paste(self, event: Prompt.LargePaste) -> None:
        """Ask whether to shout a paste that is too large for the prompt."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.prompt.shout(event.lines)

        self.app.push_screen(Confirm(event.question, "send"), answered)

    def on_prompt_input_ended(self) -> None:
        """Half-close the connection."""
        self.session.end_input()

    def action_close_input(self) -> None:
        """Half-close the connection."""
        self.session.end_input()

    # What can be done now

    def obstacle(self, action: str) -> str:
        """Return why an action can't be done now, as one sentence; an empty string if it can."""
        if self.app.is_web and action in BEYOND_A_BROWSER:
            return IN_BROWSER
        key, following = self._connect_key, self.lines.following
        return self.pause.obstacle(action) or obstacle(
            action, self.session, following=following, connect=key
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something now: none while something lies over the screen."""
        if not self.is_active:
            return False
        if action == "select_none":
            return bool(self.lines.highlighted)
        return not self.obstacle(action)

    def on_screen_suspend(self) -> None:
        """Show that no key does anything here while a sheet lies over the screen."""
        self.refresh_bindings()

    # The session's observer

    def show_entries(self, entries: list[Entry]) -> None:
        """Show lines in the log, and what they mean for the timeline and the figures."""
        self.lines.add(entries)
        if len(entries) == 1 and entries[0][0] == Kind.PROBLEM and self.hint.is_attached:
            self._note_problem(entries[0][1])
        self.files.add(entries)
        if self.is_running:
            self.timeline.wake()
            self.status.wake()

    def _note_problem(self, sentence: str) -> None:
        """Show a problem under the prompt as well, where it can't be seen in the log."""
        flood = self.session.transcript.stats.rate(anyio.current_time()) >= FLOOD
        if not self.hint.note and (flood or not self.room.newest_is_seen):
            self.hint.say(Note(sentence, NOTED))

    async def ready(self) -> None:
        """Wait while the file of the log has too much to write."""
        await self.files.ready()

    def show_unfinished(self, line: bytes) -> None:
        """Show text that does not end, a question for example."""
        self.unfinished.text = visible(line)
        self.prompt.hide(asked=asks_for_secret(self.session.question))

    def show_info(self, info: ServerInfo) -> None:
        """Show what is known about the server."""
        self._view.show_info(info, movable=not self.obstacle("set_delay"))
        self.timeline.wake()

    def show_state(self) -> None:
        """Show how the connection is, and its shouts."""
        self._view.show_state()
        self.room.fit(self.app.size)
        flights = self.session.transcript.flights
        if self.timeline.flights is not flights:
            self.timeline.flights = flights
        self.timeline.wake()
        self.post_message(self.StateChanged())

    # The connection

    def action_reconnect(self) -> None:
        """Connect, if nothing can be sent; now, if it was waiting to."""
        if self.session.state in (State.DRAINING, State.INPUT_ENDED):
            self.session.connect()  # whatever is still to come
        else:
            self.session.retry()

    def action_stay_away(self) -> None:
        """Stop trying to connect."""
        if self.session.state == State.CONNECTING:
            self.session.disconnect()
        else:
            self.session.stop_waiting()

    def action_disconnect(self) -> None:
        """Close the connection, and do not reconnect automatically."""
        self.session.disconnect()

    def action_connect(self, where: Address | Embedded | None = None) -> None:
        """Connect to another server, or to the same one again."""
        self.session.connect(where)

    # Delay and mode

    def on_delay_slider_changed(self, event: DelaySlider.Changed) -> None:
        """Ask the server for the delay that the slider was moved to."""
        self.session.ask(delay=event.value)

    def action_step_delay(self, steps: int) -> None:
        """Move the slider."""
        self.slider.step(steps)

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

    def action_start_demo(self) -> None:
        """Show the book's two dialogues."""
        self.demo.start()

    def _tuning(self) -> Tuning:
        info = self.session.client.info if self.session.client else None
        return Tuning(info.delay, info.mode) if info else Tuning()

    def _tune(self, tuning: Tuning) -> None:
        self.session.ask(delay=tuning.delay, mode=tuning.mode)

    def action_compare(self) -> None:
        """Compare the two modes of the server there is now."""
        screen = CompareScreen(
            self.session.target, self._options, self._commands, self.prompt.history, self.files
        )
        self._in_front = screen.halves[0].session
        behind = self.timeline.terminal_is_behind
        for half in screen.halves:
            half.timeline.terminal_is_behind = half.lines.terminal_is_behind = behind
        self.app.push_screen(screen, self._leave_comparison)

    def _leave_comparison(self, _: None) -> None:
        self._in_front = self.session

    # The log, and the timeline

    def on_echo_log_behind(self) -> None:
        """The log follows, or does not follow any more: other keys do something."""
        self.refresh_bindings()

    def on_echo_log_selected(self, event: EchoLog.Selected) -> None:
        """Highlight the shout in the timeline, too."""
        self.timeline.selected = event.shout

    def on_timeline_selected(self, event: Timeline.Selected) -> None:
        """Highlight the shout in the log, too."""
        self.lines.highlighted = event.shout

    def action_select_none(self) -> None:
        """Clear the selection of a shout."""
        self.lines.highlighted = self.timeline.selected = 0

    def action_newest(self) -> None:
        """Go back to the end of the log."""
        self.lines.to_end()

    def action_scroll_log(self, pages: int) -> None:
        """Scroll the log by a page, from wherever the focus is."""
        if pages < 0:
            self.lines.action_page_up()
        else:
            self.lines.action_page_down()

    def action_clear_log(self) -> None:
        """Forget all lines."""
        self.lines.clear()

    def action_search(self, text: str = "") -> None:
        """Open the search, maybe with something to search for."""
        self.search.open(text)

    def action_set_timestamps(self, kind: str) -> None:
        """Show when each line was shouted or came."""
        self.lines.timestamps = Timestamps(kind)
        self._choices.remember(timestamps=kind)

    def action_step_timestamps(self) -> None:
        """Show the next kind of timestamps."""
        self.action_set_timestamps(self.lines.timestamps.after)

    def action_toggle_timeline(self) -> None:
        """Show the timeline, or hide it; where there is no room for it, say so."""
        if problem := self.room.toggle_timeline(self.app.size):
            self.hint.say(Note(problem, NOTED))
        else:
            self._choices.remember(timeline=bool(self.timeline.wanted))

    def action_toggle_pause(self) -> None:
        """Pause the picture, or let it follow time again; time itself goes on."""
        self.pause.toggle()
        self.refresh_bindings()

    def action_step_echo(self, steps: int) -> None:
        """Go to another echo in a picture that is paused."""
        self.pause.step(steps)

    def action_toggle_big(self) -> None:
        """Show the timeline alone, with tall lanes, or the log again."""
        self.room.toggle_big(self.app.size)

    # Saving

    def action_save(self, file: str) -> None:
        """Save the log; ask before a file is written over."""
        self.session.settle()
        self.files.save_log(self.lines.entries(), file)

    def action_save_picture(self, file: str) -> None:
        """Save the screen as SVG, once the command is gone from it."""
        self.call_after_refresh(self.files.save_picture, file)

    def action_record(self, file: str = "") -> None:
        """Record the screen to a file; without one, end the recording."""
        self.files.record(file)

    def complain(self, sentence: str) -> None:
        """Put a problem into the log; may be called in any thread."""
        self._later(self.session.complain, sentence)

    def _later(self, call: Callable[..., object], *parameters: object) -> None:
        """Call it in the app's own thread; from any other one, and after the end in vain."""
        with contextlib.suppress(RuntimeError):
            self.call_later(call, *parameters)

    # Sheets, and the app's own actions as commands

    def action_help(self) -> None:
        """Show what this is, every key and every command."""
        lay_over(self.app, Help(self, self._commands))

    def action_details(self) -> None:
        """Show all there is to know about the connection."""

        def rows(width: int) -> list[Section]:
            return sections(self.session, anyio.current_time(), width, self.files.described)

        client = self.session.client
        if client is not None and client.info.limits is None:
            self.session.ask(limits=True)
        lay_over(self.app, Details(rows))

    def action_set_theme(self, name: str) -> None:
        """Show other colours."""
        self.app.theme = name
        self._choices.remember(theme=name)

    async def action_quit(self) -> None:
        """End the client as the user asked for."""
        await self.app.action_quit()
