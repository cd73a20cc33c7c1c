"""In which order what is pending leaves: a lane for each way of waiting.

A lane keeps what it was given in the order of hearing, says what it would send next (`Place`,
the smallest goes first) and hands it out (`Parcel`). Three lanes share a connection: what the
server itself has to say, the concurrent shouts, and the sequential ones.
"""

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias, cast

from reverb_server.core.due import sequential_begin, sequential_due
from reverb_server.core.voice import LOUD, NORMAL, QUIET, VOICES, loud, normal, quiet

STAGES: Final = (LOUD, NORMAL, QUIET)
"""The echoes of a shout, in their order."""

BLOCK_COST: Final = 200
"""Bytes that a block takes beside its text: the object, its instant, its order, its text's head."""

ANSWER_COST: Final = 600
"""Bytes that an answer takes before it is said (measured: 400 to 550)."""

Place: TypeAlias = tuple[float, float, float, int, int]
"""Position in the order of leaving: the smaller place leaves first.

- when it is due, in seconds;
- when it would be due if the delay had always been what it is now, never later than that;
- when it was heard;
- its stage (LOUD, NORMAL, QUIET);
- how many blocks and answers were heard before it.

A plain tuple: places are made and compared for every block that is sent.
"""

Parcel: TypeAlias = tuple[bytes, int, int, int]
"""One handout of a lane: the text, the number of echoes in it, the number of shouts that have
ended with it, and the bytes that are no longer held."""


class Block:
    """Shouts heard at one instant: whole lines, indented, each ended by LF."""

    __slots__ = ("after", "cost", "ended", "heard", "next", "order", "shouts", "text")

    def __init__(self, text: bytes, heard: float, order: int, shouts: int) -> None:
        self.text = text
        self.heard = heard
        self.order = order
        self.shouts = shouts
        self.cost = len(text) + BLOCK_COST
        """Bytes held because of it."""
        self.ended: float | None = None
        """The due instant of its last echoes, once these have left."""
        self.after: Block | None = None
        """The concurrent block whose end a sequential one waits for."""
        self.next: Block | None = None
        """The concurrent block heard after it."""


class Lane(Protocol):
    """The interface of all lanes."""

    def head(self, delay: float, changed: float) -> Place | None:
        """Return the place of the next echo, None if there is none or it is not known yet.

        ``delay`` is the connection's delay in seconds, ``changed`` the instant of its last change.
        """
        ...

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced."""
        ...


class AnswerLane:
    """The server's own lines: due at once, among the loud echoes."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: list[tuple[float, int, Callable[[], bytes]]] = []

    def add(self, heard: float, order: int, say: Callable[[], bytes]) -> None:
        """Take what is to be said; ``say`` is called when its turn comes."""
        self._answers.append((heard, order, say))

    def head(self, delay: float, changed: float) -> Place | None:
        """Return the place of the next line, None if there is none."""
        if not self._answers:
            return None
        heard, order, _ = self._answers[0]
        return (heard, heard, heard, LOUD, order)

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced."""
        _, _, say = self._answers.pop(0)  # there are never many
        return (say(), 0, 0, ANSWER_COST)


class ConcurrentLane:
    """Shouts that wait for none (the book's reverb2).

    Needs no heap: the delay is the same for all, so each stage goes through the blocks in the
    order of hearing. The blocks are a chain, and each stage has its place in it.
    """

    __slots__ = ("_first", "_last")

    def __init__(self) -> None:
        self._first: list[Block | None] = [None, None, None]
        self._last: Block | None = None

    @property
    def last(self) -> Block | None:
        """The block heard last, if it has not ended."""
        return self._last

    def add(self, block: Block) -> None:
        """Take a block."""
        if self._last is None:
            self._first = [block, block, block]
        else:
            self._last.next = block
            first = self._first
            for stage in STAGES:
                if first[stage] is None:
                    first[stage] = block
        self._last = block

    def head(self, delay: float, changed: float) -> Place | None:
        """Return the place of the next echoes, None if there are none."""
        first: Place | None = None
        last = self._first[QUIET]
        for stage, block in enumerate(self._first):
            if block is not None:
                heard = block.heard
                planned = heard + stage * delay
                # concurrent_due, without the price of a call
                due = planned if planned >= changed or not stage else changed
                place = (due, planned, heard, stage, block.order)
                if first is None or place < first:
                    first = place
                if block is last:
                    break  # all other stages are at this block, too, and after this one
        return first

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced: one stage of a whole block."""
        due, _, _, stage, _ = place
        block = cast(Block, self._first[stage])  # head announces only what there is
        self._first[stage] = block.next
        text = VOICES[stage](block.text)
        if stage != QUIET:
            return text, block.shouts, 0, 0
        block.next = None  # whoever waits for its end shall not keep what was heard after it
        if block is self._last:
            self._last = None
        freed = block.cost
        block.ended, block.text = due, b""  # a sequential block may still look at its end
        return text, block.shouts, block.shouts, freed

    def has_only(self, held: int) -> bool:
        """Return whether ``held`` bytes are those of one block, none of whose echoes has left."""
        block = self._last
        return block is not None and block is self._first[LOUD] and block.cost == held

    def take_all(self) -> Parcel:
        """Hand out all echoes of the only block: without a delay nothing comes between them.

        A shortcut, for who has one shout in flight: a third off the time of its three echoes.
        """
        block = cast(Block, self._last)
        self._first, self._last = [None, None, None], None
        text = loud(block.text) + normal(block.text) + quiet(block.text)
        return text, len(VOICES) * block.shouts, block.shouts, block.cost


class SequentialLane:
    """Shouts of which each waits for the end of every one before it (the book's reverb1).

    Keeps whole blocks, and a cursor into the first: one line is handed out at a time.
    """

    __slots__ = ("_blocks", "_cursor", "_previous", "_stage")

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._cursor = 0
        self._stage = LOUD
        self._previous = 0.0  # due instant of the echo before; until there is one, any past will do

    def add(self, block: Block) -> None:
        """Take a block; it begins when ``block.after``, if that is given, has ended."""
        self._blocks.append(block)

    def head(self, delay: float, changed: float) -> Place | None:
        """Return the place of the next echo, None if it is not known yet."""
        if not self._blocks:
            return None
        block = self._blocks[0]
        after = block.after
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
        return (due, planned, block.heard, stage, block.order)

    def take(self, place: Place) -> Parcel:
        """Hand out what `head` has just announced: one echo of one line."""
        block = self._blocks[0]
        end = block.text.index(b"\n", self._cursor) + 1
        text = VOICES[place[3]](block.text[self._cursor : end])
        self._previous = place[0]
        if place[3] != QUIET:
            self._stage = NORMAL if place[3] == LOUD else QUIET
            return (text, 1, 0, 0)
        self._stage, self._cursor = LOUD, end
        if end < len(block.text):
            return (text, 1, 1, 0)
        self._cursor = 0
        self._blocks.pop(0)  # large blocks: there are never many
        return (text, 1, 1, block.cost)
