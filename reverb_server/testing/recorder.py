"""A record of all that a server heard, for tests that wait for it in any thread or event loop."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Condition
from typing import Final, TypeVar

import anyio

from reverb_server.errors import ReverbError
from reverb_server.net.connection_log import ConnectionRecord
from reverb_server.net.eventloop import call_soon

PATIENCE: Final = 10.0
"""Seconds that a wait takes at the most, unless a test says otherwise."""

TOLD: Final = 10
"""Shouts that a failure tells at the most, the last ones."""

Found = TypeVar("Found")


class NotHeard(ReverbError, AssertionError):
    """A text was not heard in time; the sentence says what was heard instead."""


class NotEnded(ReverbError, AssertionError):
    """Connections have not ended in time."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A shout, or in plain mode what one read brought."""

    peer: str
    """The client that shouted: ``127.0.0.1:40123``, or ``unix``."""
    text: bytes
    """Its bytes, without the line ending."""
    instant: float
    """When it was heard, in seconds of the server's clock: that of its event loop, which is
    `time.monotonic` on asyncio."""


class Recorder:
    """An observer that remembers everything, and wakes whoever waits for it.

    Every thread may use it. Hand it to `reverb_server.running` or `running_in_thread`; ``plain``
    says that the server is in plain mode, whose reads are no lines.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self._shouts: list[Heard] = []
        self._records: list[ConnectionRecord] = []
        self._changed = Condition()
        self._wakers: set[Callable[[], object]] = set()

    @property
    def shouts(self) -> list[Heard]:
        """All that was heard, in that order."""
        with self._changed:
            return self._shouts.copy()

    @property
    def records(self) -> list[ConnectionRecord]:
        """The record of each connection that has ended, in that order."""
        with self._changed:
            return self._records.copy()

    # Called by the server, in its thread

    def heard(self, peer: str, data: bytes, instant: float) -> None:
        """Remember shouts."""
        texts = [data] if self._plain else data.split(b"\n")[:-1]
        with self._changed:
            self._shouts += [Heard(peer, text, instant) for text in texts]
            self._wake()

    def ended(self, record: ConnectionRecord) -> None:
        """Remember a connection that ended."""
        with self._changed:
            self._records.append(record)
            self._wake()

    # Called by tests

    def wait_heard(self, text: bytes, timeout: float = PATIENCE) -> Heard:
        """Wait until a shout is ``text``, at most ``timeout`` seconds, and return the first one.

        In plain mode: until ``text`` is among all that one client sent. Raises NotHeard.
        """
        found = self._wait(partial(self._find, text), timeout)
        if found is None:
            raise self._not_heard(text, timeout)
        return found

    async def heard_soon(self, text: bytes, timeout: float = PATIENCE) -> Heard:  # noqa: ASYNC109
        """Wait as `wait_heard` does, in an event loop of asyncio or trio. Raises NotHeard."""
        found = await self._wait_soon(partial(self._find, text), timeout)
        if found is None:
            raise self._not_heard(text, timeout)
        return found

    def wait_ended(self, count: int = 1, timeout: float = PATIENCE) -> list[ConnectionRecord]:
        """Wait until so many connections have ended, and return their records. Raises NotEnded."""
        found = self._wait(partial(self._find_ended, count), timeout)
        if found is None:
            raise self._not_ended(count, timeout)
        return found

    async def ended_soon(
        self,
        count: int = 1,
        timeout: float = PATIENCE,  # noqa: ASYNC109
    ) -> list[ConnectionRecord]:
        """Wait as `wait_ended` does, in an event loop of asyncio or trio. Raises NotEnded."""
        found = await self._wait_soon(partial(self._find_ended, count), timeout)
        if found is None:
            raise self._not_ended(count, timeout)
        return found

    def _wait(self, find: Callable[[], Found | None], timeout: float) -> Found | None:
        with self._changed:
            self._changed.wait_for(lambda: find() is not None, timeout)
            return find()

    async def _wait_soon(self, find: Callable[[], Found | None], timeout: float) -> Found | None:  # noqa: ASYNC109
        call = call_soon()
        with anyio.move_on_after(timeout):
            while True:
                changed = anyio.Event()
                waker = partial(call, changed.set)
                with self._changed:
                    found = find()
                    if found is not None:
                        return found
                    self._wakers.add(waker)
                try:
                    await changed.wait()
                finally:
                    with self._changed:
                        self._wakers.discard(waker)
        return None

    def _wake(self) -> None:
        self._changed.notify_all()
        for waker in self._wakers:
            with suppress(RuntimeError):  # an event loop that has ended
                waker()

    def _find(self, text: bytes) -> Heard | None:
        sent: dict[str, bytes] = {}
        for each in self._shouts:
            if self._plain:
                sent[each.peer] = sent.get(each.peer, b"") + each.text
                if text in sent[each.peer]:
                    return each
            elif each.text == text:
                return each
        return None

    def _find_ended(self, count: int) -> list[ConnectionRecord] | None:
        return self._records.copy() if len(self._records) >= count else None

    def _not_heard(self, text: bytes, timeout: float) -> NotHeard:
        shouts = self.shouts
        told = [repr(each.text) for each in shouts[-TOLD:]]
        if len(shouts) > TOLD:
            told.insert(0, f"{len(shouts) - TOLD} others")
        instead = ", ".join(told) or "nothing"
        return NotHeard(f"{text!r} was not heard within {timeout:g} s; heard instead: {instead}")

    def _not_ended(self, count: int, timeout: float) -> NotEnded:
        ended = len(self.records)
        return NotEnded(
            f"{ended} of {count} connections ended within {timeout:g} s: close them in the client"
        )
