"""What becomes of a connection's lines: entries of the log, flights of the timeline, figures.

Shouts stand at the left edge. What comes is an echo where it belongs to a shout, or at least
looks like one; everything else is shown as it comes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reverb_server.core.voice import INDENT, LOUD, NORMAL, QUIET
from reverb_tui.connection.peer import Facts
from reverb_tui.display import marked, visible
from reverb_tui.echoes.figures import Figures
from reverb_tui.echoes.flights import Flights
from reverb_tui.echoes.matching import Matcher
from reverb_tui.entry import Entry, Kind
from reverb_tui.secrecy import HIDDEN

KINDS: Final = {LOUD: int(Kind.LOUD), NORMAL: int(Kind.NORMAL), QUIET: int(Kind.QUIET)}
PLAIN: Final = int(Kind.PLAIN)

SLICE: Final = 500
"""Lines that are taken without a pause, a few milliseconds' work."""


class Transcript:
    """Follows one connection.

    Args:
        raw: For servers that are no reverb: nothing is matched, nothing is indented.
        wall: What to add to an instant of the event loop's clock to get seconds of wall clock.
        before: How many shouts there were on connections before: their numbers go on.
    """

    def __init__(self, *, raw: bool = False, wall: float = 0.0, before: int = 0) -> None:
        self.matcher = Matcher(before)
        self.flights = Flights(self.matcher)
        self.figures = Figures(self.matcher)
        self.raw = raw
        """Whether the server is no reverb; can be found out later."""
        self._wall = wall

    @property
    def shouts(self) -> int:
        """How many shouts there were, on this connection and before."""
        return self.matcher.before + self.matcher.shouts

    def shout(self, text: bytes, now: float, *, secret: bool = False) -> Entry:
        """Take a shout (without line ending) that is sent at ``now``, in seconds."""
        shown = HIDDEN if secret else visible(text)
        if self.raw:
            return Kind.SHOUT, shown, now + self._wall, 0
        number = self.matcher.shout(text, now)
        self.flights.shout(number, shown, now)
        self.figures.shout(number, now)
        return Kind.SHOUT, shown, now + self._wall, number

    def learn(self, facts: Facts, asked: float) -> None:
        """Take what became known of the server; ``asked`` is the instant of the request."""
        if facts.kind == "plain":
            self.matcher.mode_changed("plain")
        if facts.kind == "no control lines":
            self.matcher.echoes_in_threes()
        if facts.mode is not None:
            self.matcher.mode_changed(facts.mode, asked)
        if facts.delay is not None:
            self.matcher.delay_changed(facts.delay, asked)

    def hear(
        self,
        lines: Sequence[bytes],
        now: float,
        left_out: Mapping[int, int],
        *,
        torn: bool = False,
    ) -> Iterator[list[Entry]]:
        """Take the lines of one read, and give them by the slice.

        A read can bring more than may be done without a pause. ``left_out`` has the bytes that
        were cut off a line, by its index. ``torn``: it is one line, that has no line ending.
        """
        self.figures.heard(len(lines), now)
        for begin in range(0, len(lines), SLICE):
            part = lines[begin : begin + SLICE]
            entries = [self._entry(line, now, torn) for line in part]
            for index, count in left_out.items():
                if begin <= index < begin + SLICE:
                    kind, text, instant, shout = entries[index - begin]
                    entries[index - begin] = kind, marked(text, count), instant, shout
            yield entries

    def _entry(self, line: bytes, now: float, torn: bool) -> Entry:
        instant = now + self._wall
        if self.raw:
            return PLAIN, visible(line), instant, 0
        match = self.matcher.hear(line, now, torn=torn)
        if match is not None:
            self.flights.echo(match.shout, match.stage, now, match.lateness)
            self.figures.echo(match, now)
            shown = visible(line.removeprefix(INDENT))
            return KINDS[match.stage], shown, instant, match.shout
        if line.startswith(INDENT):
            return KINDS[NORMAL], visible(line[len(INDENT) :]), instant, 0
        return PLAIN, visible(line), instant, 0
