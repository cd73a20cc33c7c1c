"""Meaning of a terminal's sequences: keys, clicks, the focus, answers.

Keys come in three ways: as they always did, as xterm's ``modifyOtherKeys`` has them, and as the
kitty protocol has them (https://sw.kovidgoyal.net/kitty/keyboard-protocol/). They get Textual's
names. Text is only what the terminal says is text: a key with Ctrl or Alt is none.
"""

import re
from typing import Final

from textual import messages
from textual.events import (
    AppBlur,
    AppFocus,
    CursorPosition,
    Key,
    MouseEvent,
    MouseMove,
    MouseUp,
)
from textual.geometry import Size
from textual.message import Message

from reverb_tui.display import is_text
from reverb_tui.terminal.textual_internals import (
    ANSI_SEQUENCES_KEYS,
    FUNCTIONAL_KEYS,
    XTermParser,
    key_of_character,
)

SHIFT, ALT, CTRL, SUPER, HYPER, META, CAPS_LOCK, NUM_LOCK = (1 << bit for bit in range(8))

_MODIFIERS: Final = {
    ALT: "alt",
    CTRL: "ctrl",
    HYPER: "hyper",
    META: "meta",
    SHIFT: "shift",
    SUPER: "super",
}
"""In the order in which Textual names them."""

_SAME: Final = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+j": "enter",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
}
"""Keys that have always been the same on a terminal, whatever a protocol tells apart."""

_KEYPAD: Final = {
    "decimal": ".",
    "divide": "/",
    "multiply": "*",
    "subtract": "-",
    "add": "+",
    "equal": "=",
    "separator": ",",
}
_MODIFIER: Final = ("shift", "control", "alt", "super", "hyper", "meta")
_SILENT: Final = {
    *(f"{side}_{name}" for side in ("left", "right") for name in _MODIFIER),
    *("iso_level3_shift", "iso_level5_shift", "caps_lock", "scroll_lock", "num_lock"),
}

_PRESSED: Final = ("", "1", "2")
"""Kinds of key events, but for the release of one."""

_KEY: Final = re.compile(
    r"(?P<code>\d{0,7})(?::(?P<shifted>\d{0,7})(?::(?P<base>\d{0,7}))?)?"
    r"(?:;(?P<modifiers>\d{0,3})(?::(?P<event>\d))?)?"
    r"(?:;(?P<text>\d{1,7}(?::\d{1,7}){0,15})?)?"
    r"(?P<end>[~uABCDEFHPQRS])"
)
_OTHER_KEY: Final = re.compile(r"27;(?P<modifiers>\d{1,3});(?P<code>\d{1,7})~")
_POSITION: Final = re.compile(r"(\d{1,5});(\d{1,5})R")
_MOUSE: Final = re.compile(r"<\d{1,2};\d{1,5};\d{1,5}[Mm]")
_SYNCHRONIZED: Final = re.compile(r"\?2026;[1-4]\$y")
_IGNORED: Final = re.compile(
    r"[<=>?]?[-\d;:]*\$?[cnuyRSMtm]"  # what a terminal says of itself, and clicks of other modes
    r"|M.{3}|201~",
    re.DOTALL,
)


class Events:
    """Finds the events for what was sent; an empty list for what is known and means nothing."""

    def __init__(self) -> None:
        self._mouse = XTermParser()

    def text(self, text: str) -> list[Message]:
        """Return the keys for characters; C0 controls are keys, too."""
        return [_typed(character) for character in text]

    def alt(self, character: str) -> list[Message]:
        """Return the key for a character after ESC."""
        if character == "\t":  # the Linux console
            return [Key("shift+tab", None)]
        name = _typed(character).key
        return [Key("+".join(sorted(["alt", *name.split("+")[:-1]]) + name.split("+")[-1:]), None)]

    def ss3(self, body: str) -> list[Message] | None:
        """Return the keys for what follows SS3; None for what is not known."""
        return _from_table("\x1bO" + body)

    def csi(self, body: str) -> list[Message] | None:
        """Return the events for what follows CSI; None for what is not known."""
        if body == "I":
            return [AppFocus()]
        if body == "O":
            return [AppBlur()]
        if position := _POSITION.fullmatch(body):
            return [CursorPosition(int(position[2]) - 1, int(position[1]) - 1)]
        if _MOUSE.fullmatch(body):
            # 128 and more are other buttons, which Textual would take for the usual ones.
            event = self._mouse.parse_mouse_code("\x1b[" + body)
            return [event] if event is not None else []
        if _SYNCHRONIZED.fullmatch(body):
            return [messages.TerminalSupportsSynchronizedOutput()]
        if other := _OTHER_KEY.fullmatch(body):
            return _key(other["code"], "u", other["modifiers"])
        if key := _KEY.fullmatch(body):
            found = _key(**key.groupdict(""))
            if found is not None:
                return found
        known = _from_table("\x1b[" + body)
        return [] if known is None and _IGNORED.fullmatch(body) else known


