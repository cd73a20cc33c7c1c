"""The help: the program in two sentences, the marks of its timeline, its keys and its commands.

Keys and commands are read off the screen that it lies over: so they can't be wrong.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
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
from reverb_tui.widgets.line_input import LineInput
from reverb_tui.widgets.timeline.lanes import LEGEND

ABOUT: Final = (
    "Every line you shout comes back three times: loud at once, normal after the delay, quiet"
    " after another. The slider changes the delay while echoes are in the air, and the timeline"
    " shows when each of them came or is due."
)
"""The program in two sentences."""

MARKS: Final = "Marks of the timeline"
"""The title over the legend."""

EVERYWHERE_TITLE: Final = "Keys that work everywhere"
"""The title over the keys of the app and of its screen."""

COMMANDS: Final = "Commands, typed like a shout"
"""The title over the commands."""

EDITING_TITLE: Final = "Keys that edit the line"
"""The title over the keys that every line to type in has."""


SIDEWAYS: Final = {"scroll_left", "scroll_right", "page_left", "page_right"}
SCROLLING: Final = {"scroll_up", "scroll_down", "page_up", "page_down", *SIDEWAYS}
"""Actions that Textual gives to everything that might scroll, whether it does or not."""


class Help(Sheet):
    """Shows what a screen is for, the marks of its timeline, its keys and its commands.

    Args:
        screen: The screen; its keys are shown as they are mapped now.
        commands: What can be typed there with a slash.
        about: What it is for, in two sentences.
        absent: Actions of the app that do nothing there.
    """

    def __init__(
        self,
        screen: Screen[Any],
        commands: Sequence[Command],
        about: str = ABOUT,
        absent: Collection[str] = (),
    ) -> None:
        everywhere, *widgets = key_sections(screen, absent)
        sections: list[Section] = [
            ("Reverb", [("", about)]),
            (MARKS, [("", "   ".join(LEGEND))]),
            everywhere,
            command_section(commands),
            *widgets,
        ]
        super().__init__("Help", lambda _: sections)


def command_section(commands: Sequence[Command]) -> Section:
    """Return the commands, and what each does."""
    rows = [(command.usage, command.help) for command in commands]
    return COMMANDS, [*rows, ("//TEXT", "shout a line that begins with a slash")]


def key_sections(screen: Screen[Any], absent: Collection[str] = ()) -> list[Section]:
    """Return the keys of the app, those of each part with a title, and those that edit a line.

    What has the focus is first among the parts. Keys for ``absent`` actions are left out.
    """
    app = screen.app
    focused = screen.focused.ancestors_with_self if screen.focused else []
    nodes = sorted(screen.query("*"), key=lambda node: node not in focused)
    titled = {node.BINDING_GROUP_TITLE: node for node in nodes}
    taken = {key for key, binding in _mapped_here(screen) if binding.priority}
    everywhere = [each for each in _mapped_here(screen) if each[1].action not in absent]
    sections = [(EVERYWHERE_TITLE, _rows(everywhere))]
    editing: list[tuple[str, Binding]] = []
    for title, node in titled.items():
        if not title:
            continue
        keys = list(_keys(app, node, taken))
        if isinstance(node, LineInput):  # its own keys have an id, by which they can be mapped
            editing += [each for each in keys if not each[1].id]
            keys = [each for each in keys if each[1].id]
        sections.append((title, _rows(keys)))
    return [*sections, (EDITING_TITLE, _rows(editing))]


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
