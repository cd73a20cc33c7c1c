"""The line that says how the connection stands."""

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
from reverb_tui.session.observer import State

SIGNS = {
    State.CONNECTING: "◌",
    State.CONNECTED: "●",
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


class StatusLine(Static):
    """Shows the mode, the server and the state, and whether the screen is being recorded.

    Where there is no room for all of it the name of the server is cut, in its middle. A click on
    the mode switches it, one on the rest shows the details of the connection.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "StatusLine { pointer: pointer; }"

    _standing = "", "", ""
    """The mode and the sign, the server, and the state."""

    _mode = _name = ""
    _recording = False
    _counting: Timer | None = None
    _state = State.CLOSED
    _instant: float | None = None

    def on_mount(self) -> None:
        """Count seconds where some pass."""
        self._counting = self.set_interval(1, self._count, pause=self._state not in COUNTED)

    def show(
        self,
        state: State,
        target: object,
        info: ServerInfo | None,
        instant: float | None = None,
        measured: str = "",
    ) -> None:
        """Show how it stands; ``measured`` is in the place of a mode that the server tells.

        While it is connecting, ``instant`` is since when; while it is waiting, until when; both in
        seconds of the event loop's clock.
        """
        self._mode = _mode(info) or (measured and f"{measured} ")
        self._name = visible_text(str(target))
        self._state, self._instant = state, instant
        if self._counting is not None:
            if state in COUNTED:
                self._counting.resume()
            else:
                self._counting.pause()
        self._count()

    def mark_recording(self, recording: bool) -> None:
        """Show whether the screen is being recorded."""
        self._recording = recording
        self._count()

    def _count(self) -> None:
        words = f" · {self._words}{RECORDING if self._recording else ''}"
        standing = f"{self._mode}{SIGNS[self._state]} ", self._name, words
        if standing != self._standing:  # a layout draws the whole screen
            self._standing = standing
            self.update(Content("".join(standing)))

    @property
    def _words(self) -> str:
        if self._instant is not None:
            seconds = abs(self._instant - anyio.current_time())
            if self._state == State.WAITING:
                return f"not connected · retrying in {round(seconds)} s"
            if self._state == State.CONNECTING and seconds >= 1:
                return f"connecting, {seconds:.0f} s"
        return self._state

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Ask for room for all of it."""
        return cell_len(str(self.content))

    def render(self) -> RenderResult:
        """Draw as much of it as there is room for."""
        before, name, after = self._standing
        room = self.content_size.width - cell_len(before) - cell_len(after)
        return Content(f"{before}{shortened(name, room)}{after}")

    async def on_click(self, event: Click) -> None:
        """Switch the mode at a click on it; at one on the rest, show the details."""
        offset = event.get_content_offset(self)
        if offset is not None:
            on_mode = offset.x < len(self._mode.rstrip())
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
