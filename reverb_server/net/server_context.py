"""State shared by all connections of a server."""

from collections.abc import Callable
from dataclasses import dataclass

from reverb_server.core.memory_budget import MemoryBudget
from reverb_server.net.clock import Clock
from reverb_server.net.eventloop import OneShot
from reverb_server.net.poller import Poller
from reverb_server.settings import Settings


@dataclass(frozen=True, slots=True)
class ServerContext:
    """The server's part of a connection; ``one_shot`` makes the events it waits for."""

    settings: Settings
    budget: MemoryBudget
    clock: Clock
    poller: Poller
    one_shot: Callable[[], OneShot]
