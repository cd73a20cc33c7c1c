"""Where a server listens, as its sockets say."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from reverb_server.errors import ReverbError
from reverb_server.net.connection_log import listener_name, peer_name

IP: Final = (socket.AF_INET, socket.AF_INET6)


class NoPort(ReverbError):
    """The server does not listen on a TCP port."""


@dataclass(frozen=True, slots=True)
class Listening:
    """All that a server listens on."""

    addresses: tuple[tuple[str, int], ...]
    """Every (address, port) it really listens on."""
    unix_paths: tuple[str, ...]
    """Every path of a Unix socket; Linux' abstract ones begin with ``@``."""

    @classmethod
    def on(cls, listeners: Iterable[socket.socket]) -> Self:
        """Return where the listeners listen."""
        names = [(listener.family, listener.getsockname()) for listener in listeners]
        return cls(
            tuple(name[:2] for family, name in names if family in IP),
            tuple(listener_name(name) for family, name in names if family not in IP),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All of it, as it is written: ``127.0.0.1:8000``, or a path."""
        return (*map(peer_name, self.addresses), *self.unix_paths)

    @property
    def port(self) -> int:
        """The TCP port, the first if there are several. Raises NoPort."""
        if not self.addresses:
            where = f"on {' and '.join(self.names)}" if self.names else "nowhere"
            raise NoPort(f"the server has no port: it listens {where}")
        return self.addresses[0][1]

    @property
    def is_exposed(self) -> bool:
        """Whether other machines can reach it."""
        return not all(
            ipaddress.ip_address(host.partition("%")[0]).is_loopback for host, _ in self.addresses
        )
