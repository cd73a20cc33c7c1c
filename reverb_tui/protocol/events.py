"""Events of a connection."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from reverb_tui.protocol.negotiation import ServerError, ServerInfo


@dataclass(frozen=True, slots=True)
class Heard:
    """Lines and bytes of one read, without control lines.

    Args:
        lines: The lines that ended, without LF and one CR; the long ones in parts.
        instant: When the read brought them, in seconds.
        goes_on: The indexes of those that are parts: their line has not ended there.
        data: The bytes as they came, of lines that have not ended, too. Of the events that many
            lines make, the first one has all of them.
    """

    lines: list[bytes]
    instant: float
    goes_on: Collection[int] = ()
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Changed:
    """The facts about the server changed; ``asked`` is when they were requested."""

    info: ServerInfo
    asked: float


class Ending(Enum):
    """How a connection ended."""

    AS_ASKED = auto()
    """The server closed its side after the client had sent everything and half-closed."""
    CLOSED = auto()
    """The server closed its side before that; maybe it would have read on."""
    RESET = auto()
    """The server ended it in disorder: by a reset, or under TLS without a word."""
    BROKEN = auto()
    """Something else did: the network, or TLS."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event.

    Args:
        how: How it ended.
        why: Half a sentence on why it broke.
        unsent: Whether something still waited to be sent when the server closed its side.
    """

    how: Ending
    why: str = ""
    unsent: bool = False

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
        if self.how is Ending.AS_ASKED:
            all_came = "all echoes have come, " if missing == 0 and of else ""
            return f"{all_came}the connection is closed"
        lost = " before everything was sent" if self.unsent else ""
        return f"the server closed its side of the connection{lost}"


Event: TypeAlias = Heard | Changed | ServerError | Ended
