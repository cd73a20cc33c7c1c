"""The course of a connection: what its server sends, and what is due while it sends nothing."""

from collections.abc import AsyncIterator
from enum import Enum, auto
from typing import TypeAlias

import anyio

from reverb_tui.connection.client import Client
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.protocol.events import Event
from reverb_tui.session.handover import Handover, Step
from reverb_tui.session.question import UNFINISHED
from reverb_tui.session.stranger import Acquaintance


class Due(Enum):
    """Things to do while nothing comes."""

    DECIDE = auto()
    """Decide whether the server is a stranger."""
    QUESTION = auto()
    """Show text that has not ended: nothing follows it."""


Occurrence: TypeAlias = Event | Step | Due


async def occurrences(
    client: Client, acquaintance: Acquaintance, handover: Handover, flights: Flights
) -> AsyncIterator[Occurrence]:
    """Iterate over what happens, until the connection ends or is to be left.

    Args:
        client: The connection.
        acquaintance: Says when to decide about the server.
        handover: Says when its next step is due.
        flights: The echoes in the air.
    """
    events = client.events()
    waits = 0  # in which nothing came; after a busy time one alone may not have looked at all
    while True:
        event = None
        step_at = handover.deadline(flights.missing, client.info.delay)
        deadline = min(acquaintance.decide_at, step_at)
        if client.unfinished and waits < 2:
            deadline = min(deadline, anyio.current_time() + UNFINISHED / 2)
        with anyio.CancelScope(deadline=deadline):
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
        now = anyio.current_time()
        if event is not None:
            waits = 0
            yield event
        elif now >= acquaintance.decide_at:
            yield Due.DECIDE
        elif step := handover.due(now, flights.missing, client.info.delay):
            if step is Step.LEAVE:
                return
            yield step
        else:
            waits += 1
            if waits == 2:
                yield Due.QUESTION
