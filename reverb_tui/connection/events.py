"""What a client hears of its connection."""

from dataclasses import dataclass, field
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
    """

    lines: list[bytes]
    instant: float
    left_out: dict[int, int] = field(default_factory=dict)
    unfinished: bytes = b""


@dataclass(frozen=True, slots=True)
class Changed:
    """What is known about the server changed; ``asked`` is when the request for it was sent."""

    facts: Facts
    asked: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event. ``reason`` is a sentence; None if all ended as the client asked for."""

    reason: str | None


Event: TypeAlias = Heard | Changed | Refused | Ended
