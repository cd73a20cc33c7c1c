"""State shared by all connections of a server."""

from collections.abc import Callable
from dataclasses import dataclass

from reverb_server.core.bound import Bound
from reverb_server.settings import Settings
from reverb_server.shell.backend import Once
from reverb_server.shell.clock import Clock
from reverb_server.shell.watch import Watch


@dataclass(frozen=True, slots=True)
class Shared:
    """The server's part of a connection; ``once`` makes the events it waits for."""

    settings: Settings
    bound: Bound
    clock: Clock
    watch: Watch
    once: Callable[[], Once]