def within(event: MouseEvent, size: Size) -> MouseEvent | None:
    """Return an event of the mouse as one on the screen; None for a press beyond it.

    Textual would take the focus away, and a drag may well end outside.
    """
    x = min(event.x, size.width - 1)
    y = min(event.y, size.height - 1)
    if (x, y) == (event.x, event.y):
        return event
    if not isinstance(event, MouseMove | MouseUp):
        return None
    moved, held = (event.delta_x, event.delta_y), (event.shift, event.meta, event.ctrl)
    return type(event)(event.widget, x, y, *moved, event.button, *held)


def _typed(character: str) -> Key:
    if character == "\n":
        return Key("enter", character)
    keys = ANSI_SEQUENCES_KEYS.get(character)
    if isinstance(keys, tuple):
        return Key(keys[0].value, character)
    return Key(key_of_character(character), character)


def _from_table(sequence: str) -> list[Message] | None:
    keys = ANSI_SEQUENCES_KEYS.get(sequence)
    if keys is None:
        return None
    if isinstance(keys, str):
        return [_typed(keys)]
    return [Key(key.value, None) for key in keys] if isinstance(keys, tuple) else []


def _key(
    code: str,
    end: str,
    modifiers: str,
    event: str = "",
    text: str = "",
    shifted: str = "",
    base: str = "",
) -> list[Message] | None:
    """Return the keys for one event of a keyboard; None if it is none."""
    number = int(code or 1)
    bits = int(modifiers or 1) - 1
    name = FUNCTIONAL_KEYS.get(f"{number}{end}")
    if (end != "u" and (name is None or text)) or not 0 <= bits < 256 or number > 0x10FFFF:
        return None
    if event not in _PRESSED or name in _SILENT:
        return []
    characters = [chr(part) for part in map(int, filter(None, text.split(":"))) if part < 0x110000]
    typed = [character for character in characters if is_text(character)]
    held = bits & (SHIFT | ALT | CTRL | SUPER | HYPER | META)
    if not typed and not held & ~SHIFT:
        typed = _unsaid_text(number, name, bits, shifted)
    if typed and _is_typing(typed, number, held):
        return [Key(key_of_character(character), character) for character in typed]
    if number > 0x7F and ord("a") <= int(base or 0) <= ord("z"):
        number = int(base)  # Ctrl-C is that on a Cyrillic keyboard, too
    if name is None and not is_text(chr(number)):
        return []
    return [_chord(name or key_of_character(chr(number)), held)]


def _is_typing(typed: list[str], number: int, held: int) -> bool:
    """Whether modifiers only helped to find another character, as Option and AltGr do."""
    if not held & ~SHIFT:
        return True
    composed = "".join(typed).casefold() != chr(number).casefold()
    return composed and bool(held & ALT) and not held & (SUPER | HYPER | META)


def _unsaid_text(number: int, name: str | None, bits: int, shifted: str) -> list[str]:
    """Return what a key types of which a terminal does not say it."""
    if name is not None:
        character = name if len(name) == 1 else _KEYPAD.get(name, "")
        return [character] if character and not bits & SHIFT else []
    character = chr(number)
    if not is_text(character) or 0xE000 <= number < 0xF900:  # private use: keys with no name
        return []
    if bits & SHIFT and shifted.isdecimal() and int(shifted) < 0x110000:
        return [chr(int(shifted))] if is_text(chr(int(shifted))) else []
    capital = bool(bits & SHIFT) != bool(bits & CAPS_LOCK)
    if capital and len(character.upper()) == 1:
        character = character.upper()
    unclear = bits & SHIFT and character == chr(number) and character != " "
    return [] if unclear else [character]


def _chord(name: str, held: int) -> Key:
    """Return a key with its modifiers."""
    modifiers = [word for bit, word in _MODIFIERS.items() if held & bit]
    for same, key in _SAME.items():
        if name == same.removeprefix("ctrl+") and "ctrl" in modifiers:
            modifiers.remove("ctrl")
            name = key
            break
    return Key("+".join([*modifiers, name]), None)
