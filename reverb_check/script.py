"""Scripts: what to send on a connection, when, and until when to look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

KEPT: Final = 4 * 2**20
"""Bytes that are kept of what a connection brings; more is a flood."""


FIRST: Final = b"Is there anybody there?"
SECOND: Final = b"Yooo-hooo!"
THIRD: Final = b"Hello?"
"""The book's own shouts."""


class Act(Enum):
    """Ways to end a connection."""

    HALF_CLOSE = auto()
    """End the output: FIN, and with TLS close_notify."""
    RESET = auto()
    """Reset the connection: RST."""


@dataclass(frozen=True, slots=True)
class Step:
    """Send bytes, or end the connection, at an instant in seconds since the scenario began."""

    at: float
    what: bytes | Act


@dataclass(frozen=True)
class Script:
    """One connection of a scenario.

    Args:
        steps: What to do, in order of time.
        lines: Whole lines after which nothing more is waited for, but for ``settle`` seconds;
            None: the end of the connection is waited for.
        within: Seconds to look after the last step, at most.
        settle: Seconds to look on, for lines too many.
        opens: When to connect.
        reads: Whether to read at all.
        quiet: Seconds without news after which the look ends; None: no such limit.
    """

    steps: Sequence[Step] = ()
    lines: int | None = None
    within: float = 10.0
    settle: float = 0.0
    opens: float = 0.0
    reads: bool = True
    quiet: float | None = None

    @property
    def last_step(self) -> float:
        """When the last step is due."""
        return max([self.opens, *(step.at for step in self.steps)])


Scenario: TypeAlias = tuple[Script, ...]


def shouts(*texts: bytes, at: float = 0.0) -> Step:
    """Return the step that sends lines in one write."""
    return Step(at, b"".join(text + b"\n" for text in texts))


def half_close(at: float = 0.0) -> Step:
    """Return the step that ends the output."""
    return Step(at, Act.HALF_CLOSE)
