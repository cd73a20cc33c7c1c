r"""Text that is safe to show: the only way by which bytes from the network reach the screen.

A terminal obeys what it is sent: an escape sequence can set its title or its clipboard, a bidi
override can turn a line around. So everything that is no visible character of a known width is
shown instead of sent:

=============================================  =======================
C0 controls (TAB too) and DEL                  their picture: ``␛ ␉ ␡``
bytes that are not UTF-8                       ``\xNN``
other controls, formatting (bidi, joiners),    their number: ``<U+202E>``
line separators, surrogates, what Unicode has
not assigned or leaves to private use, blank
letters, variation selectors, skin tones
marks that stack on one character, beyond 4    their number
=============================================  =======================

Markup (``[/red]``) is text and stays: whoever shows it must not parse it.
"""

import re
from collections.abc import Callable
from typing import Final
from unicodedata import category

LONGEST: Final = 8192
"""Bytes of a line that are shown; the rest is counted."""

MOST_MARKS: Final = 4
"""Marks on one character: enough for every living script, too few to climb over other lines."""

REMEMBERED: Final = 10_000
"""Characters that are looked up once and for all: more than any text has."""

_PICTURES: Final = {**{code: 0x2400 + code for code in range(0x20)}, 0x7F: 0x2421}

_CONTROLS: Final = {picture: code for code, picture in _PICTURES.items()}
_NUMBER: Final = re.compile("<U\\+((?:10|[1-9A-F])?[0-9A-F]{4})>")
# What joins emoji and letters, or chooses how one looks: it can do no more than that anywhere.
_HARMLESS: Final = re.compile("<U\\+(200[CD]|FE0[0-9A-F]|1F3F[B-F])>")

# Letters and marks that show nothing, and the skin tones: two cells in one terminal, none in
# another. (Default_Ignorable_Code_Point and Emoji_Modifier of the Unicode database, as far as
# they are not in category C.)
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
# Hangul vowels and final consonants: letters, but they stack like marks.
_STACKING: Final = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")


class _Table(dict[int, str]):
    """A table for ``str.translate``, which asks ``find`` only for what it does not have yet."""

    def __init__(self, find: Callable[[str], str]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, code: int) -> str:
        found = self._find(chr(code))
        if len(self) < REMEMBERED:
            self[code] = found
        return found


def _shown(character: str) -> str:
    if picture := _PICTURES.get(ord(character)):
        return chr(picture)
    kind = category(character)
    hidden = kind[0] == "C" or kind in ("Zl", "Zp") or _UNSEEN.match(character)
    return _number(character) if hidden else character


def _stacks(character: str) -> str:
    return "^" if category(character)[0] == "M" or _STACKING.match(character) else "."


def _number(character: str) -> str:
    return f"<U+{ord(character):04X}>"


_SHOWN: Final = _Table(_shown)
_STACKS: Final = _Table(_stacks)
_NUMBERS: Final = _Table(_number)
# Those too many on one character; one that begins a line would sit on what is left of it.
_PILES: Final = re.compile(rf"\A\^+|(?<=\^{{{MOST_MARKS}}})\^+")


def visible(text: bytes) -> str:
    """One line from the network, without its line ending, as text to show.

    At most LONGEST bytes are shown; a mark says how many more there were.
    """
    if len(text) <= LONGEST:
        return visible_text(text.decode("utf-8", "backslashreplace"))
    end = LONGEST
    while end > LONGEST - 3 and text[end] & 0xC0 == 0x80:  # never inside a character
        end -= 1
    shown = text[:end].decode("utf-8", "backslashreplace")
    return marked(visible_text(shown), len(text) - end)


def marked(shown: str, left_out: int) -> str:
    """A line that is shown, with a mark that says how many bytes of it are not."""
    return f"{shown}… ({left_out:,} more bytes)"


def visible_text(text: str) -> str:
    """Text from anywhere, a paste for example, as text to show; LF and TAB are controls too."""
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_SHOWN)
    shown, kept = "", 0
    for pile in _PILES.finditer(text.translate(_STACKS)):
        begin, end = pile.span()
        shown += text[kept:begin] + text[begin:end].translate(_NUMBERS)
        kept = end
    return shown + text[kept:]


def typed(shown: str) -> str:
    """Take back what ``visible_text`` made: what was pasted, from what was shown of it.

    Pictures and numbers typed by hand count too, if they are what something hidden is shown as.
    Surrogates stay numbers: there are no bytes to send for them.
    """
    return _NUMBER.sub(_original, shown.translate(_CONTROLS))


def is_text(character: str) -> bool:
    """Whether a character can be typed and sent: all but controls, and halves of surrogates."""
    return category(character) not in ("Cc", "Cs")


def whole_sign(shown: str, place: int) -> tuple[int, int]:
    """Return where the sign that a place lies within begins and ends; outside, the place itself.

    A sign is a number in the place of one character; a cursor has no business in it.
    """
    for number in _NUMBER.finditer(shown):
        if number.start() < place < number.end() and _original(number) != number[0]:
            return number.span()
    return place, place


def copied(shown: str) -> str:
    """Return what may be copied of a text that is shown: whole emoji, and no control."""
    return _HARMLESS.sub(lambda number: chr(int(number[1], 16)), shown)


def _original(number: re.Match[str]) -> str:
    character = chr(int(number[1], 16))
    hidden = category(character) != "Cs" and visible_text(character) == number[0]
    return character if hidden else number[0]
