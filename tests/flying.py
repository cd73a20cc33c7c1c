"""A conversation without a network, on a clock of its own."""

from collections import deque

from reverb_server.core.control import Mode
from reverb_server.core.reverb import Reverb
from reverb_tui.display import visible
from reverb_tui.echoes.flights import Flights
from reverb_tui.echoes.matching import Matcher
from reverb_tui.echoes.stats import Stats


class Conversation:
    """What a client knows while it shouts; echoes come ``late`` seconds late."""

    def __init__(
        self, mode: Mode = "concurrent", delay: float | None = 1.0, late: float = 0.0
    ) -> None:
        self.now = 1000.0
        self.late = late
        self.matcher = Matcher()
        self.matcher.mode_changed(mode)
        if delay is not None:
            self.matcher.delay_changed(delay, 0.0)
        self.flights = Flights(self.matcher)
        self.stats = Stats(self.matcher)
        self._reverb = Reverb(delay=delay or 1.0, mode=mode, max_line=65_536)
        self._wire: deque[tuple[float, bytes]] = deque()

    def shout(self, text: str) -> int:
        """Shout now; return the number."""
        number = self.matcher.shout(text.encode(), self.now)
        self.flights.shout(number, visible(text.encode()), self.now)
        self.stats.shout(number, self.now)
        self._reverb.hear(text.encode() + b"\n", self.now)
        self.go(0.0)
        return number

    def go(self, seconds: float) -> None:
        """Let time pass, and take what comes."""
        until = self.now + seconds
        while (due := self._reverb.next_due) is not None and due <= until:
            for line in self._reverb.speak(due).split(b"\n")[:-1]:
                self._wire.append((due + self.late, line))
        while self._wire and self._wire[0][0] <= until:
            self.now, line = self._wire.popleft()
            self.stats.heard(1, self.now)
            match = self.matcher.hear(line, self.now)
            if match is not None:
                self.flights.echo(match.shout, match.stage, self.now, match.lateness)
                self.stats.echo(match, self.now)
        self.now = until
