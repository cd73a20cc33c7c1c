"""How far a terminal is behind, from questions that it answers in turn.

A terminal tells nobody how much of what it was sent it has drawn; on Linux a pseudo-terminal says
that nothing waits while it holds 20 KB, a second of output for a terminal that takes 20 KB/s. But
every terminal answers a question once it has drawn what was sent before it. So each frame ends
with a question, and from the instants of the answers follows when the next frame may go. In a
flood, over 20 KB/s, a key was seen after 0.9 s without this, and is after 0.02 s with it.

All instants and times are seconds, on one clock.
"""

from collections import deque
from math import inf
from typing import Final

QUICK: Final = 0.03
"""What a frame may take: a key has to be seen 0.05 s after it was pressed, and may meet a frame."""

SHARE: Final = 0.1
"""The part of the time for frames that take longer: so nine keys in ten meet none."""

SPARE: Final = 1.0
"""How much of the time not used for such frames is kept, for a few frames without a wait."""

LONGEST: Final = 1.5
"""A frame has to wait at most for this, however much was drawn before."""

SLOW: Final = 10.0
"""For so long after such a frame no two are on their way at once."""

LARGE: Final = 0.05
"""A frame that takes as long is worth a wait: a busy machine's may take a little too long, too."""

TYPING: Final = 0.5
"""For so long after a key such a frame waits: there is likely to be another key."""

TYPED: Final = 3.0
"""But at most for so long after the last one, however much is typed."""

LOST: Final = 5.0
"""After so much silence the answers are lost; if none ever came, the terminal answers nothing."""


class Pace:
    """Says when a terminal may be sent a frame that can wait, and when to ask it a question."""

    def __init__(self) -> None:
        self._asked: deque[float] = deque()  # the questions that have no answer yet
        self._way = inf  # the shortest time to an answer: what the way takes without any frame
        self._last = -inf  # when the last answer came
        self._slow = -inf  # when the last answer came that took long
        self._large = -inf  # and when one that took very long
        self._not_before = -inf  # the time for frames is used up until then
        self._mute = False

    def waiting(self, now: float) -> bool:
        """Whether there are answers to come."""
        if self._asked and now - max(self._asked[0], self._last) > LOST:
            self._mute = self._way == inf
            self._asked.clear()
        return bool(self._asked)

    @property
    def curious(self) -> bool:
        """Whether to ask; before the first answer one question is enough."""
        return not self._mute and not (self._asked and self._way == inf)

    def asked(self, now: float) -> None:
        """Take that a question was asked."""
        self._asked.append(now)

    def answered(self, now: float) -> None:
        """Take that the terminal has answered, and so has drawn what came before the question."""
        if not self._asked:
            return
        asked = self._asked.popleft()
        self._way = min(self._way, now - asked)
        if now - asked - self._way > QUICK:
            busy = now - max(asked + self._way, self._last)
            used = max(self._not_before, now - SPARE) + busy / SHARE
            self._not_before = min(used, now + LONGEST)
            self._slow = now
            self._large = now if busy > LARGE else self._large
        self._last = now

    def pressed(self, now: float) -> None:
        """Take that a key was pressed."""
        if now - self._large < SLOW:
            self._not_before = max(self._not_before, min(now + TYPING, self._large + TYPED))

    def ready(self, now: float) -> bool:
        """Whether a frame may be sent that can wait."""
        waiting = self.waiting(now)
        if self._way == inf:
            return True
        if waiting and (now - self._slow < SLOW or now - self._asked[0] - self._way > QUICK):
            return False
        return now >= self._not_before
