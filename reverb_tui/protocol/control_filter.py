r"""Take the control lines out of what comes, and pass every other byte untouched.

Works on bytes as reads bring them. A line that has not ended is held back only as long as it can
still become a control line or an echo of one: from its DLE on, at most for 520 bytes.
"""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from reverb_server.core.control import MARK, MARK_BYTE, MAX_BYTES
from reverb_server.core.voice import INDENT
from reverb_tui.protocol.negotiation import Negotiation, ServerError, Verdict

FilteredPiece: TypeAlias = bytes | Verdict | ServerError
"""Bytes for the user, or the verdict on a control line between them."""

_LONGEST: Final = MAX_BYTES + len(INDENT) + 1  # an echo of the longest control line, with a CR
_CANDIDATE: Final = re.compile(rb"^(?:%b)?\x10[^\n]{0,%d}\n" % (INDENT, _LONGEST), re.MULTILINE)
_BEGIN: Final = INDENT + MARK
_LF: Final = 10


class ControlFilter:
    """The filter of one connection; ``negotiation`` hears what may be a control line."""

    def __init__(self, negotiation: Negotiation) -> None:
        self._negotiation = negotiation
        self._held = b""
        self._at_line_start = True

    def feed(self, data: bytes) -> Iterator[FilteredPiece]:
        """Yield what the bytes of one read bring, in order.

        Each verdict is yielded before anything after it is heard.
        """
        data, begin = self._held + data, 0
        if MARK_BYTE in data:
            for candidate in _CANDIDATE.finditer(data, 0 if self._at_line_start else 1):
                verdict = self._negotiation.hear(candidate[0][:-1].removesuffix(b"\r"))
                if verdict is Verdict.TEXT:
                    continue
                if begin < candidate.start():
                    yield data[begin : candidate.start()]
                yield verdict
                begin = candidate.end()
        end = len(data) - (self._tail(data) if self._negotiation.attentive else 0)
        self._held = data[end:]
        if end:
            self._at_line_start = data[end - 1] == _LF
        if begin < end:
            yield data[begin:end]

    def end(self) -> bytes:
        """Handle the end of input; return what was held back."""
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
