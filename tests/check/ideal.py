"""Servers without sockets: what comes of a scenario on one that is never late."""

from collections.abc import Callable
from dataclasses import dataclass

from reverb_check.learned import SHOUT, Kind, Learned, Manner, learn_from
from reverb_check.promises.promise import Wishes
from reverb_check.promises.timing import manner_of, two_shouts
from reverb_check.script import Act, Scenario, Script, shouts
from reverb_check.transcript import Ending, Evidence, Piece, Transcript
from reverb_server.core.control import ReverbMode
from reverb_server.core.echo import Echo
from reverb_server.core.plain import Plain
from reverb_server.core.reverb import Reverb

Make = Callable[[], Echo]
"""Makes the server's side of one connection."""


def reverb(mode: ReverbMode = "concurrent", delay: float = 1.0) -> Make:
    return lambda: Reverb(delay=delay, mode=mode, max_line=65_536)


def plain() -> Make:
    return Plain


def play(scenario: Scenario, make: Make) -> Evidence:
    """Return what comes of a scenario; reading takes no time, and sending none."""
    return Evidence(tuple(_play(script, make()) for script in scenario))


def _play(script: Script, server: Echo) -> Transcript:
    came: list[Piece] = []
    sent: list[Piece] = []
    half_closed: float | None = None
    over = script.last_step + script.within
    ending = Ending.OPEN

    def speak_until(instant: float) -> None:
        nonlocal over, ending
        while (due := server.next_due) is not None and due <= instant:
            came.append(Piece(due, server.speak(due)))
        if server.done and ending is Ending.OPEN:
            ending, over = Ending.CLOSED, came[-1].instant if came else instant

    for step in sorted(script.steps, key=lambda step: step.at):
        speak_until(step.at)
        if isinstance(step.what, bytes):
            server.hear(step.what, step.at)
            sent.append(Piece(step.at, step.what))
        elif step.what is Act.HALF_CLOSE:
            half_closed = step.at
            server.end(step.at)
        else:
            over = step.at
            break
        speak_until(step.at)
    else:
        speak_until(over)
    return Transcript(tuple(sent), tuple(came if script.reads else ()), ending, over, half_closed)


@dataclass(frozen=True)
class Subject:
    """A server, and what is learned of it."""

    make: Make
    learned: Learned
    wishes: Wishes


def subject(make: Make, wishes: Wishes | None = None) -> Subject:
    """Learn a server as the check does."""
    script = Script([shouts(SHOUT)], lines=3, within=200.0)
    learned = learn_from(play((script,), make).transcripts[0])
    manner = Manner.UNKNOWN
    if learned.delay:
        manner = manner_of(learned, play(two_shouts(learned, Wishes()), make))
    known = Learned(learned.kind, learned.delay, learned.latency, manner)
    return Subject(make, known, wishes or Wishes())


CONCURRENT_SECOND = Learned(Kind.REVERB, 1.0, 0.0, Manner.CONCURRENT, control=True)
"""A reverb with control lines and a delay of a second."""
