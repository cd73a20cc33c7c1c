"""What a connection must say, one line at a time: obviously right, never fast.

The rules are those of ``docs/protocol.md``, over plain lists and with no block,
no queue and no cursor. The key of a line that waits to be said is

    (due, min(h + k·d, due), h, stage, order heard)

and the line with the smallest key among the candidates leaves first. Candidates are all echoes of
concurrent shouts, all answers and refusals, and of the sequential shouts the one next echo.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from reverb_server.core import control


class Hear(NamedTuple):
    """A read: bytes and the instant that brought them."""

    instant: float
    data: bytes


class End(NamedTuple):
    """The end of the input."""

    instant: float


class Speak(NamedTuple):
    """A tick: all that is due is wanted."""

    instant: float


Call = Hear | End | Speak
Content = bytes | dict[str, Any]
Key = tuple[float, float, float, int, int]


class Left(NamedTuple):
    """A line that was handed out: an echo's bytes, or the message of a control line."""

    instant: float
    due: float
    content: Content
    is_echo: bool


@dataclass
class Item:
    """Something heard: a shout with three echoes, or a request or refused line with one answer."""

    order: int
    heard: float
    mode: Literal["concurrent", "sequential", "answer"]
    lines: list[Content]
    dues: list[float] = field(default_factory=list)

    @property
    def stage(self) -> int:
        """How many of its lines have left; the next one's stage."""
        return len(self.dues)

    @property
    def ended(self) -> bool:
        return len(self.dues) == len(self.lines)


def echo(text: str | bytes) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return b"\t " + raw + b"\n"


def voices(line: bytes) -> list[Content]:
    text = line.decode("utf-8", "surrogateescape")
    return [echo(text.upper()), echo(line), echo(text.lower())]


class Oracle:
    """The same calls as a Reverb has; `left` is all that was said."""

    def __init__(self, *, delay: float, mode: control.ReverbMode, max_line: int) -> None:
        self.delay, self.mode, self.max_line = delay, mode, max_line
        self.changed = self.last_heard = float("-inf")
        self.partial, self.skipping, self.end_heard = b"", False, False
        self.items: list[Item] = []
        self.settled: list[Left] = []
        self.left: list[Left] = []

    def call(self, call: Call) -> None:
        match call:
            case Hear(instant, data):
                self.begin_hearing(instant)
                for value in data:
                    self.hear_byte(instant, bytes([value]))
            case End(instant):
                self.begin_hearing(instant)
                self.end_heard = True
                if self.partial:
                    self.hear_byte(instant, b"\n")
            case Speak(instant):
                self.settle(instant)
                self.left += [line._replace(instant=instant) for line in self.settled]
                self.settled.clear()

    def begin_hearing(self, instant: float) -> None:
        # Two reads at one instant are one: only the first of them finds something to settle.
        if instant > self.last_heard:
            self.settle(instant)
        self.last_heard = instant

    def hear_byte(self, instant: float, byte: bytes) -> None:
        if self.skipping:
            self.skipping = byte != b"\n"
        elif byte == b"\n":
            line, self.partial = self.partial.removesuffix(b"\r"), b""
            self.hear_line(instant, line)
        else:
            self.partial += byte
            if len(self.partial.removesuffix(b"\r")) > self.max_line:
                self.partial, self.skipping = b"", True
                self.add(instant, "answer", [{"reverb": 1, "code": "line-too-long"}])

    def hear_line(self, instant: float, line: bytes) -> None:
        request = control.parse_request(line)
        if request is None:
            self.add(instant, self.mode, voices(line))
        elif request.problem is not None:
            answer = {"reverb": 1, "reply": request.id, "code": request.problem[0]}
            self.add(instant, "answer", [answer])
        else:
            if request.delay is not None:
                self.delay, self.changed = request.delay, instant
            if request.mode is not None:
                self.mode = request.mode
            state = {
                "reverb": 1,
                "reply": request.id,
                "delay": self.delay,
                "delay_max": 60.0,
                "mode": self.mode,
            }
            self.add(instant, "answer", [state])

    def add(
        self,
        instant: float,
        mode: Literal["concurrent", "sequential", "answer"],
        lines: list[Content],
    ) -> None:
        self.items.append(Item(len(self.items), instant, mode, lines))

    @property
    def shouts(self) -> list[Item]:
        return [item for item in self.items if item.mode != "answer"]

    @property
    def pending(self) -> int:
        return sum(not shout.ended for shout in self.shouts)

    @property
    def done(self) -> bool:
        return self.end_heard and not self.settled and all(item.ended for item in self.items)

    @property
    def next_due(self) -> float | None:
        dues = [line.due for line in self.settled] + [self.due(item) for item in self.candidates()]
        return min(dues, default=None)

    def settle(self, now: float) -> None:
        """Let everything leave that is due up to ``now``, in order."""
        while ready := [item for item in self.candidates() if self.due(item) <= now]:
            item = min(ready, key=self.key)
            due, stage = self.due(item), item.stage
            item.dues.append(due)
            self.settled.append(Left(now, due, self.content(item, stage), item.mode != "answer"))

    def content(self, item: Item, stage: int) -> Content:
        content = item.lines[stage]
        if isinstance(content, dict) and "delay" in content:
            # Pending is what still has an echo to come after this answer, of what came before it.
            earlier = [shout for shout in self.shouts if shout.order < item.order]
            return content | {"pending": sum(not shout.ended for shout in earlier)}
        return content

    def candidates(self) -> Iterable[Item]:
        earlier_ended = True
        for item in self.items:
            if not item.ended and (item.mode != "sequential" or earlier_ended):
                yield item
            earlier_ended = earlier_ended and (item.mode == "answer" or item.ended)

    def due(self, item: Item) -> float:
        if item.stage == 0 and item.mode == "sequential":
            ends = [shout.dues[2] for shout in self.shouts if shout.order < item.order]
            return max([item.heard, *ends])
        if item.stage == 0:
            return item.heard
        if item.mode == "sequential":
            return max(item.dues[-1] + self.delay, self.changed)
        return max(item.heard + item.stage * self.delay, self.changed)

    def key(self, item: Item) -> Key:
        nominal = min(item.heard + item.stage * self.delay, self.due(item))
        return (self.due(item), nominal, item.heard, item.stage, item.order)


def read(output: bytes) -> list[Content]:
    """Cut output into echoes and messages; the sentences of errors are anybody's choice."""
    lines = output.split(b"\n")
    assert lines.pop() == b"", "output ends within a line"
    return [read_line(line) for line in lines]


def read_line(line: bytes) -> Content:
    if not line.startswith(control.MARK):
        return line + b"\n"
    message: dict[str, Any] = json.loads(line[1:])
    assert ("code" in message) == ("error" in message)
    message.pop("error", None)
    return message
