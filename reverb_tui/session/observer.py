"""The observer of a session, and the session's states."""

from enum import StrEnum
from typing import Final, Protocol

from reverb_tui.entry import Entry
from reverb_tui.protocol.negotiation import ServerInfo


class State(StrEnum):
    """How a session stands, as the screen calls it."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    DRAINING = "draining"
    INPUT_ENDED = "input ended"
    CLOSED = "closed"
    BROKEN = "broken"
    NOT_CONNECTED = "not connected"
    WAITING = "waiting"


TALKING: Final = (State.CONNECTED, State.DRAINING, State.INPUT_ENDED)
"""The states in which there is a connection."""


class Observer(Protocol):
    """Observer of a session."""

    async def ready(self) -> None:
        """Wait until more may be read."""
        ...

    def show_state(self) -> None:
        """Show how the session stands: its ``state``, ``reason`` and ``again_at``."""
        ...

    def show_info(self, info: ServerInfo) -> None:
        """Show what is known about the server."""
        ...

    def show_entries(self, entries: list[Entry]) -> None:
        """Show lines."""
        ...

    def show_unfinished(self, line: bytes) -> None:
        """Show text that does not end, ``b""`` if there is none; the question may have changed."""
        ...
