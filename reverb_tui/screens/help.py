"""Every key and every command, read off the screen that it lies over: so it can't be wrong."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input

from reverb_tui.commands.table import Command
from reverb_tui.screens.sheet import Section, Sheet
from reverb_tui.terminal.textual_internals import bindings_of
from reverb_tui.widgets.keys import UNBOUND, key_name

EVERYWHERE_TITLE: Final = "Keys that work everywhere"
"""The title over the keys of the app and of its screen."""

COMMANDS: Final = "Commands, typed like a shout"
"""The title over the commands."""


SIDEWAYS: Final = {"scroll_left", "scroll_right", "page_left", "page_right"}
SCROLLING: Final = {"scroll_up", "scroll_down", "page_up", "page_down", *SIDEWAYS}
"""Actions that Textual gives to everything that might scroll, whether it does or not."""


class Help(Sheet):
    """Shows the keys of the screen that is open now, as they are mapped, and the commands."""

    def __init__(self, screen: Screen[Any], commands: Sequence[Command]) -> None:
        everywhere, *widgets = key_sections(screen)
        sections = [everywhere, command_section(commands), *widgets]
        super().__init__("Help", lambda _: sections)


def command_section(commands: Sequence[Command]) -> Section:
    """Return the commands, and what each does."""
    rows = [(command.usage, command.help) for command in commands]
    return COMMANDS, [*rows, ("//TEXT", "shout a line that begins with a slash")]


def key_sections(screen: Screen[Any]) -> list[Section]:
    """Return the keys of the app, and those of each part with a title; what has the focus first."""
    app = screen.app
    focused = screen.focused.ancestors_with_self if screen.focused else []
    nodes = sorted(screen.query("*"), key=lambda node: node not in focused)
    titled = {node.BINDING_GROUP_TITLE: node for node in nodes}
    taken = {key for key, binding in _mapped_here(screen) if binding.priority}
    everywhere = _rows(_mapped_here(screen))
    parts = [(title, _rows(_keys(app, node, taken))) for title, node in titled.items() if title]
    return [(EVERYWHERE_TITLE, everywhere), *parts]


def keys_for(screen: Screen[Any], action: str) -> list[str]:
    """Return the keys that run an action of a screen or of the app, as the user has mapped them."""
    return [key for key, binding in _mapped_here(screen) if binding.action == action]


def _mapped_here(screen: Screen[Any]) -> list[tuple[str, Binding]]:
    """Return the keys of a screen and of the app."""
    return [*_mapped(screen.app, screen), *_mapped(screen.app, screen.app)]


def _keys(app: App[Any], node: DOMNode, taken: set[str]) -> Iterator[tuple[str, Binding]]:
    """Return the keys of a widget that do something there."""
    idle = SCROLLING if isinstance(node, Input) else SIDEWAYS
    for key, binding in _mapped(app, node):
        if key not in taken and binding.action not in idle:
            yield key, binding


def _mapped(app: App[Any], node: DOMNode) -> Iterable[tuple[str, Binding]]:
    return [(key, binding) for key, binding in bindings_of(app, node) if key != UNBOUND]


def _rows(bindings: Iterable[tuple[str, Binding]]) -> list[tuple[str, str]]:
    """Return (keys, what they do); keys that do the same stand together."""
    rows: dict[tuple[str, str], list[str]] = {}
    for key, binding in bindings:
        does = binding.tooltip or binding.description
        if does:
            # Textual's own begin with a capital.
            does = does[:1].lower() + does[1:]
            rows.setdefault((binding.action, does), []).append(key_name(key))
    return [(", ".join(keys), description) for (_, description), keys in rows.items()]
