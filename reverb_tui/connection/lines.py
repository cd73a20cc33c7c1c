"""Cut what comes into lines that are never longer than can be shown.

Only LF ends a line, and one CR before it is dropped. A line over the limit is cut and the rest
of it counted, also while it is unfinished: so a line of any length costs no more than the limit.
"""

from reverb_tui.display import LONGEST


class Lines:
    """A reader of lines that is fed with whatever a read brings."""

    def __init__(self) -> None:
        self._partial = bytearray()
        self._left_out = 0

    @property
    def unfinished(self) -> bytes:
        """The line that has not ended yet, as far as it is kept."""
        return bytes(self._partial[:LONGEST])

    def feed(self, data: bytes) -> tuple[list[bytes], dict[int, int]]:
        """Take the bytes of one read; return the lines that ended, without LF and one CR.

        The dict says how many bytes were left out, for each line that was cut, by its index.
        """
        first, *rest = data.split(b"\n")
        self._extend(first)
        if not rest:
            return [], {}
        left_out = {}
        last = rest.pop()
        if b"\r" in data:
            rest = [line.removesuffix(b"\r") for line in rest]
        if rest and max(map(len, rest)) > LONGEST:
            left_out = {
                n: len(line) - LONGEST for n, line in enumerate(rest, 1) if len(line) > LONGEST
            }
            rest = [line[:LONGEST] for line in rest]
        line, more = self._take()
        if more:
            left_out[0] = more
        self._extend(last)
        return [line, *rest], left_out

    def end(self) -> tuple[list[bytes], dict[int, int]]:
        """Take the end of the input: a last line without LF counts as a line."""
        return self.feed(b"\n") if self._partial else ([], {})

    def _extend(self, part: bytes) -> None:
        room = LONGEST + 1 - len(self._partial)  # one more, since it may be the CR
        self._partial += part[:room]
        self._left_out += max(0, len(part) - room)

    def _take(self) -> tuple[bytes, int]:
        line, more = bytes(self._partial), self._left_out
        self._partial.clear()
        self._left_out = 0
        if not more:
            line = line.removesuffix(b"\r")
        return line[:LONGEST], more + max(0, len(line) - LONGEST)
