"""Output to a terminal, at its own speed; nothing waits for it, but for a moment at the end.

A terminal may take nothing at all (Ctrl-S, a stopped ssh, a screen that is scrolled back), or a few
kilobytes a second. What it does not take waits here, up to a bound; beyond that, whole pieces are
left out, and once there is room again, the screen has to be drawn completely.
"""

import os
import select
import termios
import time
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

MOST_WAITING: Final = 16_384
"""Bytes that may wait before the next piece is left out."""

RETRY_AFTER: Final = 0.05
"""Seconds before the next try, where a terminal was said to have room and took nothing."""

CANCEL: Final = b"\x18"
"""CAN ends an unfinished control sequence without carrying it out."""

CLIPBOARD: Final = b"\x1b]52;"
"""A copy is never left out, but a newer one takes the place of one that still waits."""


class Output:
    """Sends pieces (frames, controls) whole and in order to a descriptor that never blocks.

    ``redraw`` is called when there is room again after a piece was left out.
    """

    def __init__(
        self, descriptor: int, loop: AbstractEventLoop, redraw: Callable[[], object]
    ) -> None:
        self.held = False
        """Whether nothing is sent, until `discard` or `finish`; a signal's handler may set it."""
        self._descriptor = descriptor
        self._loop = loop
        self._redraw = redraw
        self._pieces: deque[bytes] = deque()
        self._sent = 0  # bytes of the first piece
        self._since = 0.0  # when it last took something, or got something to take
        self._incomplete = False
        self._gone = False

    @property
    def waiting(self) -> int:
        """Bytes that the terminal has yet to take."""
        return sum(map(len, self._pieces)) - self._sent

    def put(self, piece: bytes) -> bool:
        """Send a piece, or let it wait; return whether it will be sent at all."""
        if self._gone:
            return False
        if _is_copy(piece):
            begun = [self._pieces.popleft()] if self._sent else []
            self._pieces = deque(begun + [each for each in self._pieces if not _is_copy(each)])
        elif self._incomplete or self.waiting > MOST_WAITING:
            self._incomplete = True
            return False
        self._pieces.append(piece)
        if len(self._pieces) == 1:
            self._since = time.monotonic()
            self._send()
            self._watch()
        return True

    def discard(self) -> None:
        """Forget what waits."""
        self._loop.remove_writer(self._descriptor)
        self._pieces.clear()
        self._sent = 0
        self._incomplete = self.held = False

    def finish(self, last: bytes, seconds: float, *, may_flush: bool) -> bytes | None:
        """Send ``last`` instead of what waits, and return what is left out for it.

        If the terminal takes nothing for so many seconds, also of those that have passed, or does
        not take it all in them, what its driver still holds is discarded to make room, where it may
        be; then nobody knows what is left out: None.
        """
        self.held = False
        waited = time.monotonic() - self._since if self._pieces else 0.0
        cut = self._sent > 0 and not _is_copy(self._pieces[0])
        copies = [each for each in self._pieces if _is_copy(each)]
        left_out = b"".join(each for each in self._pieces if not _is_copy(each))
        if cut:
            self._sent = 0
            copies.insert(0, CANCEL)
        self._pieces = deque([*copies, last])
        complete = self._sent_within(seconds - waited)
        if not complete and may_flush:
            with suppress(termios.error):
                termios.tcflush(self._descriptor, termios.TCOFLUSH)
            self._pieces = deque([CANCEL + last])
            self._sent = 0
            self._sent_within(RETRY_AFTER)
        self.discard()
        return left_out if complete else None

    def _sent_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self._send():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            select.select([], [self._descriptor], [], left)
        return True

    def _send(self) -> bool:
        """Send what is taken now; return whether that is all."""
        try:
            while self._pieces and not self.held:  # a signal can come between two writes
                piece = self._pieces[0]
                self._sent += os.write(self._descriptor, memoryview(piece)[self._sent :])
                self._since = time.monotonic()
                if self._sent == len(piece):
                    self._pieces.popleft()
                    self._sent = 0
        except BlockingIOError:
            return False
        except OSError:  # the terminal was closed: its signal, or the end of input, ends the client
            self._gone = True
            self._pieces.clear()
            self._sent = 0
        return not self._pieces

    def _watch(self) -> None:
        if self._pieces:
            self._loop.add_writer(self._descriptor, self._go_on)

    def _go_on(self) -> None:
        before = self.waiting
        if self._send():
            self._loop.remove_writer(self._descriptor)
            if self._incomplete:
                self._incomplete = False
                self._redraw()
        elif self.waiting == before:  # there was said to be room, and there is none
            self._loop.remove_writer(self._descriptor)
            self._loop.call_later(RETRY_AFTER, self._watch)


def _is_copy(piece: bytes) -> bool:
    return piece.startswith(CLIPBOARD)
