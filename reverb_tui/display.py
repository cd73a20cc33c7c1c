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
from collections.abc import Iterator
from typing import Final
from unicodedata import category

LONGEST: Final = 8192
"""Bytes of a line that are shown; the rest is counted."""

MOST_MARKS: Final = 4
"""Marks on one character: enough for every living script, too few to climb over other lines."""

_PICTURES: Final = {**{code: 0x2400 + code for code in range(0x20)}, 0x7F: 0x2421}

_CONTROLS: Final = {picture: code for code, picture in _PICTURES.items()}
_NUMBER: Final = re.compile("<U\\+((?:10|[1-9A-F])?[0-9A-F]{4})>")

# Whole ranges without a mark, a control, a blank letter or a gap; a test keeps that true. Only
# speed depends on it: what is not in here is looked at character by character.
_PLAIN: Final = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u0384-\u038a\u038e-\u03a1\u03a3-\u0482\u048a-\u052f"
    "\u05d0-\u05ea\u0621-\u064a\u1e00-\u1f15\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    "\u2100-\u218b\u2190-\u2426\u2440-\u244a\u2460-\u2b73\u3000-\u3029\u3041-\u3096"
    "\u309b-\u30ff\u4e00-\u9fef\uac00-\ud7a3\uff01-\uff9f\U0001f300-\U0001f3fa"
    "\U0001f400-\U0001f6d7]*"
)

# Letters and marks that show nothing, and the skin tones: two cells in one terminal, none in
# another. (Default_Ignorable_Code_Point and Emoji_Modifier of the Unicode database, as far as
# they are not in category C.)
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
# Hangul vowels and final consonants: letters, but they stack like marks.
_STACKING: Final = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")


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
    return f"{visible_text(shown)}… ({len(text) - end:,} more bytes)"


def visible_text(text: str) -> str:
    """Text from anywhere, a paste for example, as text to show; LF and TAB are controls too."""
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_PICTURES)
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_glyphs(text))


def typed(shown: str) -> str:
    """Take back what ``visible_text`` made: what was pasted, from what was shown of it.

    Pictures and numbers typed by hand count too, if they are what something hidden is shown as.
    Surrogates stay numbers: there are no bytes to send for them.
    """
    return _NUMBER.sub(_original, shown.translate(_CONTROLS))


def _original(number: re.Match[str]) -> str:
    character = chr(int(number[1], 16))
    hidden = category(character) != "Cs" and visible_text(character) == number[0]
    return character if hidden else number[0]


def _glyphs(text: str) -> Iterator[str]:
    marks = MOST_MARKS  # a mark that begins a line would sit on what is left of it
    for character in text:
        kind = category(character)
        stacks = kind[0] == "M" or _STACKING.match(character)
        marks = marks + 1 if stacks else 0
        hidden = kind[0] == "C" or kind in ("Zl", "Zp") or _UNSEEN.match(character)
        yield f"<U+{ord(character):04X}>" if hidden or marks > MOST_MARKS else character
