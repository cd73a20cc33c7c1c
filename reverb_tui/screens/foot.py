"""The foot of a screen to type on: controls, the line to type in, a hint, and the row of keys."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from reverb_tui.screens.bindings import DISPENSABLE, ORDER
from reverb_tui.widgets.key_bar import KeyBar
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint


def foot(controls: Iterable[Widget], prompt: Prompt, hint: Hint) -> ComposeResult:
    """Lay out the foot."""
    with Vertical(id="foot"):
        with Horizontal(id="controls"):
            yield from controls
        with Horizontal(id="line"):
            yield Static("> ", id="sign", markup=False)
            yield prompt
        yield hint
        yield KeyBar(ORDER, DISPENSABLE)
