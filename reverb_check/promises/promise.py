"""The parts of a promise: how it is tried, and what is found. All of it is pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reverb_check.learned import Kind, Learned
from reverb_check.script import Scenario
from reverb_check.transcript import Evidence


class Verdict(StrEnum):
    """Answers to the question whether a promise is kept."""

    KEPT = "kept"
    BROKEN = "broken"
    UNCERTAIN = "uncertain"
    """The measurement was disturbed, or there is nothing to tell it by."""
    NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of a drawing: a label, and marks at instants.

    Args:
        label: What the row is about.
        marks: Instants of the loud, the normal and the quiet echo, those that came.
        since: When the shout was sent; it waits from then until the first mark.
    """

    label: str
    marks: tuple[float, ...]
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one trial of a promise.

    Args:
        verdict: The answer.
        told: What was measured or seen, a few words; never empty unless it is kept.
        lanes: A drawing of the smallest history that shows it.
        history: The same as lines of text, where instants do not matter.
    """

    verdict: Verdict
    told: str = ""
    lanes: tuple[Lane, ...] = ()
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """Expectations of the user beyond the usual ones.

    Args:
        exact: Whether everything has to be to the byte as the protocol has it.
        idle: Seconds of silence after which a client has to be disconnected.
        tls: Whether the connections are encrypted.
    """

    exact: bool = False
    idle: float = 10.0
    tls: bool = False


REVERBS: Final = frozenset({Kind.REVERB})
ECHOES: Final = frozenset({Kind.ECHO})
BOTH: Final = REVERBS | ECHOES


def always_asked(_learned: Learned, _wishes: Wishes) -> str:
    """Return no reason to leave a promise out."""
    return ""


@dataclass(frozen=True)
class Promise:
    """Something that a server has to do.

    Args:
        id: The word for it, on the command line and in reports.
        sentence: The promise.
        otherwise: What is so where it is broken.
        source: The book's section or exercise, the RFC or the page that asks for it.
        sends: What is sent to try it.
        kept_if: What counts as kept.
        advice: What to do where it is broken.
        scenario: Builds the scripts.
        judge: Judges what came of them.
        kinds: The kinds of servers that are asked.
        needs: Promises without which this one can't be tried.
        alone: Whether it is tried while nothing else is: it disturbs others.
        timed: Whether a broken one is tried again, since a busy machine looks the same.
        expected: Returns whether a broken one is not, because what was learned is the same.
        left_out: Returns why it is not asked unless it is named; "" if it is.
    """

    id: str
    sentence: str
    otherwise: str
    source: str
    sends: str
    kept_if: str
    advice: str
    scenario: Callable[[Learned, Wishes], Scenario]
    judge: Callable[[Learned, Wishes, Evidence], Finding]
    kinds: Collection[Kind] = REVERBS
    needs: tuple[str, ...] = ()
    alone: bool = False
    timed: bool = False
    expected: Callable[[Learned], bool] = lambda _learned: False
    left_out: Callable[[Learned, Wishes], str] = always_asked


def kept(told: str = "") -> Finding:
    """Return the finding of a promise that is kept."""
    return Finding(Verdict.KEPT, told)


def broken(told: str, *, lanes: tuple[Lane, ...] = (), history: tuple[str, ...] = ()) -> Finding:
    """Return the finding of one that is broken, with the history that shows it."""
    return Finding(Verdict.BROKEN, told, lanes, history)


def uncertain(told: str) -> Finding:
    """Return the finding of one about which nothing can be said."""
    return Finding(Verdict.UNCERTAIN, told)


def shown(data: bytes, most: int = 48) -> str:
    """Return bytes as Python writes them, cut where there are many."""
    cut = data if len(data) <= most else data[:most]
    text = repr(cut)[2:-1]
    return text if cut is data else f"{text}… ({len(data):,} bytes)"


def count(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural where it has to be."""
    return f"{number:,} {noun}{'' if number == 1 else 'es' if noun.endswith('o') else 's'}"
