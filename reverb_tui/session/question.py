"""Text that has come and does not end: a question, or the first part of a line."""

from math import inf
from typing import Final

UNFINISHED: Final = 0.03
"""Seconds after which text that has not ended is a question, say, and no line in two reads."""

TRICKLE: Final = 0.1
"""Seconds after which it is one although more comes: a row of dots, say."""


class Question:
    """Decides when unfinished text is a question, and keeps one that was put into the log."""

    def __init__(self) -> None:
        self.standing = False
        """Whether what is unfinished is a question."""
        self.logged = b""
        """The question that is in the log already; b"" once it was answered or more followed it."""
        self._since = inf

    def heard(self, now: float, *, lines: bool, rest: bool) -> None:
        """Note that something came at ``now``, in seconds: whole lines, and an unfinished rest."""
        if lines or self._since == inf:
            self.standing, self._since = False, now
        elif now - self._since > TRICKLE:
            self.standing = True
        if not rest:
            self.standing, self._since = False, inf

    def forget(self) -> None:
        """Note the end of the connection that asked."""
        self.standing, self.logged = False, b""
