"""Announcements of connections and of their ends: a reason once, however often it is tried.

A server that hangs up on everyone, or is full, is connected to again and again. Such a connection
is announced only once its server does something else.
"""

from typing import Final, NamedTuple

from reverb_tui.entry import Kind
from reverb_tui.protocol.events import Ended, Ending
from reverb_tui.protocol.negotiation import FULL, SENDS_AWAY, ServerError
from reverb_tui.session.observer import State
from reverb_tui.session.stranger import MAYBE_TLS

NO_WORD: Final = "the server closed its side of the connection before it said anything"


class Report(NamedTuple):
    """How a connection ended: the state, its reason, and a line for the log, "" for none."""

    state: State
    reason: str
    sentence: str
    kind: Kind = Kind.PROBLEM


class Announcements:
    """Remembers what was said last, over all connections."""

    def __init__(self) -> None:
        self.withheld = False
        """Whether a connection is not announced before its server has done something."""
        self.full = False
        """Whether the last connection ended because its server was full."""
        self._said = ""  # why there was no connection, as the log says already
        self._farewell: ServerError | None = None  # why the server ends this connection

    def forget(self) -> None:
        """Repeat the next reason even if it is the same: a connection holds, or the user asks."""
        self._said, self.withheld, self.full = "", False, False

    def not_reached(self, reason: str) -> str:
        """Handle a connection that could not be made; return the line for the log, "" for none."""
        self.withheld = self.full = False
        return self._once(reason)

    def announces(self, event: object) -> bool:
        """Return whether an event shows that a connection that is withheld holds."""
        full = isinstance(event, ServerError) and event.code == FULL
        return self.withheld and not full and not isinstance(event, Ended)

    def server_error(self, error: ServerError) -> str:
        """Handle an error from the server; return the line for the log, "" for none."""
        sentence = _words(error)
        if error.code not in SENDS_AWAY:
            return sentence
        self._farewell = error
        return self._once(sentence)

    def ended(
        self,
        ended: Ended,
        *,
        missing: int | None,
        expected: int | None,
        silent: bool,
        draining: bool,
        raw: bool,
        plain: bool,
    ) -> Report:
        """Handle the end of a connection.

        Args:
            ended: The end.
            missing: Echoes that have not come; None if that is not known.
            expected: Echoes that should have come, likewise.
            silent: Whether the server never said anything.
            draining: Whether the server had said that it drains.
            raw: Whether the server is no reverb: those close when they have done what they were
                asked for.
            plain: Whether the connection was one without TLS where there could be TLS.
        """
        farewell, self._farewell = self._farewell, None
        self.full = farewell is not None and farewell.code == FULL
        self.withheld = silent or self.full
        sentence = ended.sentence(missing, expected or 0)
        if draining:
            lost = sentence if missing or ended.why else ""
            return Report(State.NOT_CONNECTED, "the server was draining", lost)
        may_close = raw and not ended.unsent
        in_order = ended.how is Ending.AS_ASKED or (ended.how is Ending.CLOSED and may_close)
        if in_order and not missing:
            return Report(State.CLOSED, "the connection is closed", sentence, Kind.NOTICE)
        if farewell is not None and not missing:
            sentence = _words(farewell)
        elif ended.how is Ending.CLOSED and silent:
            sentence = NO_WORD + (MAYBE_TLS if plain else "")
        return Report(State.BROKEN, sentence, self._once(sentence))

    def _once(self, reason: str) -> str:
        said, self._said = self._said, reason
        return "" if reason == said else reason


def _words(error: ServerError) -> str:
    return f"the server says: {error.sentence}"
