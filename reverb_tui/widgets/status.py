"""The line that says how the connection stands."""

from textual.content import Content
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
    """Shows the mode, the server and the state; and for a while, whatever else is urgent."""

    def show(
        self, state: str, target: object, facts: Facts | None, again_in: float | None, urgent: str
    ) -> None:
        """Show how it stands; ``again_in`` is in seconds, ``urgent`` stands alone if not empty."""
        text = urgent or f"{_mode(facts)}{SIGNS[state]} {target} {_state(state, again_in)}"
        self.update(Content(visible_text(text)))


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
