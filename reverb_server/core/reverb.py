"""The echoes of one connection: bytes and instants in, bytes and an instant out.

Fulfils the contract of `reverb_server.core.echo`.
"""

import math
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from reverb_server.core import control
from reverb_server.core.echo import SPEAK_LIMIT, Heard
from reverb_server.core.lanes import (
    ANSWER_COST,
    BLOCK_COST,
    AnswerLane,
    Block,
    ConcurrentLane,
    Lane,
    Place,
    SequentialLane,
)
from reverb_server.core.lateness import Histogram
from reverb_server.core.lines import TOO_LONG, LineReader, Piece
from reverb_server.core.voice import indent

SPEAK_PARCELS: Final = 256
"""Blocks, or lines in sequential mode, that one call hands out at most: a few milliseconds' work,
so that whoever has a backlog of a million blank lines holds up nobody else."""

NO_LIMITS: Final[Mapping[str, float]] = MappingProxyType({})
"""Limits as a server without any reports them."""


class Reverb:
    """The pending echoes of one connection, and the answers to its requests.

    ``delay`` is in seconds, ``max_line`` in bytes without the line ending; ``lateness`` counts
    the echoes, and may be shared by many connections; ``heard`` is called with the shouts.
    """

    __slots__ = (
        "__weakref__",
        "_answers",
        "_applied",
        "_changed",
        "_changes",
        "_concurrent",
        "_head",
        "_head_known",
        "_heard",
        "_held",
        "_lanes",
        "_lateness",
        "_limits",
        "_lines",
        "_order",
        "_over",
        "_rest",
        "_rest_due",
        "_sequential",
        "asked",
        "delay",
        "echoes",
        "ended",
        "line_at",
        "mode",
        "shouts",
        "worst_lateness",
    )

    def __init__(
        self,
        *,
        delay: float,
        mode: control.ReverbMode,
        max_line: int,
        limits: Mapping[str, float] = NO_LIMITS,
        lateness: Histogram | None = None,
        heard: Heard | None = None,
    ) -> None:
        self.delay = delay
        """The delay in force, in seconds."""
        self.mode: control.ReverbMode = mode
        """How the shouts that are heard from now on wait."""
        self.asked = False
        self.shouts = self.echoes = self.ended = 0
        self.worst_lateness = 0.0
        self.line_at = -math.inf
        self._limits = limits
        self._lateness = lateness
        self._heard = heard
        self._lines = LineReader(max_line)
        self._over = False
        self._order = 0
        self._held = 0
        # Each lane is made when it is first needed: most connections need but one, or none yet.
        self._lanes: tuple[Lane, ...] = ()
        self._answers: AnswerLane | None = None
        self._concurrent: ConcurrentLane | None = None
        self._sequential: SequentialLane | None = None
        # What the lanes go by. It lags behind `delay` while echoes that were due before a change
        # have not left: they leave as they were due, and only then the change takes its place.
        self._applied, self._changed = delay, 0.0
        self._head: tuple[Place, Lane] | None = None  # what comes next of all, and whether
        self._head_known = True  # nothing has changed since it was looked for
        self._changes: tuple[tuple[float, float], ...] = ()
        self._rest, self._rest_due = b"", 0.0

    @property
    def pending(self) -> int:
        """Shouts heard and not yet echoed for the last time."""
        return self.shouts - self.ended

    @property
    def held(self) -> int:
        """Bytes held for this connection, the cost of keeping them included."""
        return (
            self._held
            + len(self._lines.partial)
            + len(self._rest)
            + BLOCK_COST * len(self._changes)
        )

    @property
    def next_due(self) -> float | None:
        """The instant at which `speak` has something to say; None if nothing is pending."""
        if self._rest:
            return self._rest_due
        if self._changes:
            return self._changes[0][0]
        head = self._next_of_all()
        return head[0][0] if head else None

    @property
    def rest(self) -> bytes:
        """Output that was due and did not fit into what `speak` handed out."""
        return self._rest

    @property
    def done(self) -> bool:
        """Whether the input has ended and everything has been said."""
        return self._over and not self._rest and not self._held

    def hear(self, data: bytes, now: float) -> None:
        """Take what one read brought at the instant ``now``."""
        self._take(self._lines.feed(data), now)

    def end(self, now: float) -> None:
        """Take the end of the input; nothing is heard after it."""
        self._take(self._lines.end(), now)
        self._over = True

    def speak(self, now: float, limit: int = SPEAK_LIMIT) -> bytes:
        """Hand out what is due at ``now``; ``b""`` if nothing is.

        At most ``limit`` bytes and SPEAK_PARCELS blocks at a time; the rest stays due.
        """
        if len(self._rest) > limit:
            data, self._rest = self._rest[:limit], self._rest[limit:]
            return data
        pieces, size = [self._rest], len(self._rest)
        while size < limit and len(pieces) <= SPEAK_PARCELS and (text := self._next(now)):
            pieces.append(text)
            size += len(text)
            if not self._held and not self._changes:
                break
        data = b"".join(pieces)
        if size <= limit:
            self._rest = b""
            return data
        self._rest = data[limit:]
        return data[:limit]

    def change(self, delay: float | None, mode: control.ReverbMode | None, now: float) -> None:
        """Change the delay (seconds) of all that is pending, and the mode of shouts from now on."""
        if delay is not None:
            self._change_delay(delay, now)
        if mode is not None:
            self.mode = mode

    def tell(self, code: str, sentence: str, now: float) -> None:
        """Queue an unsolicited error (a code and a sentence of ``docs/protocol.md``)."""
        self._answer(partial(control.error, code, sentence), now)

    def _take(self, pieces: list[Piece], now: float) -> None:
        if pieces:
            self.line_at = now
        for piece in pieces:
            if piece is TOO_LONG:
                self.tell("line-too-long", self._too_long, now)
            elif control.MARK_BYTE not in piece:
                self._shout(piece, now)
            else:
                for part in control.sift(piece):
                    if isinstance(part, bytes):
                        self._shout(part, now)
                    else:
                        self._grant(part, now)

    @property
    def _too_long(self) -> str:
        return f"a line over {self._lines.max_line} bytes was not echoed: send shorter lines"

    def _shout(self, lines: bytes, now: float) -> None:
        self._head_known = False
        block = Block(indent(lines), now, self._order, lines.count(b"\n"))
        self._order += 1
        self._held += block.cost
        self.shouts += block.shouts
        if self._heard is not None:
            self._heard(lines, now)
        if self.mode == "concurrent":
            if self._concurrent is None:
                self._concurrent = ConcurrentLane()
                self._lanes += (self._concurrent,)
            self._concurrent.add(block)
        else:
            if self._sequential is None:
                self._sequential = SequentialLane()
                self._lanes += (self._sequential,)
            block.after = None if self._concurrent is None else self._concurrent.last
            self._sequential.add(block)

    def _grant(self, request: control.Request, now: float) -> None:
        self.asked = True
        if request.problem:
            self._answer(partial(control.refusal, request.id, *request.problem), now)
            return
        self.change(request.delay, request.mode, now)
        limits = self._limits if request.limits else None
        self._answer(
            partial(self._state, request.id, self.delay, self.mode, limits, shouts=self.shouts), now
        )

    def _change_delay(self, delay: float, now: float) -> None:
        self.delay = delay
        if self._changes and self._changes[-1][0] == now:
            self._changes = self._changes[:-1]
        self._changes += ((now, delay),)

    def _state(
        self,
        request_id: int,
        delay: float,
        mode: str,
        limits: Mapping[str, float] | None,
        *,
        shouts: int,
    ) -> bytes:
        pending = shouts - self.ended
        return control.state(request_id, delay=delay, mode=mode, pending=pending, limits=limits)

    def _answer(self, say: partial[bytes], now: float) -> None:
        self._head_known = False
        if self._answers is None:
            self._answers = AnswerLane()
            self._lanes += (self._answers,)
        self._answers.add(now, self._order, say)
        self._order += 1
        self._held += ANSWER_COST

    def _next(self, now: float) -> bytes | None:
        """Hand out the next thing that is due at ``now``."""
        while self._changes:
            instant, delay = self._changes[0]
            first = self._first(heard_before=instant)
            if first and first[0][0] <= instant:
                return self._hand_out(*first, now)
            self._applied, self._changed = delay, instant
            self._head_known = False
            self._changes = self._changes[1:]
        first = self._next_of_all()
        if first is None or first[0][0] > now:
            return None
        return self._hand_out(*first, now)

    def _next_of_all(self) -> tuple[Place, Lane] | None:
        """The next echo of all lanes, searched for only after a change."""
        if not self._head_known:
            self._head, self._head_known = self._first(), True
        return self._head

    def _first(self, heard_before: float = math.inf) -> tuple[Place, Lane] | None:
        """The next echo heard before an instant, and its lane."""
        first: tuple[Place, Lane] | None = None
        if not self._held:
            return None
        for lane in self._lanes:
            place = lane.head(self._applied, self._changed)
            if place and place[2] < heard_before and (first is None or place < first[0]):
                first = place, lane
        return first

    def _hand_out(self, place: Place, lane: Lane, now: float) -> bytes:
        if not self._applied and isinstance(lane, ConcurrentLane) and lane.has_only(self._held):
            text, echoes, ended, freed = lane.take_all()
        else:
            text, echoes, ended, freed = lane.take(place)
        self._held -= freed
        self._head, self._head_known = None, not self._held
        if echoes:
            self.echoes += echoes
            self.ended += ended
            lateness = now - place[0]
            if lateness > self.worst_lateness:
                self.worst_lateness = lateness
            if self._lateness is not None:
                self._lateness.add(lateness, echoes)
        self._rest_due = place[0]
        return text
