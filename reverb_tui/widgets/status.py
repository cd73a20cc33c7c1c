"""The line that says how the connection stands."""

from textual.content import Content
from textual.events import Click
from textual.timer import Timer
from textual.widgets import Static

from reverb_tui.display import visible_text
from reverb_tui.peer import Facts

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
    """Shows the mode, the server and the state; and for a while, a few words in their place.

    A click on the mode switches it, one on the rest shows the details of the connection.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "StatusLine { pointer: pointer; }"

    note = ""
    """The words that stand there for a while."""

    _standing = ""
    _mode_width = 0
    _forgetting: Timer | None = None

    def show(self, state: str, target: object, facts: Facts | None, again_in: float | None) -> None:
        """Show how it stands; ``again_in`` is in seconds."""
        mode = _mode(facts)
        self._mode_width = len(mode.rstrip())
        self._standing = f"{mode}{SIGNS[state]} {target} {_state(state, again_in)}"
        self._draw()

    def say(self, words: str, seconds: float) -> None:
        """Let a few words stand here for some seconds, in the place of those before."""
        if self._forgetting is not None:
            self._forgetting.stop()
        self._forgetting = self.set_timer(seconds, self._forget)
        self.note = words
        self._draw()

    def _forget(self) -> None:
        self.note = ""
        self._draw()

    async def on_click(self, event: Click) -> None:
        """Switch the mode at a click on it; at one on the rest, show the details."""
        offset = event.get_content_offset(self)
        if offset is not None:
            on_mode = offset.x < self._mode_width and not self.note
            await self.run_action("app.toggle_mode" if on_mode else "app.details")

    def _draw(self) -> None:
        self.update(Content(visible_text(self.note or self._standing)))


def _state(state: str, again_in: float | None) -> str:
    if again_in is None:
        return state
    return f"no connection, again in {max(0, round(again_in))} s"


def _mode(facts: Facts | None) -> str:
    if facts is None:
        return ""
    if facts.kind == "plain":
        return "plain  "
    if facts.wished_mode:
        return f"{facts.wished_mode} (asking)  "
    return f"{facts.mode}  " if facts.mode else ""
