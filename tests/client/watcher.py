"""An observer for tests of a session."""

import socket

import anyio

from reverb_tui.connection.targets import AnyTarget, Target
from reverb_tui.entry import Entry
from reverb_tui.options import Options
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.session.session import Session


class Watcher:
    """An observer that writes down what it is shown, and when."""

    def __init__(self) -> None:
        self.session: Session
        self.states: list[tuple[float, str]] = []
        self.entries: list[Entry] = []
        self.info: list[ServerInfo] = []
        self.begin = anyio.current_time()
        self._changed = anyio.Event()

    async def ready(self) -> None:
        pass

    async def rest(self) -> None:
        """Wait until there is no connection, and none to wait for."""
        while not self.states or self.session.state not in ("closed", "broken", "not connected"):
            self._changed = anyio.Event()
            await self._changed.wait()

    def show_state(self) -> None:
        self._changed.set()
        self.states.append((round(anyio.current_time() - self.begin), self.session.state))

    def show_info(self, info: ServerInfo) -> None:
        self.info.append(info)

    def show_entries(self, entries: list[Entry]) -> None:
        self.entries += entries

    def show_unfinished(self, line: bytes) -> None:
        pass

    def tries(self) -> list[float]:
        return [instant for instant, state in self.states if state == "connecting"]


def watched(target: AnyTarget, options: Options = Options()) -> tuple[Session, Watcher]:
    watcher = Watcher()
    session = watcher.session = Session(target, options, watcher)
    return session, watcher


def nobody() -> Target:
    """An address where nothing listens, unless a test does."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    host, port = sock.getsockname()
    sock.detach()  # bound until this process ends, so that no neighbour gets the port meanwhile
    return Target(host, port)
