"""Everything that this client uses of Textual's private parts, as of Textual 8.2.

``tests/tui/terminal/test_textual_internals.py`` fails if Textual changes one of them, and
``tests/process/test_recording.py`` for `draw_whole`. The only other one is the suggestion of an
input: `reverb_tui.widgets.line_input`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.driver import Driver
from textual.keys import _character_to_key as key_of_character
from textual.screen import Screen

__all__ = [
    "ANSI_SEQUENCES_KEYS",  # the keys of every old terminal
    "FUNCTIONAL_KEYS",  # and those of the kitty protocol, by Textual's names
    "XTermParser",  # reads the reports of a mouse
    "bindings_of",
    "draw_whole",
    "driver_of",
    "is_selecting",
    "key_of_character",
    "on_fatal_error",
]


def bindings_of(app: App[Any], node: DOMNode) -> Iterable[tuple[str, Binding]]:
    """Return the keys of a node as the user has mapped them, and their bindings.

    `Screen.active_bindings` has only those that do something now, and where the focus is.
    """
    bindings = node._bindings.copy()
    bindings.apply_keymap(app._keymap)
    return bindings


def draw_whole(app: App[Any]) -> None:
    """Draw the whole screen now, in one frame; `App.refresh` may draw parts of it first."""
    screen = app.screen
    whole = screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    app._display(screen, whole)


def driver_of(app: App[Any]) -> Driver | None:
    """Return the driver that an app made of its driver class; None before it runs."""
    return app._driver


def is_selecting(screen: Screen[Any]) -> bool:
    """Return whether the mouse is selecting text, which began on this screen."""
    return screen._selecting


def on_fatal_error(app: App[Any], report: Callable[[], None]) -> None:
    """Call `report` in place of what prints a traceback with the values of variables."""
    app._fatal_error = report  # type: ignore[method-assign]
