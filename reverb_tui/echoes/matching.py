"""Which shout an echo belongs to, which of its echoes it is, and how late it came.

By content and order alone. Every pending echo waits in a *lane*: that of its stage and its text.
What comes can only be the head of one of at most three lanes, and of those the one that is due
first. Servers map case differently (Go maps rune by rune, so its ß stays ß), so the loud and
quiet lanes are those of the text with case folded away.

All instants and delays are seconds on one clock.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Final, TypeAlias

from reverb_server.core import control, due
from reverb_server.core.voice import INDENT, LOUD, NORMAL, QUIET, VOICES
from reverb_tui.display import LONGEST
from reverb_tui.echoes.case_folding import fold, lane_text, may_be
from reverb_tui.echoes.pending import Due, Pending, forecast

MOST: Final = 1000
"""Pending shouts that are matched; those above are counted."""

KEPT: Final = LONGEST - len(INDENT) - 3
"""Bytes that are compared: what the first part of an echo has at least."""

_STAGES: Final = (LOUD, NORMAL, QUIET)


@dataclass(frozen=True, slots=True)
class Match:
    """An echo that was recognised.

    Args:
        shout: The number of its shout, as `Matcher.shout` returned it.
        stage: LOUD, NORMAL or QUIET (those of `reverb_server.core.voice`).
        lateness: Seconds after its due instant, never negative; None when the delay is unknown.
        waited: Whether it was due later than its shout was sent because others came before.
    """

    shout: int
    stage: int
    lateness: float | None
    waited: bool = False


_Candidate: TypeAlias = tuple[tuple[float, ...], int, float | None, Pending]
"""Its place among the candidates, its stage, its due instant and its shout."""


class Matcher:
    """The shouts of one connection, from the instant of sending to their last echo.

    Their numbers go on from ``before``, how many there were on connections before. ``shouts`` and
    ``echoes`` are how many there were on this one, also of those that are only counted;
    ``revision`` grows whenever `forecast` may tell something else than before.
    """

    def __init__(self, before: int = 0) -> None:
        self._mode: str | None = None
        self._delay: float | None = None
        self._changed = -math.inf
        self._shouts: dict[int, Pending] = {}
        self._lanes: dict[tuple[int, bool, bytes], deque[Pending]] = {}
        self._sequence: deque[Pending] = deque()
        self._sequence_ended = -math.inf
        self._counted = 0  # echoes to come of shouts that are only counted
        self._in_threes = False  # whether the server is known to echo three times
        self._foreign = False  # whether something came that no such server sends
        self.before = before
        self.shouts = 0
        self.echoes = 0
        self.revision = 0

    def __contains__(self, shout: int) -> bool:
        """Return whether a shout is pending and matched, by its number."""
        return shout in self._shouts

    @property
    def mode(self) -> str | None:
        """The mode in force; None while it is unknown."""
        return self._mode

    @property
    def delay(self) -> float | None:
        """The delay that the server confirmed; None while it is unknown."""
        return self._delay

    @property
    def matched(self) -> int:
        """Pending shouts that are matched, and not only counted."""
        return len(self._shouts)

    @property
    def pending(self) -> int:
        """Shouts whose last echo has not come."""
        return len(self._shouts) + math.ceil(self._counted / len(self._stages))

    @property
    def to_come(self) -> int:
        """Echoes to come, if the server is what it seems to be."""
        return sum(len(shout.forms) for shout in self._shouts.values()) + self._counted

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

    def shout(self, text: bytes, now: float, size: int = 0) -> int:
        """Take a shout that is sent at ``now``, without its line ending; return its number.

        ``size`` is how many bytes it has, if ``text`` was cut. A request that was typed as a line
        counts as a shout that has no echoes: a reverb answers it instead.
        """
        self.shouts += 1
        number = self.before + self.shouts
        if self._mode == "plain" or control.parse(text) is None:
            self._take(number, text.rstrip(b"\r")[:KEPT], max(size, len(text)), now)
        return number

    def count(self, shouts: int) -> None:
        """Take so many shouts that are only counted."""
        self.shouts += shouts
        self._counted += shouts * len(self._stages)

    def echoes_in_threes(self) -> None:
        """Note that the server echoes every shout three times, though not when."""
        self._in_threes = True

    def hear(self, line: bytes, now: float) -> Match | None:
        """Find the shout of a line that came at ``now``; None if it is the echo of none."""
        if self._mode != "plain":
            if not line.startswith(INDENT):
                self._foreign = True
                return None
            line = line[len(INDENT) :]
        text = line.rstrip(b"\r")[:KEPT]
        candidates = list(self._candidates(text)) if self._shouts else []
        if not candidates:
            self._count(now)
            return None
        _, stage, instant, shout = min(candidates, key=itemgetter(0))
        self.echoes += 1
        self._leave(shout, stage)
        if instant is None or instant == math.inf:
            return Match(shout.number, stage, None)
        # A change of delay that is not confirmed yet may have pulled it forward.
        shout.spoken = min(instant, now)
        if shout.sequential:
            self._sequence_ended = shout.spoken
        waited = shout.sequential and stage == LOUD and instant > shout.heard
        return Match(shout.number, stage, max(0.0, now - instant), waited)

    def hear_torn(self, beginning: bytes) -> None:
        """Handle a line whose end will never come: an echo of it tells how the server echoes."""
        if self._mode is None and not self._foreign and beginning.startswith(INDENT):
            text = beginning[len(INDENT) :]
            forms = (form for shout in self._shouts.values() for form in shout.forms.values())
            self._in_threes = self._in_threes or any(form.startswith(text) for form in forms)

    def hear_counted(self, lines: Sequence[bytes]) -> None:
        """Take lines that came while no shout is matched: what looks like an echo is counted."""
        echoes = len(lines)
        if self._mode != "plain":
            echoes = sum([line.startswith(INDENT) for line in lines])
            self._foreign = self._foreign or echoes < len(lines)
        echoes = min(echoes, self._counted)
        self.echoes += echoes
        self._counted -= echoes

    def delay_changed(self, delay: float, at: float) -> None:
        """Take the delay that the server confirmed; ``at`` is when it was asked for."""
        if delay != self._delay:
            self._delay, self._changed = delay, at
            self.revision += 1

    def mode_changed(self, mode: str, asked: float = math.inf) -> None:
        """Take the mode in force: concurrent, sequential or plain.

        It holds for shouts sent since ``asked``, when it was asked for; plain for all there are.
        """
        if mode == self._mode:
            return
        since = -math.inf if mode == "plain" else asked
        again = [shout for shout in self._shouts.values() if shout.heard >= since]
        for shout in again:
            self._drop(shout)
        if mode == "plain":
            self._counted //= len(_STAGES)
        self._mode = mode
        self.revision += 1
        for shout in again:
            self._take(shout.number, shout.text, shout.size, shout.heard)

    def refused(self) -> None:
        """Handle a line that was refused for its length: no echo of that shout will come."""
        waiting = [shout for shout in self._shouts.values() if LOUD in shout.forms]
        if waiting:
            self._drop(max(waiting, key=attrgetter("size")))
        elif self._counted:
            self._counted = max(0, self._counted - len(self._stages))

    def forecast(
        self, delay: float | None = None, changed: float = -math.inf
    ) -> Iterator[tuple[int, list[Due]]]:
        """Return what is to come: the number of each matched shout, in order, with its echoes.

        What has not had its turn is predicted from the shouts before it; unknown is everything
        while the delay is. With ``delay`` (seconds), it is as if that had been the delay since
        ``changed``: the user may have asked for it, and the server not yet have said yes.
        """
        if delay is None or self._delay is None:
            delay, changed = self._delay, self._changed
        shouts, ended = self._shouts.values(), self._sequence_ended
        return forecast(shouts, self._mode, delay, changed, ended)

    def _take(self, number: int, text: bytes, size: int, now: float) -> None:
        stages = self._stages
        if len(self._shouts) >= MOST:
            self._counted += len(stages)
            return
        forms = {stage: VOICES[stage](text)[:KEPT] for stage in stages}
        shout = Pending(number, now, text, size, forms)
        if self._mode == "sequential":
            last = next(reversed(self._shouts.values()), None)
            shout.sequential = True
            shout.after = last.after if last and last.sequential else last
            self._sequence.append(shout)
        self._shouts[number] = shout
        self.revision += 1
        for stage, form in shout.forms.items():
            key = (stage, shout.sequential, lane_text(stage, form))
            self._lanes.setdefault(key, deque()).append(shout)

    @property
    def _stages(self) -> tuple[int, ...]:
        return (NORMAL,) if self._mode == "plain" else _STAGES

    def _drop(self, shout: Pending) -> None:
        for stage in list(shout.forms):
            self._leave(shout, stage)

    def _leave(self, shout: Pending, stage: int) -> None:
        self.revision += 1
        key = (stage, shout.sequential, lane_text(stage, shout.forms.pop(stage)))
        lane = self._lanes[key]
        lane.remove(shout)
        if not lane:
            del self._lanes[key]
        if not shout.forms:
            del self._shouts[shout.number]
            if shout.sequential:
                self._sequence.remove(shout)

    def _candidates(self, text: bytes) -> Iterator[_Candidate]:
        folded = fold(text)
        for stage in _STAGES:
            for sequential in (False, True):
                lane = self._lanes.get((stage, sequential, text if stage == NORMAL else folded))
                if not lane:
                    continue
                shout = lane[0]
                if text == shout.forms[stage] or may_be(stage, text):
                    instant, order = self._due(shout, stage)
                    yield (*order, stage), stage, instant, shout

    def _due(self, shout: Pending, stage: int) -> tuple[float | None, tuple[float, float, float]]:
        """Return when an echo is due (None: unknown, infinity: not its turn), and its place."""
        if self._mode == "plain":
            return shout.heard, (shout.heard, 0.0, 0.0)
        if self._delay is None:
            return None, (stage, shout.heard, 0.0)
        if not shout.sequential:
            instant = due.concurrent_due(shout.heard, stage, self._delay, self._changed)
            return instant, (instant, shout.heard + stage * self._delay, shout.heard)
        if shout is not self._sequence[0] or stage != min(shout.forms):
            instant = math.inf
        else:
            instant = shout.turn(stage, self._sequence_ended, self._delay, self._changed)
        return instant, (instant, instant, shout.heard)

    def _count(self, now: float) -> None:
        """Take an echo of one of the shouts that are only counted, if there are any."""
        if self._counted:
            self.echoes += 1
            self._counted -= 1
            self._sequence_ended = max(self._sequence_ended, now)
