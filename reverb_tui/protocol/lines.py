"""Split what comes into lines, and long lines into parts.

Only LF ends a line, and one CR before it is dropped. A line of any length costs no more than
`LONGEST_LINE` bytes: a longer one comes in parts, each of them as soon as it is there.
"""

from reverb_tui.display import LONGEST_LINE


class LineSplitter:
    """Splits whatever reads bring."""

    def __init__(self) -> None:
        self._partial = bytearray()

    @property
    def unfinished(self) -> bytes:
        """The line that has not ended yet, without the parts already returned.

        A CR at its end is left out: it may belong to the line end.
        """
        return bytes(self._partial).removesuffix(b"\r")

    def feed(self, data: bytes) -> tuple[list[bytes], set[int]]:
        """Return the lines that end in the bytes of one read, without LF and one CR.

        The set has the indexes of those that are parts: their line goes on.
        """
        first, *rest = data.split(b"\n")
        self._partial += first
        if rest:
            last = rest.pop()
            lines = [bytes(self._partial), *rest]
            if b"\r" in data or lines[0].endswith(b"\r"):
                lines = [line.removesuffix(b"\r") for line in lines]
            self._partial[:] = last
        else:
            lines = []
        goes_on: set[int] = set()
        if lines and max(map(len, lines)) > LONGEST_LINE:
            lines, goes_on = _in_parts(lines)
        while len(self._partial) > LONGEST_LINE + 1:  # one more, since it may be the CR
            end = _end(self._partial)
            goes_on.add(len(lines))
            lines.append(bytes(self._partial[:end]))
            del self._partial[:end]
        return lines, goes_on

    def cut(self) -> bytes:
        """Return what is unfinished; what follows is another part of its line."""
        part = self.unfinished
        del self._partial[: len(part)]
        return part

    def end(self) -> bytes:
        """Handle the end of input; return what has not ended, and never will."""
        part = bytes(self._partial)
        self._partial.clear()
        return part


def parts(line: bytes) -> list[bytes]:
    """Return the line in parts that are not too long; the line itself, if it is not."""
    begin, cut = 0, []
    while len(line) - begin > LONGEST_LINE:
        end = _end(line, begin)
        cut.append(line[begin:end])
        begin = end
    return [*cut, line[begin:]]


def _in_parts(lines: list[bytes]) -> tuple[list[bytes], set[int]]:
    all_parts: list[bytes] = []
    goes_on: set[int] = set()
    for line in lines:
        cut = parts(line)
        goes_on.update(range(len(all_parts), len(all_parts) + len(cut) - 1))
        all_parts += cut
    return all_parts, goes_on


def _end(text: bytes | bytearray, begin: int = 0) -> int:
    """Return where to cut a text that is too long; not inside a character."""
    end = begin + LONGEST_LINE
    return next((at for at in range(end, end - 4, -1) if text[at] & 0xC0 != 0x80), end)
