"""A queue that has each key acted on to its end before the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from textual.app import App
from textual.message_pump import MessagePump
from textual.widget import Widget

from reverb_tui.type_ahead import Input

LIMIT: Final = 0.5
"""Seconds after which the next key is acted on, even if something is still busy with this one."""


class KeyQueue:
    """Keys and pastes that wait until the one before them was acted on.

    Textual looks at a key in the app, hands it to the widget with the focus by a message, and from
    there up to whatever it is in: meanwhile the app would look at the next one already. Of what
    comes in one burst Enter or Ctrl-C would then overtake what was typed before it.

    Args:
        app: The app.
        act: Does the app's part of an event; the rest goes through messages.
        edits: Tells of an event that the line of text with the focus acts on and nothing else.
            Such keys keep their order anyway, and cost half as much without waiting.
    """

    def __init__(
        self,
        app: App[Any],
        act: Callable[[Input], Awaitable[None]],
        edits: Callable[[Input], bool],
    ) -> None:
        self._app = app
        self._act = act
        self._edits = edits
        self._waiting: deque[Input] = deque()
        self._limit: asyncio.TimerHandle | None = None  # runs while something is waited for
        self._number = 0  # of what is waited for
        self._receiver: Widget | None = None  # of the last event
        self._unsettled: list[MessagePump] = []  # may not have acted on what they were sent

    async def put(self, event: Input) -> None:
        """Act on an event, now or in its turn."""
        self._waiting.append(event)
        if self._limit is None:
            await self._go_on()

    async def _go_on(self) -> None:
        """Act on what waits, until something has to be waited for."""
        self._limit = None
        while self._waiting and self._limit is None:
            receiver = self._app.focused or self._app.screen
            event = self._waiting[0]
            if receiver is not self._receiver:  # whatever moved the focus may have posted to it
                self._receiver = receiver
                self._unsettled = _way(receiver)
            if self._edits(event):
                self._unsettled = self._unsettled or [receiver]
                await self._act(self._waiting.popleft())
            elif self._unsettled:
                self._wait_for(self._unsettled)
                self._unsettled = []
            else:
                await self._act(self._waiting.popleft())
                # One that was not forwarded, the app has acted on by now.
                self._wait_for(_way(receiver) if event.is_forwarded else [])

    def _wait_for(self, path: Sequence[MessagePump]) -> None:
        """Wait until each on the path, and then the app, has acted on what it was sent before."""
        self._limit = asyncio.get_running_loop().call_later(LIMIT, self._done, self._number)
        self._follow([node for node in path if node is not self._app], self._number)

    def _follow(self, path: Sequence[MessagePump], number: int) -> None:
        for index, receiver in enumerate(path, 1):
            if receiver.call_later(self._follow, path[index:], number):
                return
        self._done(number)

    def _done(self, number: int) -> None:
        """Go on, once the app has acted on what it was sent before."""
        if number == self._number and self._limit is not None:
            self._number += 1
            self._limit.cancel()
            self._app.call_later(self._go_on)


def _way(receiver: Widget) -> list[MessagePump]:
    """Return the receiver twice: at the second time what it posted while it acted is on its way."""
    return [receiver, *receiver.ancestors_with_self]
