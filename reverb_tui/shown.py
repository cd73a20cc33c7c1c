"""Display of a session in the widgets of the main screen."""

from functools import partial
from typing import ClassVar, Final

import anyio
from textual.app import App
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from reverb_tui.commands.table import table
from reverb_tui.connection.negotiation import ServerInfo
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.display import visible
from reverb_tui.echoes.stats import FLOOD
from reverb_tui.entry import Entry, Kind
from reverb_tui.files.history import History
from reverb_tui.files.log_file import LogFile
from reverb_tui.link import Link
from reverb_tui.options import Options
from reverb_tui.screens.main import MainScreen
from reverb_tui.secrecy import asks_for_secret
from reverb_tui.session.availability import immovable, obstacle
from reverb_tui.session.session import Session
from reverb_tui.terminal import driver_class
from reverb_tui.terminal.behind import CaughtUp, terminal_is_behind
from reverb_tui.themes import NAMES

FIGURES: Final = 0.25
"""Seconds between two showings of the figures: faster than that nobody reads."""

LARGE: Final = (60, 20)
"""Cells and rows from which on the timeline is shown without being asked for."""

LEAST: Final = 16
"""Rows below which there is no timeline, whoever asks for it: the log needs what is left."""

SILENT_AFTER: Final = 5.0
"""Seconds after which it is said what a server's silence may mean; nothing else comes of it."""

DISK: Final = 0.02
"""Seconds between two looks at a disk that is behind."""

NOTED: Final = 5.0
"""Seconds for which a problem is shown under the prompt, if the log does not show it for long."""


