"""Which echoes are missing of what was sent, for who passes bytes on and shows no lines."""

from collections.abc import Collection

from reverb_server.core.control import MARK, parse
from reverb_tui.connection.lines import Lines
from reverb_tui.connection.negotiation import ServerInfo
from reverb_tui.echoes.matching import KEPT, MOST, Matcher


class Tally:
    """Follows both directions of one connection; the first shouts are matched, all are counted."""

    def __init__(self) -> None:
        self._matcher = Matcher()
        self._sent = _Beginnings()
        self._came = _Beginnings()

    @property
    def missing(self) -> int | None:
        """Echoes that have not come; None where that can't be known."""
        return self._matcher.missing

    @property
    def expected(self) -> int:
        """Echoes of all that was sent, 0 where that can't be known."""
        return self._matcher.expected or 0

    def learn(self, info: ServerInfo) -> None:
        """Take what is known of the server."""
        if info.kind == "plain":
            self._matcher.mode_changed("plain")
        elif info.kind in ("reverb", "no control lines"):
            self._matcher.echoes_in_threes()

    def send(self, data: bytes) -> None:
        """Take bytes that are sent."""
        self._shout(*self._sent.feed(data))

    def end_input(self) -> None:
        """Handle the end of input: a last line without LF is a shout too."""
        self._shout(*self._sent.end())

    def hear(self, data: bytes) -> None:
        """Take bytes that came; a last line without LF is no echo."""
        lines, _ = self._came.feed(data)
        for number, line in enumerate(lines):
            if not self._matcher.matched:
                self._matcher.hear_counted(lines[number:])
                return
            self._matcher.hear(line, 0.0)

    def end(self) -> None:
        """Handle the end of what comes: an echo may be torn there."""
        for beginning in self._came.end()[0]:
            self._matcher.hear_torn(beginning[:KEPT])

    def refused(self) -> None:
        """Handle a line that the server refused for its length."""
        self._matcher.refused()

    def _shout(self, lines: list[bytes], left_out: dict[int, int]) -> None:
        matched = max(0, MOST - self._matcher.shouts)
        for number, line in enumerate(lines[:matched]):
            self._matcher.shout(line, 0.0, len(line) + left_out.get(number, 0))
        rest = lines[matched:]
        requests = sum(line.startswith(MARK) and parse(line) is not None for line in rest)
        self._matcher.count(len(rest) - requests)


class _Beginnings:
    """A reader of lines that keeps only the beginning of a long one."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._begun = b""
        self._size = 0

    def feed(self, data: bytes) -> tuple[list[bytes], dict[int, int]]:
        """Take bytes; return the lines that ended, and how much was left out, by their index."""
        parts, goes_on = self._lines.feed(data)
        if not goes_on and not self._size:
            return parts, {}
        return self._joined(parts, goes_on)

    def end(self) -> tuple[list[bytes], dict[int, int]]:
        """Take the end: what has not ended is a line, too."""
        return self._joined(self._lines.end()[0], ())

    def _joined(
        self, parts: list[bytes], goes_on: Collection[int]
    ) -> tuple[list[bytes], dict[int, int]]:
        lines: list[bytes] = []
        left_out = {}
        for index, part in enumerate(parts):
            self._begun = self._begun or part
            self._size += len(part)
            if index in goes_on:
                continue
            if self._size > len(self._begun):
                left_out[len(lines)] = self._size - len(self._begun)
            lines.append(self._begun)
            self._begun, self._size = b"", 0
        return lines, left_out
