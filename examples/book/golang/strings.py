"""Upper and lower case, as Go's strings has them: rune by rune, so that ß stays ß.

A byte that is not UTF-8 becomes U+FFFD, as in strings.Map.
"""

import re
from typing import Final

NOT_UTF_8: Final = re.compile("[\udc80-\udcff]")
"""The surrogates that stand for bytes which are not UTF-8."""


def to_upper(text: str) -> str:
    """Return the text in upper case."""
    if text.isascii():  # a hundred times faster, so Go looks first as well
        return text.upper()
    return "".join(map(_upper_rune, NOT_UTF_8.sub("\ufffd", text)))


def to_lower(text: str) -> str:
    """Return the text in lower case."""
    if text.isascii():
        return text.lower()
    return "".join(rune.lower()[0] for rune in NOT_UTF_8.sub("\ufffd", text))


def _upper_rune(rune: str) -> str:
    """Return one rune for one; ``"ß".upper()`` has two."""
    return next((each for each in (rune.upper(), rune.title()) if len(each) == 1), rune)
