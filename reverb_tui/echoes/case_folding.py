"""Case folding that hides how servers differ in mapping case.

Go maps rune by rune, so its ß stays ß, and replaces each byte that is not UTF-8 by U+FFFD.
"""

import re
from typing import Final

from reverb_server.core.voice import LOUD, NORMAL

_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")


def may_be(stage: int, text: bytes) -> bool:
    """Return whether a server that maps case letter by letter may mean ``text`` for ``stage``."""
    if text.isascii() or stage == NORMAL:
        return False
    mapped = str.upper if stage == LOUD else str.lower
    return all(
        mapped(letter) == letter or len(mapped(letter)) > 1
        for letter in text.decode("utf-8", "surrogateescape")
    )


def comparable(stage: int, form: bytes) -> bytes:
    """Return what is the same on all servers of an echo of this stage."""
    return form if stage == NORMAL else fold(form)


def fold(text: bytes) -> bytes:
    """Fold away case, and all that servers do differently when they map it.

    ``str.casefold`` alone would part the dotless and the dotted i, whose upper and lower forms
    are mapped to the plain letter; and Go replaces each byte that is not UTF-8 by U+FFFD.
    """
    if text.isascii():
        return text.lower()
    letters = _NOT_UTF8.sub("\ufffd", text.decode("utf-8", "surrogateescape"))
    return letters.upper().casefold().replace("i\u0307", "i").encode("utf-8")
