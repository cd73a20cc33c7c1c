"""The addresses by which other machines reach this one."""

import errno
import socket
from collections.abc import Sequence
from typing import ClassVar

import pytest

from reverb_server.net.own_addresses import reachable_addresses

V4 = "192.168.1.5"
V6 = "fd00::5"


class Route:
    """A datagram socket of a machine that has an address for each family, or no route."""

    own: ClassVar[dict[int, str]] = {}

    def __init__(self, family: int, kind: int) -> None:
        assert kind == socket.SOCK_DGRAM
        self._family = family
        self._blocking = True

    def __enter__(self) -> "Route":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def setblocking(self, blocking: bool) -> None:
        self._blocking = blocking

    def connect(self, address: tuple[str, int]) -> None:
        assert not self._blocking
        if self._family not in self.own:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    def getsockname(self) -> tuple[str, int]:
        return self.own[self._family], 40_000


@pytest.mark.parametrize(
    ("hosts", "own", "found"),
    [
        (["0.0.0.0"], {socket.AF_INET: V4, socket.AF_INET6: V6}, [V4]),
        (["::"], {socket.AF_INET: V4, socket.AF_INET6: V6}, [V6]),
        (["0.0.0.0", "::"], {socket.AF_INET: V4, socket.AF_INET6: V6}, [V4, V6]),
        (["0.0.0.0", "::"], {socket.AF_INET: V4}, [V4]),
        (["0.0.0.0", "::"], {}, []),
        (["127.0.0.1", "::1"], {socket.AF_INET: V4, socket.AF_INET6: V6}, []),
        (["192.168.1.7"], {socket.AF_INET: V4}, []),
        (["0.0.0.0", "::"], {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}, []),
        (["0.0.0.0", "::"], {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "fe80::1%eth0"}, []),
        ([], {socket.AF_INET: V4}, []),
    ],
)
def test_a_wildcard_has_the_addresses_that_the_machine_is_reached_by(
    monkeypatch: pytest.MonkeyPatch, hosts: Sequence[str], own: dict[int, str], found: list[str]
) -> None:
    monkeypatch.setattr(Route, "own", own)
    monkeypatch.setattr(socket, "socket", Route)
    assert reachable_addresses(hosts) == found
