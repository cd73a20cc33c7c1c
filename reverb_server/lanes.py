"""In which order what is pending leaves: a lane for each way of waiting.

A lane keeps what it was given in the order of hearing, says what it would send next (`Place`,
the smallest goes first) and hands it out (`Parcel`). Three lanes share a connection: what the
server itself has to say, the concurrent shouts, and the sequential ones.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from reverb_server.due import concurrent_due, sequential_begin, sequential_due
from reverb_server.voice import LOUD, NORMAL, QUIET, VOICES

BLOCK_COST: Final = 200
"""Bytes that a block takes beside its text: the object, its instant and its places in queues."""


class Place(NamedTuple):
    """Where something stands in the order of leaving; places compare by their fields in turn."""

    due: float
    """The instant at which it should leave, in seconds."""
    planned: float
    """When it would be due if the delay had always been what it is now; never after ``due``."""
    heard: float
    stage: int
    order: int
    """How many blocks and answers were heard before it."""


class Parcel(NamedTuple):
    """What a lane hands out."""

    text: bytes
    echoes: int
    ended: int
    """Shouts that have been echoed for the last time by this."""
    freed: int
    """Bytes that are no longer held."""


@dataclass(slots=True, eq=False)
class Block:
    """Shouts heard at one instant: whole lines, indented, each ended by LF."""

    text: bytes
    heard: float
    order: int
    shouts: int
    ended: float | None = None
    """The due instant of its last echoes, once these have left."""

    @property
    def cost(self) -> int:
        """Bytes held because of it."""
        return len(self.text) + BLOCK_COST


class Lane(Protocol):
    """What all lanes have in common."""

    def head(self, delay: float, changed: float) -> Place | None:
        """Tell the place of what comes next, None if nothing does or none can tell it yet.

        ``delay`` is the connection's delay in seconds, ``changed`` the instant of its last change.
        """
        ...

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced."""
        ...


class AnswerLane:
    """What the server itself says: due at once, among the loud echoes."""

    def __init__(self) -> None:
        self._answers: deque[tuple[float, int, Callable[[], bytes]]] = deque()

    def add(self, heard: float, order: int, say: Callable[[], bytes]) -> None:
        """Take what is to be said; ``say`` is called when its turn comes."""
        self._answers.append((heard, order, say))

    def head(self, delay: float, changed: float) -> Place | None:
        """Tell the place of what comes next, None if there is nothing."""
        if not self._answers:
            return None
        heard, order, _ = self._answers[0]
        return Place(heard, heard, heard, LOUD, order)

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced."""
        _, _, say = self._answers.popleft()
        return Parcel(say(), 0, 0, BLOCK_COST)


class ConcurrentLane:
    """Shouts that wait for none (the book's reverb2).

    Needs no heap: the delay is the same for all, so each stage is a queue in the order of hearing.
    """

    def __init__(self) -> None:
        self._stages: tuple[deque[Block], ...] = (deque(), deque(), deque())

    @property
    def last(self) -> Block | None:
        """The block heard last among those that have not ended."""
        return self._stages[QUIET][-1] if self._stages[QUIET] else None

    def add(self, block: Block) -> None:
        """Take a block."""
        for queue in self._stages:
            queue.append(block)

    def head(self, delay: float, changed: float) -> Place | None:
        """Tell the place of the echoes that come next, None if there are none."""
        first: Place | None = None
        for stage, queue in enumerate(self._stages):
            if queue:
                block = queue[0]
                heard = block.heard
                due = concurrent_due(heard, stage, delay, changed)
                place = Place(due, heard + stage * delay, heard, stage, block.order)
                if first is None or place < first:
                    first = place
        return first

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced: one stage of a whole block."""
        block = self._stages[place.stage].popleft()
        text = VOICES[place.stage](block.text)
        if place.stage != QUIET:
            return Parcel(text, block.shouts, 0, 0)
        freed = block.cost
        block.ended, block.text = place.due, b""  # a sequential block may still look at its end
        return Parcel(text, block.shouts, block.shouts, freed)


class SequentialLane:
    """Shouts of which each waits for the end of every one before it (the book's reverb1).

    Keeps whole blocks, and a cursor into the first: one line is handed out at a time.
    """

    def __init__(self) -> None:
        self._blocks: deque[tuple[Block, Block | None]] = deque()
        self._cursor = 0
        self._stage = LOUD
        self._previous = 0.0  # due instant of the echo before; until there is one, any past will do

    def add(self, block: Block, after: Block | None) -> None:
        """Take a block that begins when ``after``, a concurrent one, has ended."""
        self._blocks.append((block, after))

    def head(self, delay: float, changed: float) -> Place | None:
        """Tell the place of the echo that comes next, None if none can tell it yet."""
        if not self._blocks:
            return None
        block, after = self._blocks[0]
        stage = self._stage
        if stage != LOUD:
            due = sequential_due(self._previous, delay, changed)
        elif after is None:
            due = sequential_begin(block.heard, self._previous)
        elif after.ended is None:
            return None
        else:
            due = sequential_begin(block.heard, max(self._previous, after.ended))
        # Echoes that left under a shorter delay make this one due sooner than that.
        planned = min(block.heard + stage * delay, due)
        return Place(due, planned, block.heard, stage, block.order)

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced: one echo of one line."""
        block = self._blocks[0][0]
        end = block.text.index(b"\n", self._cursor) + 1
        text = VOICES[place.stage](block.text[self._cursor : end])
        self._previous = place.due
        if place.stage != QUIET:
            self._stage = NORMAL if place.stage == LOUD else QUIET
            return Parcel(text, 1, 0, 0)
        self._stage, self._cursor = LOUD, end
        if end < len(block.text):
            return Parcel(text, 1, 1, 0)
        self._cursor = 0
        self._blocks.popleft()
        return Parcel(text, 1, 1, block.cost)
