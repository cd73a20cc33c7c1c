"""Whether a server is a stranger, by what it does before the user has sent anything.

A reverb answers the hello, and an echo echoes it. A server that says anything else, or ends, is a
stranger: if it ended, it is connected to again without control lines. Where that ends as well,
and as silently, the hello was not the reason: a proxy does that whose own server is away.
"""

from math import inf
from typing import Final

from reverb_tui.protocol.events import Changed, Ending, Event, Heard
from reverb_tui.protocol.negotiation import ServerError

GRACE: Final = 0.5
"""Seconds for which a server that has spoken may still answer the hello, as a reverb does behind
a proxy with a banner; and after which one that was connected to again has not hung up again."""

PROMPT: Final = 10.0
"""Seconds within which an end belongs to the beginning; later, an idle client was sent away."""

STAYS: Final = (
    "no reverb has answered: treated as with --raw from now on; the server may complain about the "
    "one control line that it was sent"
)
TREATED_AS_RAW: Final = (
    "the server closed the connection at a control line: connected again without one, and treated "
    "as with --raw from now on"
)
MAYBE_TLS: Final = "; if it speaks TLS, use --tls or tls://"

_ALERT: Final = b"\x15\x03"
"""How a message of TLS begins that says what went wrong (RFC 8446, section 5.1)."""


class Acquaintance:
    """Findings about one server, over all connections to it.

    All instants are seconds on one clock.

    Args:
        asks: Whether the server may be sent a hello.
        plain: Whether its connections are without TLS where there could be TLS.
    """

    def __init__(self, *, asks: bool, plain: bool = False) -> None:
        self.stranger = False
        """Whether it is one, for sure."""
        self.decide_at = inf
        """When `decide` is to be called, if nothing else happens before."""
        self._asks = asks
        self.plain = plain
        """Whether its connections are without TLS where there could be TLS."""
        self._suspected = False  # it hung up on a hello; this connection began without one
        self._open = False  # whether this connection can still show that it is one
        self._spoke = False  # on this connection, or on the one that made it suspected
        self._began = 0.0

    @property
    def asked(self) -> bool:
        """Whether a connection begins with a hello."""
        return self._asks and not self.treated_raw

    @property
    def treated_raw(self) -> bool:
        """Whether it is taken for a stranger, for sure or for now."""
        return self.stranger or self._suspected

    def connected(self, now: float) -> None:
        """Note that a connection was made."""
        self._open = self._asks and not self.stranger
        self._began = now
        self._spoke = self._spoke and self._suspected
        self.decide_at = now + GRACE if self._suspected else inf

    def take(self, event: Event, unfinished: bytes, now: float) -> str:
        """Take what happened, and the text after it whose line has not ended; return as `decide`.

        It is decided at once on a server that hung up on a hello, and has spoken without one.
        """
        match event:
            case Heard(lines):
                self.spoke(lines[0] if lines else unfinished, now)
                return self.decide() if self.decide_at <= now else ""
            case ServerError():
                self.answered()
            case Changed(info) if info.kind != "asking":
                self.answered()
        return ""

    def sends(self) -> str:
        """Note that the user sends something: an end proves nothing from then on.

        Decides on a server that has spoken, or hung up at the hello; returns as `decide`.
        """
        if self.decide_at < inf:
            return self.decide()
        self.answered()
        return ""

    def spoke(self, text: bytes, now: float) -> None:
        """Note a line that is no part of the conversation about control lines."""
        if self._open and text:
            self._spoke = self._spoke or not text.startswith(_ALERT)
            self.decide_at = now if self._suspected else min(self.decide_at, now + GRACE)

    def answered(self) -> None:
        """Note that it has shown what it is."""
        if not self._suspected:
            self._open, self.decide_at = False, inf

    def decide(self) -> str:
        """Call it a stranger, if it still can be one; return the sentence for the user, or ""."""
        self.decide_at = inf
        if not self._open:
            return ""
        sentence = STAYS
        if self._suspected:
            sentence = TREATED_AS_RAW + (MAYBE_TLS if self.plain and not self._spoke else "")
        self._open, self._suspected, self.stranger = False, False, True
        return sentence

    def ended(self, how: Ending, now: float) -> bool:
        """Take the end of a connection; return whether to connect again at once."""
        self.decide_at = inf
        if not self._open or how not in (Ending.CLOSED, Ending.RESET):
            return False
        if self._suspected:
            self._suspected = False
            self.stranger = now - self._began > PROMPT
            return False
        self._suspected = True
        return True

    def not_reached(self) -> None:
        """Note that no connection could be made."""
        self._suspected = False
