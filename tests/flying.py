"""A conversation without a network, on a clock of its own."""

from collections import deque

from reverb_server.core.control import ReverbMode
from reverb_server.core.reverb import Reverb
from reverb_tui.display import visible
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.echoes.stats import Stats


class Conversation:
    """What a client knows while it shouts; echoes come ``late`` seconds late."""

    def __init__(
        self, mode: ReverbMode = "concurrent", delay: float | None = 1.0, late: float = 0.0
    ) -> None:
        self.now = 1000.0
        self.late = late
        self.flights = Flights()
        self.flights.mode_changed(mode)
        if delay is not None:
            self.flights.delay_changed(delay, 0.0)
        self.stats = Stats(self.flights)
        self._reverb = Reverb(delay=delay or 1.0, mode=mode, max_line=65_536)
        self._wire: deque[tuple[float, bytes]] = deque()

    def shout(self, text: str) -> int:
        """Shout now; return the number."""
        number = self.flights.shout(text.encode(), self.now, visible(text.encode()))
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
            echo = self.flights.hear(line, self.now)
            if echo is not None:
                self.stats.echo(echo)
        self.now = until
