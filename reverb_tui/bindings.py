"""The keys of the screen as a whole; widgets have their own, the help shows them all.

Every binding has an id, by which the user's configuration can put it on another key.
"""

from typing import Final

from textual.binding import Binding, BindingType

_DELAY: Final = Binding.Group("Delay", compact=True)


def _key(key: str, action: str, description: str, name: str, *, show: bool = False) -> Binding:
    return Binding(key, action, description, show=show, priority=True, id=name)


BINDINGS: Final[list[BindingType]] = [
    Binding(
        "alt+left",
        "step_delay(-1)",
        "Shorter",
        key_display="Alt+←",
        priority=True,
        group=_DELAY,
        id="shorter",
    ),
    Binding(
        "alt+right",
        "step_delay(1)",
        "Longer",
        key_display="→",
        priority=True,
        group=_DELAY,
        id="longer",
    ),
    _key("ctrl+t", "toggle_mode", "Mode", "mode", show=True),
    _key("ctrl+end", "newest", "Newest", "newest", show=True),
    _key("ctrl+r", "reconnect", "Reconnect", "reconnect", show=True),
    Binding("escape", "stay_away", "Stay away", show=True, id="stay_away"),
    _key("ctrl+f", "search", "Search", "search"),
    _key("f2", "toggle_timeline", "Timeline", "timeline"),
    _key("f3", "step_timestamps", "Timestamps", "timestamps"),
    _key("f4", "details", "Details", "details"),
    _key("ctrl+l", "clear_log", "Clear the log", "clear"),
    _key("ctrl+p", "command_palette", "All commands", "palette"),
    Binding("pageup", "scroll_log(-1)", "Scroll the log up", show=False, id="page_up"),
    Binding("pagedown", "scroll_log(1)", "Scroll the log down", show=False, id="page_down"),
    _key("f1", "help", "Help", "help", show=True),
    _key("ctrl+c", "interrupt", "Copy what is selected; twice: quit", "interrupt"),
    _key("ctrl+z", "suspend_process", "Suspend", "suspend"),
    _key("ctrl+q", "quit", "Quit", "quit", show=True),
]
