"""The line that says what is in the air, and how the connection stands."""

from collections.abc import Callable
from typing import Final

import anyio
from rich.cells import cell_len, chop_cells
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.timer import Timer
from textual.widgets import Static

from reverb_tui.display import visible_text
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.session.observer import TALKING, State
from reverb_tui.session.transcript import Transcript

SIGNS = {
    State.CONNECTING: "◌",
    State.CONNECTED: "●",
    State.DRAINING: "◒",
    State.INPUT_ENDED: "◐",
    State.CLOSED: "○",
    State.BROKEN: "✗",
    State.NOT_CONNECTED: "✗",
    State.WAITING: "✗",
}
"""The states of the connection, each with its sign."""

COUNTED: Final = (State.CONNECTING, State.WAITING)
"""The states in which seconds are counted."""

RECORDING: Final = " · recording"

INTERVAL: Final = 0.1
"""Seconds between two looks at figures that change."""

BAR: Final = " │ ", "$foreground 60%"
"""Between what is in the air and the connection, and its colour."""

FIGURES: Final = len("in the air 99 · waiting 99")
"""Cells that are kept for the figures: the slider must not move with each digit."""

NAME: Final = 16
"""Cells of the server's name below which there are no figures."""


class StatusLine(Static):
    """Shows what is in the air, the mode, the server and its state, and whether it is recorded.

    The state of a connection that holds is its sign alone. Where there is no room for all of it
    the name of the server is cut, in its middle; where that is not enough, the figures are left
    out. A click on the mode switches it, one on the rest shows the details of the connection.

    It looks at the figures while they change, and sleeps at rest.

    Args:
        transcript: Returns the transcript of the connection there is now.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "StatusLine { pointer: pointer; }"

    def __init__(self, transcript: Callable[[], Transcript]) -> None:
        super().__init__(id="status", markup=False)
        self._transcript = transcript
        self._mode = self._server = ""
        self._recording = False
        self._state = State.CLOSED
        self._instant: float | None = None
        self._held = 0
        self._absence = ""
        self._standing = "", "", ""  # the mode and the sign, the server, and the state
        self._figures = ""
        self._kept = FIGURES  # cells for the figures
        self._ticking: Timer | None = None
        self._looked = 0.0  # when it was drawn last
        self._indent = 0  # cells of the figures that are seen, with the bar

    def on_mount(self) -> None:
        """Begin to follow the figures, and to count seconds."""
        self._ticking = self.set_interval(INTERVAL, self.draw)

    def show(
        self,
        state: State,
        target: object,
        info: ServerInfo | None,
        instant: float | None = None,
        measured: str = "",
        *,
        held: int = 0,
        absence: str = "not connected",
    ) -> None:
        """Show how it stands; ``measured`` is in the place of a mode that the server tells.

        ``held`` is how many shouts wait for the next connection, ``absence`` why there is none.
        While it is connecting, ``instant`` is since when; while it is waiting, until when; both in
        seconds of the event loop's clock.
        """
        self._mode = _mode(info) or (measured and f"{measured} ")
        self._server = visible_text(str(target))
        self._state, self._instant, self._held = state, instant, held
        self._absence = absence
        self._follow()
        self.draw()

    def mark_recording(self, recording: bool) -> None:
        """Show whether the screen is being recorded."""
        self._recording = recording
        self.draw()

    def wake(self) -> None:
        """Follow the figures until they stand still."""
        self._follow()
        if anyio.current_time() - self._looked >= INTERVAL:
            self.draw()

    def _follow(self) -> None:
        if self._ticking is not None:
            self._ticking.resume()

    def draw(self) -> None:
        """Show how it is now."""
        self._looked = now = anyio.current_time()
        transcript = self._transcript()
        figures = ""
        if self._state in TALKING:
            figures = transcript.stats.brief(now, raw=transcript.raw)
        held = f" · {self._held:,} held" if self._held else ""
        words = f"{self._words(now)}{held}{RECORDING if self._recording else ''}"
        standing = f"{self._mode}{SIGNS[self._state]} ", self._server, words
        kept = max(self._kept, cell_len(figures))
        # A layout draws the whole screen.
        layout = standing != self._standing or kept > self._kept
        layout = layout or bool(figures) != bool(self._figures)
        if layout or figures != self._figures:
            self._standing, self._figures, self._kept = standing, figures, kept
            self.update(Content("".join(standing)), layout=layout)
        moves = transcript.flights.in_flight or transcript.stats.rate(now)
        if self._ticking is not None and not moves and self._state not in COUNTED:
            self._ticking.pause()

    def _words(self, now: float) -> str:
        """Return the state, where its sign does not say all of it."""
        if self._state == State.CONNECTED:
            return ""
        if self._instant is not None:
            seconds = abs(self._instant - now)
            if self._state == State.WAITING:
                return f" · {self._absence} · retrying in {round(seconds)} s"
            if self._state == State.CONNECTING and seconds >= 1:
                return f" · connecting, {seconds:.0f} s"
        return f" · {self._state}"

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Ask for room for all of it."""
        kept = self._kept + len(BAR[0]) if self._figures else 0
        return kept + cell_len("".join(self._standing))

    def render(self) -> RenderResult:
        """Draw as much of it as there is room for."""
        before, name, after = self._standing
        figures = Content.assemble(self._figures, BAR) if self._figures else Content("")
        room = self.content_size.width - cell_len(before) - cell_len(after)
        if room - figures.cell_length < min(cell_len(name), NAME):
            figures = Content("")
        self._indent = figures.cell_length
        return Content.assemble(figures, before, shortened(name, room - self._indent), after)

    async def on_click(self, event: Click) -> None:
        """Switch the mode at a click on it; at one on the rest, show the details."""
        offset = event.get_content_offset(self)
        if offset is not None:
            on_mode = 0 <= offset.x - self._indent < len(self._mode.rstrip())
            await self.run_action("screen.toggle_mode" if on_mode else "screen.details")


def shortened(name: str, cells: int) -> str:
    """Cut a name in its middle, where it needs more cells: its end tells as much as its beginning.

    What is left of it has one cell at least, for the mark.
    """
    if cell_len(name) <= cells:
        return name
    head, tail = cells // 2, (cells - 1) // 2
    begin = chop_cells(name, head)[0] if head > 0 else ""
    end = chop_cells(name[::-1], tail)[0][::-1] if tail > 0 else ""
    return f"{begin}…{end}"


def _mode(info: ServerInfo | None) -> str:
    if info is None:
        return ""
    if info.kind == "plain":
        return "plain "
    if info.wished_mode:
        return f"{info.wished_mode} (asking) "
    return f"{info.mode} " if info.mode else ""
