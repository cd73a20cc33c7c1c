"""When to end the client's own side of a connection whose server drains.

A server ends it after its last echo. One that goes on serving for a while (a lame duck), or has
forgotten to, would wait for the client, and the client for the server.
"""

from typing import Final

from reverb_server.core.control import DELAY_MAX

CODE: Final = "draining"
"""The code of the error with which a server says that it drains."""

ANSWERED_WITHIN: Final = 2.0
"""Seconds in which the server after it may say what it is, before it is sent anything."""

GRACE: Final = 0.3
"""Seconds after the last echo in which the server may end the connection."""

LAST_WORDS: Final = 5.0
"""Seconds after the half-close in which it may, longer than a way there and back."""


class Leaving:
    """The way out of one connection, from the word of the server on.

    All instants are seconds on one clock.
    """

    def __init__(self, now: float) -> None:
        self._since = now
        self.half_closed = False
        """Whether the client has ended its side."""

    def came(self, now: float) -> None:
        """Note that something came."""
        self._since = now

    def half_close(self, now: float) -> None:
        """Note that the client ends its side now."""
        self.half_closed, self._since = True, now

    def deadline(self, missing: int | None, delay: float | None) -> float:
        """Return when to take the next step if nothing comes: half-close, then close.

        Between two echoes there is never more than the delay, None if that is not known: so after
        a longer silence those that are ``missing`` (None: unknown) will not come.
        """
        patience = LAST_WORDS if self.half_closed else GRACE
        if missing != 0:
            patience += DELAY_MAX if delay is None else delay
        return self._since + patience