class Shown(App[None], inherit_bindings=False):
    """The screen of a session: its observer."""

    TITLE = "Reverb"
    CSS_PATH = "reverb.tcss"
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-tiny"),
        (50, "-narrow"),
        (90, "-wide"),
    ]

    def __init__(
        self,
        target: AnyTarget,
        options: Options,
        history: History | None = None,
        *,
        ansi_color: bool | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class(), ansi_color=ansi_color)
        self._options = options
        self.log_file: LogFile | None = None
        """A file that the log is written to continuously; whoever sets it closes it."""
        self._commands = table(NAMES)
        self._main = main = MainScreen(self._commands, history, self.obstacle)
        self._lines, self._search, self._prompt = main.lines, main.search, main.prompt
        self._timeline, self._slider, self._status = main.timeline, main.slider, main.status
        self._hint = main.hint
        self._link = Link(target, options, self, self.run_worker)
        self._timeline_wanted: bool | None = None  # None: if there is room
        self._asked_for_long = False
        self._connect_key = "/connect"  # or the key for it, once it is known
        self._hand = 0.0  # where the slider was when it was last set, or heard of
        self._ticking: Timer  # runs while figures change
        self._patience: Timer | None = None  # runs for a while after the server was asked
        self._counting: Timer  # runs while it connects, or waits to connect again

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen."""
        return self._main

    @property
    def session(self) -> Session:
        """The conversation with the server."""
        return self._link.session

    def begin_to_show(self) -> None:
        """Call this once, at the beginning; `on_mount` of a base class is called by Textual too."""
        behind = partial(terminal_is_behind, self)
        self._lines.terminal_is_behind = self._timeline.terminal_is_behind = behind
        self._ticking = self.set_interval(FIGURES, self._show_figures, pause=True)
        self._counting = self.set_interval(1, self.refresh_status, pause=True)
        # With the first layout: one of its own would come while the first lines do.
        self._status.show("connecting", self.session.target, None, None)

    def on_caught_up(self, _event: CaughtUp) -> None:
        """Show the lines that waited for the terminal."""
        self._lines.catch_up()

    def on_resize(self, event: Resize) -> None:
        """Take the new size, which is not the app's yet."""
        self.fit_timeline(event.size)
        self.call_after_refresh(self._show_figures)  # those that there is room for

    def fit_timeline(self, size: Size) -> None:
        """Show the timeline if there is room, unless the user has said what to do."""
        large = size.width >= LARGE[0] and size.height >= LARGE[1]
        wanted = large if self._timeline_wanted is None else self._timeline_wanted
        room = size.height >= LEAST
        self._timeline.display = wanted and room and not self.session.raw

    # The session's observer

    def show_entries(self, entries: list[Entry]) -> None:
        """Show lines in the log, and what they mean for the timeline and the figures."""
        self._lines.add(entries)
        if len(entries) == 1 and entries[0][0] == Kind.PROBLEM:
            self._note_problem(entries[0][1])
        if self.log_file is not None:
            self.log_file.add(entries)
        if self.is_running:
            self._timeline.wake()
            self._ticking.resume()

    def _note_problem(self, sentence: str) -> None:
        """Show a problem under the prompt as well, where it can't be seen in the log."""
        flood = self.session.transcript.stats.rate(anyio.current_time()) >= FLOOD
        if not self._hint.note and (flood or not self._lines.following):
            self._hint.say(sentence, NOTED)

    async def ready(self) -> None:
        """Wait while the file of the log has too much to write."""
        while self.log_file is not None and self.log_file.full:  # noqa: ASYNC110
            await anyio.sleep(DISK)

    def show_unfinished(self, line: bytes) -> None:
        """Show text that does not end, a question for example."""
        self._main.unfinished.text = visible(line)
        self._prompt.hide(asked=asks_for_secret(self.session.question))

    def show_facts(self, info: ServerInfo) -> None:
        """Show what is known about the server, and let the thumb follow the hand."""
        slider = self._slider
        at_rest = slider.value == self._hand  # else a move is on its way here
        if self.session.state == "connected":
            slider.disabled = bool(self.obstacle("set_delay"))
            self._show_why_fixed()
        if info.delay is not None:
            slider.maximum = info.delay_max or info.delay
            slider.confirmed = info.delay
            if at_rest:
                slider.value = info.delay if info.wished is None else info.wished
                self._hand = slider.value
                self.session.transcript.flights.tune(slider.value, anyio.current_time())
        self._timeline.wake()
        self.refresh_status()

    def show_state(self) -> None:
        """Show how the connection stands, and why there is nothing to move without one."""
        session = self.session
        self._asked_for_long = False
        if self._patience is not None:
            self._patience.stop()
        if session.state == "connected":
            self._patience = self.set_timer(SILENT_AFTER, self._show_silence)
        else:
            self._slider.disabled = True
            self._show_why_fixed()
        self.fit_timeline(self.size)
        if self._timeline.flights is not session.transcript.flights:
            self._timeline.flights = session.transcript.flights
        if session.state in ("connecting", "waiting"):
            self._counting.resume()
        else:
            self._counting.pause()
        self._timeline.wake()
        self._ticking.resume()
        self.refresh_status()

    def obstacle(self, action: str) -> str:
        """Return why an action can't be done now, as one sentence; an empty string if it can."""
        key, following = self._connect_key, self._lines.following
        return obstacle(action, self.session, following=following, connect=key)

    def refresh_status(self) -> None:
        """Show how it stands."""
        session = self.session
        seconds = None
        if session.state == "waiting" and session.again_at is not None:
            seconds = session.again_at - anyio.current_time()
        elif session.state == "connecting":
            seconds = anyio.current_time() - session.began
        info = session.client.info if session.client else None
        self._status.show(session.state, session.target, info, seconds)
        self.refresh_bindings()

    def _show_figures(self) -> None:
        transcript = self.session.transcript
        now = anyio.current_time()
        line = transcript.stats.line(now, max(20, self.size.width - 2), raw=transcript.raw)
        self._main.stats.update(Content(line), layout=False)  # one row, whatever it says
        if not transcript.flights.in_flight and not transcript.stats.rate(now):
            self._ticking.pause()

    def _show_silence(self) -> None:
        """Hint at why the server has not shown yet what it is."""
        self._asked_for_long = True
        self._show_why_fixed()

    def _show_why_fixed(self) -> None:
        why = immovable(self.session, for_long=self._asked_for_long)
        self._slider.reason, self._slider.briefly = why
