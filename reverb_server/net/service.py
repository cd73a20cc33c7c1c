"""A server, or several that serve as one, as a command and its admin address see it."""

from collections.abc import AsyncGenerator
from typing import Protocol

from reverb_server.net.figures import ConnectionState, Figures
from reverb_server.net.listening import Listening
from reverb_server.settings import Settings


class Service(Protocol):
    """A server that is running, in this process or in others."""

    @property
    def settings(self) -> Settings:
        """How it listens and echoes."""
        ...

    @property
    def listening(self) -> Listening:
        """Where it listens."""
        ...

    @property
    def lost(self) -> int:
        """Shouts that lost an echo because a stop did not wait for them any longer."""
        ...

    @property
    def ill(self) -> str:
        """Why no client should be sent to it now; empty if it is well."""
        ...

    async def figures_in_turns(self) -> Figures:
        """Return its figures, while echoes leave in time."""
        ...

    def connection_states_in_turns(self, most: int) -> AsyncGenerator[list[ConnectionState], None]:
        """Yield what each connection does, at most so many at a time."""
        ...

    async def reload_certificate(self) -> None:
        """Read the certificate files again. Raises CannotListen, and goes on with what it had."""
        ...

    async def drain(self) -> None:
        """Stop listening, after its time as a lame duck; send what is pending, and end."""
        ...

    def hurry(self) -> None:
        """Skip the rest of a lame duck; during a drain, cut what is pending."""
        ...
