"""Keys as they are called on keyboards and in footers: ``^T``, ``Alt+←``, ``F1``, ``PgUp``."""

from typing import Final

from textual.binding import Binding
from textual.dom import DOMNode
from textual.events import Key
from textual.keys import format_key

from reverb_tui.display import is_text

_NAMES: Final = {
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "home": "Home",
    "end": "End",
    "insert": "Ins",
    "delete": "Del",
    "backspace": "Backspace",
}


UNBOUND: Final = "no_key"
"""In the place of a key: an action has none, unless the user gives it one."""


def key_name(key: str) -> str:
    """Return the name to show for a key as Textual calls it, ``ctrl+t`` say."""
    *modifiers, last = key.split("+")
    name = _NAMES.get(last) or (last.upper() if last[1:].isdecimal() else format_key(last))
    if modifiers and len(name) == 1:
        name = name.upper()
    others = [each.capitalize() for each in modifiers if each != "ctrl"]
    return "+".join([*others, f"^{name}" if "ctrl" in modifiers else name])


def typed_by(event: Key) -> str:
    """Return the character that a key types; an empty string if it types none."""
    character = event.character
    chord = len(event.key) > 1 and "+" in event.key
    return character if character and is_text(character) and not chord else ""


def pair(
    label: str, first: tuple[str, str, str, str], second: tuple[str, str, str, str]
) -> tuple[Binding, Binding]:
    """Return the bindings of two keys that share a label: key, its sign, action, what it does."""
    group = Binding.Group(label, compact=True)
    before, after = (
        Binding(key, action, label, key_display=sign, tooltip=does, group=group)
        for key, sign, action, does in (first, second)
    )
    return before, after


def mappable(*kinds: type[DOMNode]) -> dict[str, str]:
    """Return the bindings of an app's class and of widgets' that can have other keys.

    The ids, and the keys that they have.
    """
    bindings = [binding for kind in kinds for binding in kind.BINDINGS]
    return {each.id: each.key for each in bindings if isinstance(each, Binding) and each.id}
