"""The shouts in flight: one record for each, from its sending to its last echo.

An echo is matched by content and order alone. Every echo to come waits in a *queue*: that of its
stage and its text. A line that comes can only be the head of one of a few queues, and of those
the one that is due first. Servers map case differently (Go maps rune by rune, so its ß stays ß),
so the queues of loud and quiet echoes are those of the text with case folded away.

What has come stays as it came. What is to come is forecast by the server's rules, with the delay
as the hand has it *now*, before the server said yes.

All instants and delays are seconds on one clock.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Final, TypeAlias

from reverb_server.core import control
from reverb_server.core.control import ReverbMode
from reverb_server.core.voice import INDENT, LOUD, NORMAL, QUIET, VOICES
from reverb_tui.display import LONGEST_LINE
from reverb_tui.echoes.case_folding import comparable, fold, may_be
from reverb_tui.echoes.flight import Arrival, Due, Flight
from reverb_tui.echoes.learned import forecast
from reverb_tui.echoes.moment import Moment
from reverb_tui.echoes.recent import Recent
from reverb_tui.protocol.negotiation import ServerInfo

MOST: Final = 1000
"""Pending shouts that are matched; those above are counted."""

MAX_TEXT: Final = 100
"""Characters of a shout that are remembered for the picture."""

KEPT: Final = LONGEST_LINE - len(INDENT) - 3
"""Bytes that are compared: what the first part of an echo has at least."""

_STAGES: Final = (LOUD, NORMAL, QUIET)


def _nobody_else() -> bool:
    return True


_Candidate: TypeAlias = tuple[tuple[float, ...], int, float | None, Flight]
"""Its place among the candidates, its stage, its due instant and its shout."""


class Flights:
    """The shouts of one connection; of bounded memory.

    Their numbers go on from ``before``, how many there were on connections before. ``shouts`` and
    ``echoes`` are how many there were on this one, also of those that are only counted. ``latest``
    is the latest instant at which a shout was sent or an echo came; ``revision`` grows whenever
    the picture may change.
    """

    def __init__(self, before: int = 0) -> None:
        self._mode: str | None = None
        self._delay: float | None = None
        self._changed = -math.inf
        self._hand: tuple[float, float] | None = None  # the delay asked for, and since when
        self._measured: tuple[float | None, ReverbMode | None] = None, None
        self._pending: dict[int, Flight] = {}
        self._recent = Recent()
        self._queues: dict[tuple[int, bool, bytes], deque[Flight]] = {}
        self._sequence: deque[Flight] = deque()
        self._sequence_ended = -math.inf
        self._counted = 0  # echoes to come of shouts that are only counted
        self._in_threes = False  # whether the server is known to echo three times
        self._foreign = False  # whether something came that no such server sends
        self._over = False
        self._forecast_of = 0
        self._forecast_by: tuple[float | None, float] | None = None  # the delay, and since when
        self.before = before
        self.shouts = 0
        self.echoes = 0
        self.latest = -math.inf
        self.revision = 0
        self.began = -math.inf
        """The instant of the first shout after rest: the zero of the stopwatch."""
        self.others_rest: Callable[[], bool] = _nobody_else
        """Whether those that are seen together with these have no echo to come either."""
        self.tuned = -math.inf
        """The instant at which the delay changed last, by the hand or by the server."""

    # Figures

    @property
    def mode(self) -> str | None:
        """The mode in force: concurrent, sequential or plain; None while it is unknown."""
        return self._mode

    @property
    def measured_mode(self) -> ReverbMode | None:
        """The mode by estimate, while the server tells none."""
        return self._measured[1] if self._untold else None

    @property
    def sequential(self) -> bool:
        """Whether the picture is drawn with shouts that wait for the end of the one before."""
        return (self._measured[1] if self._untold else self._mode) == "sequential"

    @property
    def lost(self) -> int:
        """Echoes that did not come before the end of the connection."""
        return self.to_come if self._over else 0

    @property
    def delay(self) -> float | None:
        """The delay that the picture is drawn for; None while it is unknown."""
        if self._untold:
            return self._measured[0]
        return self._hand[0] if self._hand and self._delay is not None else self._delay

    @property
    def matched(self) -> int:
        """Pending shouts that are matched, and not only counted."""
        return 0 if self._over else len(self._pending)

    @property
    def counted(self) -> int:
        """Pending shouts that are only counted: they are in no picture."""
        return 0 if self._over else math.ceil(self._counted / len(self._stages))

    @property
    def pending(self) -> int:
        """Shouts whose last echo has not come."""
        return self.matched + self.counted

    def waiting(self, now: float) -> int:
        """Count the shouts whose turn has not come at ``now``; of none that is only counted."""
        self._look_ahead()
        return sum(flight.waits(now) for flight in self._pending.values())

    def pending_before(self, instant: float) -> int:
        """Count the pending shouts sent before ``instant``, and all that are only counted."""
        if self._over:
            return 0
        return sum(flight.sent < instant for flight in self._pending.values()) + self.counted

    @property
    def in_flight(self) -> bool:
        """Whether an echo is still to come."""
        return self.pending > 0

    @property
    def to_come(self) -> int:
        """Echoes to come, or lost at the end, if the server is what it seems to be."""
        return sum(len(flight.to_come) for flight in self._pending.values()) + self._counted

    @property
    def expected(self) -> int | None:
        """Echoes of all shouts, come or to come; None while it is unknown how the server echoes.

        It is known once the server has said so, or at the first echo, if nothing else came.
        """
        seen = self.echoes > 0 and not self._foreign
        known = self._in_threes or self._mode is not None or seen
        return self.echoes + self.to_come if known else None

    @property
    def missing(self) -> int | None:
        """Echoes that are missing if no more come; None where that can't be known.

        Of a plain echo it can't: it sends bytes back and not lines, and may mean them otherwise.
        """
        if self.expected is None or (self._mode == "plain" and self.to_come):
            return None
        return self.to_come

    # What is sent

    def shout(self, line: bytes, now: float, text: str = "", size: int = 0) -> int:
        """Add a shout that is sent at ``now``, without its line ending; return its number.

        ``text`` is the line, safe to display; ``size`` is how many bytes it has, if ``line`` was
        cut. A request that was typed as a line has no echoes: a reverb answers it instead.
        """
        rested = not self.in_flight and (self.shouts == 0 or self.others_rest())
        self.shouts += 1
        self.latest = max(self.latest, now)
        number = self.before + self.shouts
        if self._mode != "plain" and control.parse_request(line) is not None:
            return number
        if rested:
            self.began = now
            self._recent.rest()
        if len(self._pending) >= MOST:
            self._counted += len(self._stages)
        else:
            kept, size = line.rstrip(b"\r")[:KEPT], max(size, len(line))
            flight = Flight(number, now, text[:MAX_TEXT], kept, size, begins=now)
            self._recent.add(flight)
            self._enqueue(flight)
        return number

    def count_shouts(self, shouts: int) -> None:
        """Add so many shouts that are only counted."""
        self.shouts += shouts
        self._counted += shouts * len(self._stages)

    def tune(self, delay: float, now: float) -> None:
        """Follow the hand on the slider, which moved it to ``delay`` at ``now``."""
        if delay != self.delay:
            self._hand = (delay, now) if delay != self._delay else None
            self.tuned = now
            self.revision += 1

    def measure(self, delay: float | None, mode: ReverbMode | None) -> None:
        """Draw what is due by estimates while the server tells nothing; matching ignores them."""
        if (delay, mode) != self._measured:
            if mode != self._measured[1] and self._untold:
                self._recent.revise(mode)
            self._measured = delay, mode
            self.revision += 1

    # What comes

    def learn(self, info: ServerInfo, asked: float) -> None:
        """Handle what became known of the server; ``asked`` is the instant of the request."""
        if info.kind == "plain":
            self.mode_changed("plain")
        self._in_threes = self._in_threes or info.kind in ("reverb", "no control lines")
        if info.mode is not None:
            self.mode_changed(info.mode, asked)
        if info.delay is not None:
            self.delay_changed(info.delay, asked)

    def delay_changed(self, delay: float, at: float) -> None:
        """Set the delay that the server confirmed; ``at`` is when it was asked for."""
        if delay != self._delay:
            self._delay, self._changed = delay, at
            self.revision += 1
        if self._hand and self._hand[0] == delay:
            self._hand = None

    def mode_changed(self, mode: str, asked: float = math.inf) -> None:
        """Set the mode in force: concurrent, sequential or plain.

        It holds for shouts sent since ``asked``, when it was asked for; plain for all there are.
        """
        if mode == self._mode:
            return
        plain = mode == "plain"
        again = [flight for flight in self._pending.values() if plain or flight.sent >= asked]
        for flight in again:
            self._dequeue(flight, *flight.to_come)
        if plain:
            self._counted //= len(_STAGES)
        self._mode = mode
        for flight in again:
            self._enqueue(flight)
        self.revision += 1

    def hear(self, line: bytes, now: float) -> Arrival | None:
        """Find the shout of a line that came at ``now``; None if it is the echo of none."""
        if self._mode != "plain":
            if not line.startswith(INDENT):
                self._foreign = True
                return None
            line = line[len(INDENT) :]
        text = line.rstrip(b"\r")[:KEPT]
        candidates = list(self._candidates(text)) if self._pending else []
        if not candidates:
            if self._counted:
                self.echoes += 1
                self._counted -= 1
                self._sequence_ended = max(self._sequence_ended, now)
            return None
        _, stage, instant, flight = min(candidates, key=itemgetter(0))
        self.echoes += 1
        self.latest = max(self.latest, now)
        echo = self._echo(flight, stage, instant, now)
        flight.came.append(echo)
        self._dequeue(flight, stage)
        if not flight.to_come:
            self._end(flight)
        return echo

    def hear_torn(self, beginning: bytes) -> None:
        """Handle a line whose end will never come: an echo of it tells how the server echoes."""
        if self._mode is None and not self._foreign and beginning.startswith(INDENT):
            text = beginning[len(INDENT) :]
            forms = (form for flight in self._pending.values() for form in flight.to_come.values())
            self._in_threes = self._in_threes or any(form.startswith(text) for form in forms)

    def count_echoes(self, lines: Sequence[bytes]) -> None:
        """Handle lines that came while no shout is matched: what looks like an echo is counted."""
        echoes = len(lines)
        if self._mode != "plain":
            echoes = sum([line.startswith(INDENT) for line in lines])
            self._foreign = self._foreign or echoes < len(lines)
        echoes = min(echoes, self._counted)
        self.echoes += echoes
        self._counted -= echoes

    def refused(self) -> None:
        """Handle a line that was refused for its length: no echo of that shout will come."""
        waiting = [flight for flight in self._pending.values() if LOUD in flight.to_come]
        if waiting:
            flight = max(waiting, key=attrgetter("size"))
            self._dequeue(flight, *flight.to_come)
            self._end(flight)
        elif self._counted:
            self._counted = max(0, self._counted - len(self._stages))

    def end(self, now: float) -> None:
        """Handle the end of the connection: nothing more will come, and the picture stays."""
        if self._over:
            return
        self._forecast()
        self._over = True
        self.revision += 1
        for flight in self._pending.values():
            flight.pending, flight.lost = False, now

    # The picture

    def picture(self) -> list[Flight]:
        """Return the shouts since the last rest, in order of shouting.

        They are valid until the next call of any method.
        """
        self._look_ahead()
        return self._recent.flights()

    def moment(self) -> Moment:
        """Return the picture, and how many shouts it has."""
        flights, left = self.picture(), self._recent.left
        return Moment(flights, self.began, self.matched, self.counted, self.lost, left)

    def _look_ahead(self) -> None:
        """Forecast again, if anything has changed."""
        if not self._over and self._forecast_of != self.revision:
            self._forecast_of = self.revision
            self._forecast()

    def _forecast(self) -> None:
        """Set when each echo to come is due; unknown is everything while the delay is."""
        measured, mode = self._measured
        if self._untold and measured is not None:
            self._forecast_by = None
            forecast(self._pending.values(), measured, mode, self._recent.ended)
            return
        (delay, changed), ended = self._schedule, self._sequence_ended
        if self._hand and self._delay is not None and self._mode != "plain":
            delay, changed = self._hand
        same, self._forecast_by = self._forecast_by == (delay, changed), (delay, changed)
        for flight in self._pending.values():
            if same and not flight.sequential and len(flight.due) == len(flight.to_come):
                continue  # no other shout has a say in it
            dues: list[Due] = []
            for stage in flight.to_come:
                instant = flight.due_at(stage, ended, delay, changed)
                if instant is not None:
                    dues.append((stage, instant))
                    ended = instant if flight.sequential else ended
            if dues != flight.due:  # what is the same stays the same: nothing is drawn for it
                flight.due = dues
            if dues and dues[0][0] == LOUD:
                flight.begins = dues[0][1]

    # Matching

    @property
    def _untold(self) -> bool:
        """Whether the server has told neither its delay nor its mode."""
        return self._mode is None and self._delay is None

    @property
    def _stages(self) -> tuple[int, ...]:
        return (NORMAL,) if self._mode == "plain" else _STAGES

    @property
    def _schedule(self) -> tuple[float | None, float]:
        """The delay in force and the instant since when; a plain echo has none."""
        return (0.0, -math.inf) if self._mode == "plain" else (self._delay, self._changed)

    def _enqueue(self, flight: Flight) -> None:
        """Wait for the echoes of a shout as the mode has them."""
        flight.sequential, flight.after, flight.due = self._mode == "sequential", None, ()
        if flight.sequential:
            last = next(reversed(self._pending.values()), None)
            flight.after = last.after if last and last.sequential else last
            self._sequence.append(flight)
        self._pending[flight.shout] = flight
        self.revision += 1
        for stage in self._stages:
            form = flight.to_come[stage] = VOICES[stage](flight.line)[:KEPT]
            key = stage, flight.sequential, comparable(stage, form)
            self._queues.setdefault(key, deque()).append(flight)

    def _dequeue(self, flight: Flight, *stages: int) -> None:
        """Wait for these echoes of a shout no longer."""
        self.revision += 1
        for stage in stages:
            key = stage, flight.sequential, comparable(stage, flight.to_come.pop(stage))
            queue = self._queues[key]
            queue.remove(flight)
            if not queue:
                del self._queues[key]
        if not flight.to_come:
            del self._pending[flight.shout]
            if flight.sequential:
                self._sequence.remove(flight)

    def _end(self, flight: Flight) -> None:
        flight.line, flight.after, flight.due, flight.pending = b"", None, (), False
        self._recent.end(flight)

    def _echo(self, flight: Flight, stage: int, instant: float | None, now: float) -> Arrival:
        """Note that an echo came at ``now``; it was due at ``instant``, as `_due` returns it."""
        if instant is None or instant == math.inf:
            if stage == LOUD:
                # It may have been forecast by a measured delay.
                flight.begins = min(flight.begins, now) if instant is None else flight.sent
            newest = flight.shout == self.before + self.shouts and not flight.came
            return Arrival(stage, now, None, flight.shout, now - flight.sent if newest else None)
        lateness = max(0.0, now - instant)
        # A change of delay that is not confirmed yet may have pulled it forward.
        flight.spoken = min(instant, now)
        if flight.sequential:
            self._sequence_ended = flight.spoken
        if stage != LOUD:
            return Arrival(stage, now, lateness, flight.shout)
        flight.begins = max(flight.sent, flight.spoken)
        waited = flight.sequential and instant > flight.sent
        return Arrival(stage, now, lateness, flight.shout, None if waited else lateness)

    def _candidates(self, text: bytes) -> Iterator[_Candidate]:
        folded = fold(text)
        for stage in _STAGES:
            for sequential in (False, True):
                queue = self._queues.get((stage, sequential, text if stage == NORMAL else folded))
                if not queue:
                    continue
                flight = queue[0]
                if text == flight.to_come[stage] or may_be(stage, text):
                    instant, order = self._due(flight, stage)
                    yield (*order, stage), stage, instant, flight

    def _due(self, flight: Flight, stage: int) -> tuple[float | None, tuple[float, float, float]]:
        """Return when an echo is due (None: unknown, infinity: not its turn), and its place."""
        delay, changed = self._schedule
        instant = flight.due_at(stage, self._sequence_ended, delay, changed)
        if instant is None or delay is None:
            return None, (stage, flight.sent, 0.0)
        if not flight.sequential:
            return instant, (instant, flight.sent + stage * delay, flight.sent)
        if flight is not self._sequence[0] or stage != min(flight.to_come):
            instant = math.inf
        return instant, (instant, instant, flight.sent)
