"""Lines of a connection as entries of the log, flights of the timeline, and figures.

Shouts are at the left edge. What comes is an echo where it belongs to a shout, or at least
looks like one; everything else is shown as it comes.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from reverb_server.core.voice import INDENT, LOUD, NORMAL, QUIET
from reverb_tui.display import GOES_ON, visible
from reverb_tui.echoes.in_flight import KEPT, Flights
from reverb_tui.echoes.learned import Learned
from reverb_tui.echoes.mode_words import changed_mode
from reverb_tui.echoes.stats import Stats
from reverb_tui.entry import Entry, Kind
from reverb_tui.protocol.lines import parts
from reverb_tui.protocol.negotiation import ServerInfo, ServerKind
from reverb_tui.secrecy import HIDDEN

ENTRY_KINDS: Final = {LOUD: int(Kind.LOUD), NORMAL: int(Kind.NORMAL), QUIET: int(Kind.QUIET)}
SHOUT: Final = int(Kind.SHOUT)
SENT: Final = int(Kind.SENT)
PLAIN: Final = int(Kind.PLAIN)

UNTOLD: Final[tuple[ServerKind, ...]] = ("asking", "no control lines", "off")
"""The kinds of servers that tell neither delay nor mode, or not yet."""


class Transcript:
    """Follows one connection.

    Args:
        raw: For servers that are no reverb: nothing is matched, nothing is indented.
        wall: What to add to an instant of the event loop's clock to get seconds of wall clock.
        before: How many shouts there were on connections before: their numbers go on.
    """

    def __init__(self, *, raw: bool = False, wall: float = 0.0, before: int = 0) -> None:
        self.flights = Flights(before)
        self.stats = Stats(self.flights)
        self.raw = raw
        """Whether the server is no reverb; can be found out later."""
        self.learned = Learned()
        """Estimates of the delay and the mode of a server that tells neither."""
        self._tells = False  # whether the server tells them, or has none
        self.wall = wall
        """Seconds added to an instant; changed where the wall clock was set."""
        self._begun: _Begun | None = None
        self._mode: str | None = None  # as the server last confirmed it

    @property
    def shouts(self) -> int:
        """How many shouts there were, on this connection and before."""
        return self.flights.before + self.flights.shouts

    def shout(self, text: bytes, now: float, *, secret: bool = False) -> list[Entry]:
        """Take a shout (without line ending) that is sent at ``now``, in seconds."""
        *begun, last = [HIDDEN] if secret else map(visible, parts(text))
        shown = [*(part + GOES_ON for part in begun), last]
        self.stats.sent()
        if self.raw:
            return [(SENT, part, now + self.wall, 0) for part in shown]
        number = self.flights.shout(text, now, shown[0])
        if not self._tells:
            self.learned.sent(number, text[:KEPT], now)
        return [(SHOUT, part, now + self.wall, number) for part in shown]

    def learn(self, info: ServerInfo, asked: float) -> str:
        """Handle what became known of the server; ``asked`` is the instant of the request.

        Returns the line on a mode that changed, "" if none did.
        """
        before, self._mode = self._mode, info.mode
        pending = self.flights.pending_before(asked)
        self.flights.learn(info, asked)
        if info.kind not in UNTOLD and not self._tells:
            self._tells, self.learned = True, Learned()
        if before is None or info.mode is None or info.mode == before:
            return ""
        return changed_mode(info.mode, pending)

    def hear(
        self, lines: Sequence[bytes], now: float, goes_on: Collection[int] = ()
    ) -> list[Entry]:
        """Take lines that came at ``now``; those at the indexes ``goes_on`` do not end there."""
        self.stats.heard(len(lines) - len(goes_on), now)
        if not goes_on and self._begun is None:
            return [self._entry(line, now) for line in lines]
        return [self._part(line, now, index in goes_on) for index, line in enumerate(lines)]

    def _entry(self, line: bytes, now: float) -> Entry:
        instant = now + self.wall
        if self.raw:
            return PLAIN, visible(line), instant, 0
        echo = self.flights.hear(line, now)
        if echo is None:
            return _unmatched(line, instant)
        self.stats.echo(echo)
        if not self._tells:
            self.learned.came(echo)
            self.flights.measure(self.learned.delay, self.learned.mode)
        return ENTRY_KINDS[echo.stage], visible(line.removeprefix(INDENT)), instant, echo.shout

    def _part(self, part: bytes, now: float, goes_on: bool) -> Entry:
        """Take a part of a line; whose echo it is, is known once enough of the line has come."""
        begun, self._begun = self._begun, None
        if begun is not None and begun.known:
            whole, known = b"", True
            kind, text, instant, shout = begun.kind, visible(part), now + self.wall, begun.shout
        else:
            whole = part if begun is None else begun.text + part
            known = self.raw or not goes_on or len(whole) >= KEPT + len(INDENT)
            entry = self._entry(whole, now) if known else _unmatched(whole, now + self.wall)
            kind, text, instant, shout = entry
            text = text if begun is None else visible(part)
        if goes_on:
            text += GOES_ON
            self._begun = _Begun(whole, known, kind, shout)
        return kind, text, instant, shout


class _Begun(NamedTuple):
    """A line of which parts were taken already."""

    text: bytes
    known: bool
    """Whether the kind and the shout are those of the line."""
    kind: int
    shout: int


def _unmatched(line: bytes, instant: float) -> Entry:
    if line.startswith(INDENT):
        return ENTRY_KINDS[NORMAL], visible(line[len(INDENT) :]), instant, 0
    return PLAIN, visible(line), instant, 0
