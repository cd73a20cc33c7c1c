"""The wish of the user: one server, connected or not."""

from reverb_server.address_syntax import Address
from reverb_tui.connection.targets import AnyTarget, Embedded, target_of


class Wish:
    """Which server, with which delay and mode, and whether to be connected to it.

    Args:
        target: The first server.
        delay: The delay to ask it for, in seconds; None is its own.
        mode: The mode, likewise.
        reconnects: Whether a connection that broke is made again without being asked for.
    """

    def __init__(
        self, target: AnyTarget, delay: float | None, mode: str | None, *, reconnects: bool
    ) -> None:
        self.target = target
        """The server."""
        self.delay = delay
        self.mode = mode
        self.connected = True
        """Whether there is to be a connection at all."""
        self.again = reconnects
        """Whether this connection is made again if it breaks."""
        self._reconnects = reconnects
        self._first = target
        self._next: AnyTarget | None = None  # the server to go to, where it is another one

    def connect(self, where: Address | Embedded | None) -> bool:
        """Want a connection, to the same server if it is None; return whether to another one."""
        if where is not None:
            self._next = target_of(where, self.target, self._first)
        self.retry()
        self.connected = True
        return where is not None and self._next != self.target

    def retry(self) -> None:
        """Want this connection to be made again if it breaks, where that is wanted of any."""
        self.again = self._reconnects

    def ask(self, delay: float | None, mode: str | None) -> None:
        """Want a delay, or a mode, on the connections after this one as well."""
        self.delay = self.delay if delay is None else delay
        self.mode = mode or self.mode

    def turn(self) -> bool:
        """Go to the next server, for its own delay and mode; return whether there is one."""
        if self._next is None:
            return False
        self.target, self._next = self._next, None
        self.delay = self.mode = None
        return True
