"""The observer of a session, and the session's states."""

from typing import Final, Literal, Protocol

from reverb_tui.connection.negotiation import ServerInfo
from reverb_tui.entry import Entry

State = Literal[
    "connecting", "connected", "input ended", "closed", "broken", "not connected", "waiting"
]

TALKING: Final = ("connected", "input ended")
"""The states in which there is a connection."""


class Observer(Protocol):
    """Observer of a session."""

    async def ready(self) -> None:
        """Wait until more may be read."""
        ...

    def show_state(self) -> None:
        """Show how the session stands: its ``state``, ``reason`` and ``again_at``."""
        ...

    def show_facts(self, info: ServerInfo) -> None:
        """Show what is known about the server."""
        ...

    def show_entries(self, entries: list[Entry]) -> None:
        """Show lines."""
        ...

    def show_unfinished(self, line: bytes) -> None:
        """Show text that does not end, ``b""`` if there is none; the question may have changed."""
        ...
