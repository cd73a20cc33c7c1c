r"""The contract between a connection, with its clock, and its echoes of either kind.

::

    echo.hear(data, now)      # whenever a read brought something
    echo.end(now)             # at the end of input
    data = echo.speak(now)    # after each of these, and when next_due has come; until b""
    echo.next_due             # then: call speak again at this instant
    echo.done                 # everything that was heard up to the end has been said

Instants are seconds on one clock that never goes back. `Echo.hear` acts as if all that was due up
to ``now`` had left before it, even if nobody asked; two hears at one instant are one.
"""

from collections.abc import Callable
from typing import Final, Literal, Protocol, TypeAlias

SPEAK_LIMIT: Final = 262_144
"""Bytes that one `Echo.speak` hands out at most: a few times what a kernel takes in one go."""


Heard: TypeAlias = Callable[[bytes, float], object]
"""Called with what was heard, and when: whole lines, each ended by LF, or bytes in plain mode."""


class Echo(Protocol):
    """The pending echoes of one connection; none of its methods raises."""

    asked: bool
    """Whether the client has sent a request: only then it is sent control lines."""
    shouts: int
    """Shouts heard so far."""
    echoes: int
    """Echoes handed out so far."""
    ended: int
    """Shouts that were echoed for the last time."""
    line_at: float
    """The instant at which a line was last complete, or refused."""
    delay: float
    """The delay in force, in seconds; 0 of a plain echo."""
    worst_lateness: float
    """How long after its due instant an echo was handed out at the most, in seconds."""

    @property
    def mode(self) -> Literal["concurrent", "sequential", "plain"]:
        """How the shouts that are heard from now on wait."""
        ...

    @property
    def pending(self) -> int:
        """Shouts heard and not yet echoed for the last time."""
        ...

    @property
    def held(self) -> int:
        """Bytes held, the cost of keeping them included."""
        ...

    @property
    def next_due(self) -> float | None:
        """The instant at which `speak` has something to say; None if nothing is pending."""
        ...

    @property
    def rest(self) -> bytes:
        """Output that was due and did not fit into what `speak` handed out."""
        ...

    @property
    def done(self) -> bool:
        """Whether the input has ended and everything has been said."""
        ...

    def hear(self, data: bytes, now: float) -> None:
        """Take what one read brought at the instant ``now``."""
        ...

    def end(self, now: float) -> None:
        """Take the end of the input; nothing is heard after it."""
        ...

    def speak(self, now: float, limit: int = SPEAK_LIMIT) -> bytes:
        """Hand out what is due at ``now``, at most ``limit`` bytes; the rest stays due."""
        ...

    def change(
        self, delay: float | None, mode: Literal["concurrent", "sequential"] | None, now: float
    ) -> None:
        """Change the delay (seconds) and the mode, as a request of the client's would."""
        ...

    def tell(self, code: str, sentence: str, now: float) -> None:
        """Queue an unsolicited error (a code and a sentence of ``docs/protocol.md``)."""
        ...
