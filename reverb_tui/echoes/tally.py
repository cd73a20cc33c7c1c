"""Count the echoes that are missing, for a client that passes bytes and shows no lines."""

from collections.abc import Collection

from reverb_server.core.control import MARK, parse_request
from reverb_tui.echoes.in_flight import KEPT, MOST, Flights
from reverb_tui.protocol.events import Changed, Ended, Event, Heard
from reverb_tui.protocol.lines import LineSplitter
from reverb_tui.protocol.negotiation import ServerError


class Tally:
    """Follows both directions of one connection; the first shouts are matched, all are counted."""

    def __init__(self) -> None:
        self._flights = Flights()
        self._sent = _Beginnings()
        self._came = _Beginnings()

    @property
    def missing(self) -> int | None:
        """Echoes that have not come; None where that can't be known."""
        return self._flights.missing

    @property
    def expected(self) -> int:
        """Echoes of all that was sent, 0 where that can't be known."""
        return self._flights.expected or 0

    def send(self, data: bytes) -> None:
        """Count the shouts in bytes that are sent."""
        self._shout(*self._sent.feed(data))

    def end_input(self) -> None:
        """Handle the end of input: a last line without LF is a shout too."""
        self._shout(*self._sent.end())

    def hear(self, event: Event) -> None:
        """Handle what came, or what became known of the server."""
        match event:
            case Heard(data=data):
                self._hear(self._came.feed(data)[0])
            case Changed(info, asked):
                self._flights.learn(info, asked)
            case ServerError("line-too-long"):
                self._flights.refused()
            case Ended():
                for beginning in self._came.end()[0]:  # an echo may be torn there
                    self._flights.hear_torn(beginning[:KEPT])

    def _shout(self, lines: list[bytes], sizes: dict[int, int]) -> None:
        matched = max(0, MOST - self._flights.shouts)
        for number, line in enumerate(lines[:matched]):
            self._flights.shout(line, 0.0, size=sizes.get(number, 0))
        rest = lines[matched:]
        requests = sum(line.startswith(MARK) and parse_request(line) is not None for line in rest)
        self._flights.count_shouts(len(rest) - requests)

    def _hear(self, lines: list[bytes]) -> None:
        for number, line in enumerate(lines):
            if not self._flights.matched:
                self._flights.count_echoes(lines[number:])
                return
            self._flights.hear(line, 0.0)


class _Beginnings:
    """Splits bytes into lines, and keeps only the beginning of a long one."""

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._begun = b""
        self._size = 0

    def feed(self, data: bytes) -> tuple[list[bytes], dict[int, int]]:
        """Return the lines that end in ``data``, and the sizes of long ones, by their index."""
        parts, goes_on = self._lines.feed(data)
        if not goes_on and not self._size:
            return parts, {}
        return self._joined(parts, goes_on)

    def end(self) -> tuple[list[bytes], dict[int, int]]:
        """Return the line that has not ended, likewise."""
        rest = self._lines.end()
        return self._joined([rest], ()) if rest else ([], {})

    def _joined(
        self, parts: list[bytes], goes_on: Collection[int]
    ) -> tuple[list[bytes], dict[int, int]]:
        lines: list[bytes] = []
        sizes = {}
        for index, part in enumerate(parts):
            self._begun = self._begun or part
            self._size += len(part)
            if index not in goes_on:
                sizes[len(lines)] = self._size
                lines.append(self._begun)
                self._begun, self._size = b"", 0
        return lines, sizes
