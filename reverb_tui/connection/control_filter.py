r"""Sift the control lines out of what comes, and let every other byte through untouched.

Works on bytes as reads bring them. A line that has not ended is held back only as long as it can
still become a control line or an echo of one: from its DLE on, at most for 520 bytes.
"""

import re
from typing import Final

from reverb_server.core.control import MARK, MAX_BYTES
from reverb_server.core.voice import INDENT
from reverb_tui.connection.negotiation import TEXT, Line, Negotiation, Refused

Piece = bytes | Line | Refused
"""Bytes for the user, or the verdict on a control line that stood between them."""

_LONGEST: Final = MAX_BYTES + len(INDENT) + 1  # an echo of the longest control line, with a CR
_CANDIDATE: Final = re.compile(rb"^(?:%b)?\x10[^\n]{0,%d}\n" % (INDENT, _LONGEST), re.MULTILINE)
_BEGIN: Final = INDENT + MARK


class ControlFilter:
    """The filter of one connection; ``negotiation`` hears what may be a control line."""

    def __init__(self, negotiation: Negotiation) -> None:
        self._negotiation = negotiation
        self._held = b""
        self._at_line_start = True

    def feed(self, data: bytes) -> list[Piece]:
        """Take the bytes of one read; return what is for the user and what was told, in order."""
        data = self._held + data
        keep = self._tail(data) if self._negotiation.attentive else 0
        self._held = data[len(data) - keep :]
        data = data[: len(data) - keep]
        pieces = self._sift(data) if MARK in data else [data]
        if data:
            self._at_line_start = data.endswith(b"\n")
        return [piece for piece in pieces if piece != b""]

    def end(self) -> bytes:
        """Take the end of the input; return what was held back."""
        held, self._held = self._held, b""
        return held

    def _tail(self, data: bytes) -> int:
        """Return how many bytes at the end of ``data`` may be the beginning of a control line."""
        begin = data.rfind(b"\n", -_LONGEST - 1) + 1
        if not begin and not (self._at_line_start and len(data) <= _LONGEST):
            return 0
        tail = data[begin:]
        may_be = tail.startswith((MARK, _BEGIN)) or _BEGIN.startswith(tail)
        return len(tail) if may_be else 0

    def _sift(self, data: bytes) -> list[Piece]:
        pieces: list[Piece] = []
        begin = 0
        for candidate in _CANDIDATE.finditer(data, 0 if self._at_line_start else 1):
            verdict = self._negotiation.hear(candidate[0][:-1].removesuffix(b"\r"))
            if verdict is TEXT:
                continue
            pieces += [data[begin : candidate.start()], verdict]
            begin = candidate.end()
        return [*pieces, data[begin:]]
