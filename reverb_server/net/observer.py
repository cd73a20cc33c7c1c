"""An observer of a server: told what its clients shout, and how their connections ended."""

from typing import Protocol

from reverb_server.net.connection_log import ConnectionRecord


class Observer(Protocol):
    """Called in the thread of the server, whose event loop waits until it returns.

    An error of `heard` ends the connection; one of `ended` is logged.
    """

    def heard(self, peer: str, data: bytes, instant: float) -> None:
        """Record whole lines, each ended by LF, that were shouted at one instant.

        In plain mode, which knows no lines, ``data`` is what one read brought. ``instant`` is in
        seconds of the event loop's clock.
        """
        ...

    def ended(self, record: ConnectionRecord) -> None:
        """Record how a connection ended, also one that was refused."""
        ...
