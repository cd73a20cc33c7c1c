r"""How an echo sounds: indented, and loud, normal or quiet.

Works on *blocks*: any number of whole lines in one bytes object, each ended by LF. One call
serves a whole block, whatever the number of its lines. Mapping a block gives the same bytes as
mapping its lines one by one: Python's case mapping looks at neighbouring letters only (the
final sigma), and every line is fenced in by ``\t`` and LF, which are no letters.
"""

from collections.abc import Callable
from typing import Final

LOUD: Final = 0
NORMAL: Final = 1
QUIET: Final = 2

INDENT: Final = b"\t "
"""Prefix of an echo (the book's section 8.3 prints ``"\t", shout``)."""

_NEXT: Final = b"\n" + INDENT


def indent(block: bytes) -> bytes:
    """Put the indentation of an echo before every line of ``block``, which ends with LF."""
    return INDENT + block[:-1].replace(b"\n", _NEXT) + b"\n"


def loud(block: bytes) -> bytes:
    """Upper case; bytes that are not UTF-8 stay as they are."""
    if block.isascii():
        return block.upper()
    return block.decode("utf-8", "surrogateescape").upper().encode("utf-8", "surrogateescape")


def normal(block: bytes) -> bytes:
    """As heard."""
    return block


def quiet(block: bytes) -> bytes:
    """Lower case; bytes that are not UTF-8 stay as they are."""
    if block.isascii():
        return block.lower()
    return block.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")


VOICES: Final[tuple[Callable[[bytes], bytes], ...]] = (loud, normal, quiet)
"""The voices of a shout's three echoes; LOUD, NORMAL and QUIET are its indices."""
