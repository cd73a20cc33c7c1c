"""The signals that end the client, heard from its beginning to its end."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Final

SIGNALS: Final = tuple(
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    if (number := getattr(signal, name, None)) is not None
)


class EndSignals:
    """Remembers a signal that came before anybody could act on it.

    That is while the screen begins: the terminal is no shell's any more then, and what ended the
    client would leave it so. And while the client is stopped: it goes on only to end.
    """

    def __init__(self) -> None:
        self.asked_by = 0
        """The number of the last signal, 0 for none."""
        self._tell: Callable[[int], object] | None = None
        for number in SIGNALS:
            signal.signal(number, self._take)

    def listen(self, tell: Callable[[int], object]) -> None:
        """Call ``tell`` for a signal that has come already, and in the handler of each to come."""
        self._tell = tell
        if self.asked_by:
            tell(self.asked_by)

    def leave(self) -> None:
        """Ignore signals from now on: the client is ending, and its last output takes a moment."""
        self._tell = None

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.asked_by = number
        if self._tell is not None:
            self._tell(number)
