"""Transcripts: what one connection sent and got, and when.

All instants are seconds since the scenario began, on one clock for all of its connections.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Ending(StrEnum):
    """How a connection was, when the look at it ended."""

    OPEN = "open"
    """Nobody had ended it: all that was waited for had come, or did not come in time."""
    CLOSED = "closed"
    """The server ended it in order: FIN, or close_notify with TLS."""
    RESET = "reset"
    """The server, or something on the way, reset it."""
    CUT = "cut"
    """The server closed an encrypted connection without close_notify."""
    FLOODED = "flooded"
    """More came than this checker keeps."""
    REFUSED = "refused"
    """No connection was made."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of one write or one read, and its instant."""

    instant: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A line that came, without its LF, and the instant of the read that completed it."""

    instant: float
    data: bytes

    @property
    def text(self) -> bytes:
        """The line without its indentation and without a CR at its end."""
        return self.data.removesuffix(b"\r").lstrip(b" \t")


@dataclass(frozen=True)
class Transcript:
    """One connection.

    Args:
        sent: Every write, at the instant when the kernel had taken it whole.
        came: Every read.
        ending: How the connection was at the end of the look.
        over: The end of the look, or of the connection.
        half_closed: When this side ended its output; None if it never did.
        problem: Why there was no connection, or why it broke; one half sentence.
    """

    sent: tuple[Piece, ...] = ()
    came: tuple[Piece, ...] = ()
    ending: Ending = Ending.OPEN
    over: float = 0.0
    half_closed: float | None = None
    problem: str = ""

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The whole lines that came."""
        return tuple(self._split())

    def _split(self) -> Iterator[Line]:
        partial: list[bytes] = []
        for piece in self.came:
            first, *rest = piece.data.split(b"\n")
            partial.append(first)
            for following in rest:
                yield Line(piece.instant, b"".join(partial))
                partial = [following]

    @cached_property
    def data(self) -> bytes:
        """All bytes that came."""
        return b"".join(piece.data for piece in self.came)

    @property
    def unfinished(self) -> bytes:
        """The bytes behind the last LF that came."""
        return self.data.rpartition(b"\n")[2]

    @property
    def heard_after(self) -> float:
        """Seconds from the first write to the first line; 0 if there is none."""
        if not (self.sent and self.lines):
            return 0.0
        return self.lines[0].instant - self.sent[0].instant

    @property
    def last(self) -> float | None:
        """When the last bytes came; None if none did."""
        return self.came[-1].instant if self.came else None


@dataclass(frozen=True)
class Evidence:
    """The transcripts of one scenario, in the order of its scripts.

    Args:
        transcripts: One for each script.
        disturbance: Seconds by which this checker itself was late at worst.
        server_ended: Whether the server, started by this checker, had ended meanwhile.
    """

    transcripts: tuple[Transcript, ...] = field(default=())
    disturbance: float = 0.0
    server_ended: bool = False

    @property
    def refused(self) -> str:
        """Why a connection was refused; "" if none was."""
        return next((t.problem for t in self.transcripts if t.ending is Ending.REFUSED), "")
