"""Facts that a server shows of itself: its kind, its delay, its manner, its speed.

Nothing is asked of it for that: one shout, and later two, show all of it, by what comes back and
when.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reverb_check.script import FIRST
from reverb_check.transcript import Line, Transcript
from reverb_server.core import control, voice

SHOUT: Final = FIRST
"""The shout that the first connection sends."""

HELLO: Final = control.request(1)
"""The question that a reverb answers, and that any other server takes for a shout."""

PATIENCE: Final = 2.0
"""Seconds of patience with a server on the same machine, beyond what its delay explains."""

BUDGET: Final = 3.0
"""Seconds, beside four delays, that the echoes of one scenario may take in all."""


class Kind(StrEnum):
    """Kinds of servers, by what one shout shows."""

    REVERB = "reverb"
    """Each line comes back three times."""
    ECHO = "echo"
    """Each byte comes back once."""
    UNKNOWN = "unknown"
    """Neither."""


class Manner(StrEnum):
    """Ways to go about two shouts."""

    CONCURRENT = "all at once"
    SEQUENTIAL = "one at a time"
    UNKNOWN = "not known"


class Name(StrEnum):
    """Names for servers, in reports: the book's, and this project's."""

    ECHO = "echo"
    REVERB1 = "reverb1"
    REVERB2 = "reverb2"
    REVERB = "reverb"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Learned:
    """Facts about a server.

    Args:
        kind: What one shout showed.
        delay: Seconds between two echoes of a shout, as measured.
        latency: Seconds from the shout to its first echo.
        manner: What two shouts showed.
        control: Whether it knows control lines.
    """

    kind: Kind = Kind.UNKNOWN
    delay: float = 0.0
    latency: float = 0.0
    manner: Manner = Manner.UNKNOWN
    control: bool = False

    @property
    def patience(self) -> float:
        """Seconds beyond the delay after which an echo is given up."""
        return max(PATIENCE, 20 * self.latency, self.delay)

    @property
    def slack(self) -> float:
        """Seconds by which an instant may differ on a machine that is busy."""
        return max(0.05, 5 * self.latency, 0.1 * self.delay)

    @property
    def name(self) -> Name:
        """The name for it in reports."""
        if self.control:
            return Name.REVERB
        if self.kind is Kind.ECHO:
            return Name.ECHO
        if self.kind is Kind.UNKNOWN:
            return Name.UNKNOWN
        return {
            Manner.CONCURRENT: Name.REVERB2,
            Manner.SEQUENTIAL: Name.REVERB1,
            Manner.UNKNOWN: Name.UNKNOWN,
        }[self.manner]

    def echoes(self, text: bytes) -> tuple[bytes, ...]:
        """Return the texts that one shout has to bring, in their order."""
        if self.kind is Kind.ECHO:
            return (text,)
        return tuple(sound(text) for sound in voice.VOICES)

    @property
    def each(self) -> int:
        """Lines that one shout has to bring."""
        return 1 if self.kind is Kind.ECHO else 3

    def takes(self, shouts: int) -> float:
        """Return the seconds that all echoes of shouts sent at one instant take."""
        if self.kind is Kind.ECHO:
            return 0.0
        return 2 * self.delay * (shouts if self.manner is Manner.SEQUENTIAL else 1)

    def affords(self, shouts: int) -> int:
        """Return how many of so many shouts can be heard to their end in reasonable time."""
        budget = BUDGET + 4 * self.delay
        if self.takes(shouts) <= budget:
            return shouts
        return int(budget / (2 * self.delay))


def learn_from(transcript: Transcript) -> Learned:
    """Return what one shout, `SHOUT`, has shown."""
    lines, begin = transcript.lines, transcript.sent[0].instant if transcript.sent else 0.0
    if not lines:
        return Learned()
    latency = max(0.0, lines[0].instant - begin)
    if lines[0].data == SHOUT and len(lines) == 1:
        return Learned(kind=Kind.ECHO, latency=latency)
    if [line.text for line in lines] != [sound(SHOUT) for sound in voice.VOICES]:
        return Learned(latency=latency)
    delay = max(0.0, (lines[2].instant - lines[0].instant) / 2)
    return Learned(kind=Kind.REVERB, delay=delay, latency=latency)


def answers_hello(transcript: Transcript) -> bool:
    """Return whether the server has answered `HELLO` as a reverb does."""
    answers = (control.parse_object(line.data) for line in transcript.lines)
    return any(answer is not None and answer.get("reply") == 1 for answer in answers)


def spaced(lines: tuple[Line, ...]) -> str:
    """Return the indentation of the lines, as Python writes it; "" if it is the book's or none."""
    found = {line.data[: len(line.data) - len(line.data.lstrip(b" \t"))] for line in lines}
    if found <= {voice.INDENT}:
        return ""
    return " or ".join(sorted(repr(each)[1:] for each in found))
