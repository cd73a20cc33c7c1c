"""The line that says how the connection stands."""

from rich.cells import cell_len, chop_cells
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.widgets import Static

from reverb_tui.connection.negotiation import ServerInfo
from reverb_tui.display import visible_text

SIGNS = {
    "connecting": "◌",
    "connected": "●",
    "input ended": "◐",
    "closed": "○",
    "broken": "✗",
    "not connected": "✗",
    "waiting": "✗",
}
"""The states of the connection, each with its sign."""


class StatusLine(Static):
    """Shows the mode, the server and the state.

    Where there is no room for all of it the name of the server is cut, in its middle. A click on
    the mode switches it, one on the rest shows the details of the connection.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "StatusLine { pointer: pointer; }"

    _standing = "", "", ""
    """The mode and the sign, the server, and the state."""

    _mode_width = 0

    def show(
        self, state: str, target: object, info: ServerInfo | None, seconds: float | None
    ) -> None:
        """Show how it stands.

        While it is connecting, ``seconds`` is for how long; while it is waiting, until when.
        """
        mode = _mode(info)
        self._mode_width = len(mode.rstrip())
        name = visible_text(str(target))
        standing = f"{mode}{SIGNS[state]} ", name, f" {_state(state, seconds)}"
        if standing != self._standing:  # a layout draws the whole screen
            self._standing = standing
            self.update(Content("".join(standing)))

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
            on_mode = offset.x < self._mode_width
            await self.run_action("app.toggle_mode" if on_mode else "app.details")


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


def _state(state: str, seconds: float | None) -> str:
    if state == "waiting" and seconds is not None:
        return f"no connection, again in {max(0, round(seconds))} s"
    if state == "connecting" and seconds is not None and seconds >= 1:
        return f"connecting, {seconds:.0f} s"
    return state


def _mode(info: ServerInfo | None) -> str:
    if info is None:
        return ""
    if info.kind == "plain":
        return "plain  "
    if info.wished_mode:
        return f"{info.wished_mode} (asking)  "
    return f"{info.mode}  " if info.mode else ""
