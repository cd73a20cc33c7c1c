"""How much of what a terminal was sent it has not drawn, from questions that it answers in turn.

A terminal tells nobody how much of what it was sent it has drawn; on Linux a pseudo-terminal says
that nothing waits while it holds 20 KB, a second of output for a terminal that takes 20 KB/s, and
behind ssh that can be megabytes. But every terminal answers a question once it has drawn what was
sent before it. So each frame ends with a question, and what can wait is not drawn while more than
`WINDOW` is unanswered. A terminal that keeps up is never waited for: there is nothing to wait for
once it has answered.

All instants and times are seconds, on one clock.
"""

from collections import deque
from typing import Final

WINDOW: Final = 1500
"""Characters on their way that are no reason to wait: more than keys and single lines take."""

ANSWER_WITHIN: Final = 1.0
"""After so much silence answers are lost: nothing waits for them any more."""


class FrameGate:
    """Says whether to draw what can wait, and whether to ask the terminal a question."""

    def __init__(self) -> None:
        self._sent = 0  # characters
        self._drawn = 0
        self._asked: deque[tuple[int, float]] = deque()  # questions without an answer
        self._last = 0.0  # when the last answer came
        self._answers = False  # whether one ever came

    def sent(self, characters: int) -> None:
        """Count what the terminal is sent."""
        self._sent += characters

    def asked(self, now: float) -> None:
        """Record a question."""
        self._asked.append((self._sent, now))

    def answered(self, now: float) -> None:
        """Record an answer: the terminal has drawn what came before the question."""
        if self._asked:
            self._drawn, _ = self._asked.popleft()
            self._last = now
            self._answers = True

    @property
    def curious(self) -> bool:
        """Whether to ask; before the first answer one question is enough."""
        return self._answers or not self._asked

    def waiting(self, now: float) -> bool:
        """Return whether there are answers to come."""
        if self._asked and now - max(self._asked[0][1], self._last) > ANSWER_WITHIN:
            self._drawn = self._sent
            if self._answers:
                self._asked.clear()
            return False
        return bool(self._asked)

    def ready(self, now: float) -> bool:
        """Return whether to draw what can wait."""
        behind = self.waiting(now) and self._sent - self._drawn > WINDOW
        return not (behind and self._answers)
