"""What a client hears of its connection."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from reverb_tui.connection.peer import Facts, Refused


@dataclass(frozen=True, slots=True)
class Heard:
    """What one read brought, without control lines.

    Args:
        lines: The lines that ended, without LF and one CR, cut at 8,192 bytes.
        instant: When the read brought them, in seconds of the event loop's clock.
        left_out: How many bytes were cut off, by the index in ``lines``.
        unfinished: The line that has not ended yet, cut likewise; comes again when it has ended.
        torn: Whether the last of the lines had no line ending: the connection ended in it.
    """

    lines: list[bytes]
    instant: float
    left_out: dict[int, int] = field(default_factory=dict)
    unfinished: bytes = b""
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What is known about the server changed; ``asked`` is when the request for it was sent."""

    facts: Facts
    asked: float


class End(Enum):
    """How a connection ended."""

    AS_ASKED = auto()
    """The server closed it after the client had sent everything and half-closed."""
    CLOSED = auto()
    """The server closed it before that."""
    RESET = auto()
    """The server ended it in disorder: by a reset, or under TLS without a word."""
    BROKEN = auto()
    """Something else did: the network, or TLS."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event. ``why`` says in half a sentence why it broke."""

    how: End
    why: str = ""

    def sentence(self, missing: int | None = None, of: int = 0) -> str:
        """Return what to tell the user.

        Args:
            missing: Echoes that should have come and did not; None where that can't be known.
            of: Echoes that should have come.
        """
        torn = f" with {missing:,} of {of:,} echoes missing" if missing else ""
        if self.why:
            return f"the connection broke{torn}: {self.why}"
        if torn:
            return f"the server closed{torn}"
        if self.how is End.AS_ASKED:
            all_came = "all echoes have come, " if missing == 0 and of else ""
            return f"{all_came}the connection is closed"
        return "the server closed the connection"


Event: TypeAlias = Heard | Changed | Refused | Ended
