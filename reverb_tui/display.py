r"""Text that is safe to show: the only way by which bytes from the network reach the screen.

A terminal obeys what it is sent: an escape sequence can set its title or its clipboard, a bidi
override can turn a line around. So everything that is no visible character of a known width is
shown instead of sent:

=============================================  =======================
C0 controls (TAB too) and DEL                  their picture: ``␛ ␉ ␡``
bytes that are not UTF-8                       their number: ``⟨FF⟩``
other controls, formatting (bidi, joiners),    their number: ``⟨U+202E⟩``
line separators, surrogates, what Unicode has
not assigned or leaves to private use, blank
letters, variation selectors, skin tones
marks that stack on one character, beyond 4    their number
pictures of controls, and ``⟨``                their number
=============================================  =======================

The last row is for `visible` and `reversible`: no text looks like what is hidden in another, so
`exact` takes back every byte.

Markup (``[/red]``) is text and stays: whoever shows it must not parse it.
"""

import re
from collections.abc import Callable
from typing import Final
from unicodedata import category

LONGEST_LINE: Final = 8192
"""Bytes of a line that are shown at once; a longer one comes in parts."""

GOES_ON: Final = "⟨…⟩"
"""Suffix of a part of a line that continues."""

MOST_MARKS: Final = 4
"""Marks on one character: enough for every living script, too few to climb over other lines."""

REMEMBERED: Final = 10_000
"""Characters that are looked up once and for all: more than any text has."""

_PICTURES: Final = {**{code: 0x2400 + code for code in range(0x20)}, 0x7F: 0x2421}

_CONTROLS: Final = {picture: code for code, picture in _PICTURES.items()}
_NUMBER: Final = re.compile("⟨U\\+((?:10|[1-9A-F])?[0-9A-F]{4})⟩")
_BYTE: Final = re.compile("⟨([89A-F][0-9A-F])⟩")
_BYTES: Final = range(0xDC80, 0xDD00)
"""The surrogates of bytes that are not UTF-8 ("surrogateescape")."""
# What joins emoji and letters, or chooses how one looks, and signs: it can do no more than that.
_HARMLESS: Final = re.compile("⟨U\\+(200[CD]|FE0[0-9A-F]|1F3F[B-F]|24[01][0-9A-F]|2421|27E8)⟩")

# Letters and marks that show nothing, and the skin tones: two cells in one terminal, none in
# another. (Default_Ignorable_Code_Point and Emoji_Modifier of the Unicode database, without those
# of category C.)
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
    code = ord(character)
    if picture := _PICTURES.get(code):
        return chr(picture)
    if code in _BYTES:
        return f"⟨{code - 0xDC00:02X}⟩"
    kind = category(character)
    hidden = kind[0] == "C" or kind in ("Zl", "Zp") or _UNSEEN.match(character)
    return _number(character) if hidden else character


def _picture(control: re.Match[str]) -> str:
    return chr(_PICTURES[ord(control[0])])


def _stacks(character: str) -> str:
    return "^" if category(character)[0] == "M" or _STACKING.match(character) else "."


def _number(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


_SHOWN: Final = _Table(_shown)
_STACKS: Final = _Table(_stacks)
_NUMBERS: Final = _Table(_number)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_HALF: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # not those of a byte
_SIGN: Final = re.compile("[\u2400-\u2421⟨]")
_SIGNS: Final = {sign: _number(chr(sign)) for sign in (*_CONTROLS, ord("⟨"))}
# Those too many on one character; one that begins a line would sit on what is left of it.
_PILES: Final = re.compile(rf"\A\^+|(?<=\^{{{MOST_MARKS}}})\^+")


def visible(text: bytes) -> str:
    """One line from the network, without its line ending, as text to show."""
    return reversible(text.decode("utf-8", "surrogateescape"))


def exact(shown: str) -> bytes:
    """Return the bytes of which `visible` made this text, or a part of it up to `GOES_ON`."""
    text = shown.removesuffix(GOES_ON).translate(_CONTROLS)
    text = _BYTE.sub(lambda byte: chr(0xDC00 + int(byte[1], 16)), text)
    text = _HALF.sub(lambda half: _number(half[0]), _NUMBER.sub(_any, text))
    return text.encode("utf-8", "surrogateescape")


def reversible(text: str) -> str:
    """Text from anywhere as text to show, of which `typed` makes the same again."""
    if text.isascii() or not _SIGN.search(text):
        return visible_text(text)
    return visible_text(text.translate(_SIGNS))


def visible_text(text: str) -> str:
    """Text from anywhere as text to show; LF and TAB are controls too. Twice is as good as once."""
    if text.isascii():
        return text if text.isprintable() else _CONTROL.sub(_picture, text)
    text = text.translate(_SHOWN)
    shown, kept = "", 0
    for pile in _PILES.finditer(text.translate(_STACKS)):
        begin, end = pile.span()
        shown += text[kept:begin] + text[begin:end].translate(_NUMBERS)
        kept = end
    return shown + text[kept:]


def typed(shown: str) -> str:
    """Take back what `reversible` made: what was typed or pasted, from what was shown of it.

    Surrogates stay numbers: there are no bytes to send for them.
    """
    return _NUMBER.sub(_original, shown.translate(_CONTROLS))


def is_text(character: str) -> bool:
    """Whether a character can be typed and sent: all but controls, and halves of surrogates."""
    return category(character) not in ("Cc", "Cs")


def is_sign(character: str) -> bool:
    """Whether a character would look like a sign for something hidden, or begin one."""
    return bool(_SIGN.fullmatch(character))


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
    hidden = category(character) != "Cs" and reversible(character) == number[0]
    return character if hidden else number[0]


def _any(number: re.Match[str]) -> str:
    character = chr(int(number[1], 16))
    return number[0] if category(character) == "Cs" else character
