"""The keys of the screen as a whole; widgets have their own, the help shows them all.

Every binding has an id, by which the user's configuration can put it on another key; a word or
two for the row of keys at the bottom; and as its tooltip what it does, for the help.
"""

from typing import Final

from textual.binding import Binding, BindingType

from reverb_tui.widgets.keys import UNBOUND

_DELAY: Final = Binding.Group("Delay", compact=True)


def _key(
    key: str,
    action: str,
    name: str,
    does: str,
    label: str = "",
    *,
    priority: bool = True,
    group: Binding.Group | None = None,
) -> Binding:
    return Binding(
        key,
        action,
        label or does,
        show=bool(label),
        priority=priority,
        tooltip=does,
        id=name,
        group=group,
    )


_STEPS: Final[list[BindingType]] = [
    _key(
        "alt+left",
        "step_delay(-1)",
        "shorter",
        "make the delay shorter",
        "Shorter",
        group=_DELAY,
    ),
    _key(
        "alt+right",
        "step_delay(1)",
        "longer",
        "make the delay longer",
        "Longer",
        group=_DELAY,
    ),
]

_PAUSE: Final[list[BindingType]] = [
    _key("f7", "toggle_pause", "pause", "pause the picture, or let it go on", "Pause"),
    _key("left", "step_echo(-1)", "echo_before", "in a paused picture, go to the echo before"),
    _key("right", "step_echo(1)", "echo_after", "in a paused picture, go to the next echo"),
]

COMPARE: Final[list[BindingType]] = [
    *_STEPS,
    *_PAUSE,
    _key("f6", "compare", "compare", "end the comparison", "End comparison"),
    Binding("escape", "compare", "end the comparison", show=False),
    Binding("tab", "app.focus_next", "go to the next part of the screen", show=False),
    Binding("shift+tab", "app.focus_previous", "go to the part before", show=False),
    Binding("super+c", "screen.copy_text", "copy what is selected", show=False),
]
"""The keys of the comparison."""

MAIN: Final[list[BindingType]] = [
    *_STEPS,
    *_PAUSE,
    _key("f6", "compare", "compare", "compare the two modes, side by side"),
    _key("ctrl+t", "toggle_mode", "mode", "switch between concurrent and sequential mode", "Mode"),
    _key("ctrl+end", "newest", "newest", "go back to the newest line of the log", "Newest"),
    _key("pageup", "scroll_log(-1)", "page_up", "scroll the log up", priority=False),
    _key("pagedown", "scroll_log(1)", "page_down", "scroll the log down", priority=False),
    _key("ctrl+f", "search", "search", "search the log", "Search"),
    _key(UNBOUND, "clear_log", "clear", "clear the log"),
    _key("f2", "toggle_timeline", "timeline", "show or hide the timeline", "Timeline"),
    _key(
        "f3", "step_timestamps", "timestamps", "show the next kind of timestamps, or none", "Times"
    ),
    _key("ctrl+r", "reconnect", "reconnect", "connect again, at once", "Connect"),
    Binding("escape", "select_none", "clear the selection", show=False),
    _key(
        "escape",
        "stay_away",
        "stay_away",
        "stop trying to connect",
        "Stop trying",
        priority=False,
    ),
    Binding("tab", "app.focus_next", "go to the next part of the screen", show=False),
    Binding("shift+tab", "app.focus_previous", "go to the part before", show=False),
    Binding("super+c", "screen.copy_text", "copy what is selected", show=False),
]
"""The keys of the main screen."""

EVERYWHERE: Final[list[BindingType]] = [
    _key("f4", "details", "details", "show connection details", "Details"),
    _key("f1", "help", "help", "show all keys and commands", "Help"),
    _key("ctrl+p", "command_palette", "palette", "choose one of all commands"),
    _key("ctrl+l", "redraw", "redraw", "draw the screen again"),
    _key("ctrl+c", "interrupt", "interrupt", "copy a selection, or drop the line; twice: quit"),
    _key("ctrl+z", "suspend_process", "suspend", "suspend; type fg to return"),
    _key("ctrl+q", "quit", "quit", "quit", "Quit"),
]
"""The keys of the app, which work on every screen."""

ORDER: Final = (
    *("shorter", "longer", "mode", "newest", "search", "timeline", "timestamps", "details"),
    *("compare", "pause", "reconnect", "stay_away", "prompt.end_input", "help", "quit"),
)
"""The ids in the order of the row of keys, whatever keys they have."""

DISPENSABLE: Final = (
    *("timestamps", "details", "pause", "prompt.end_input", "search", "timeline"),
    *("shorter", "compare", "mode", "newest", "help"),
)
"""Keys that the row of keys drops where there is no room, in this order."""
