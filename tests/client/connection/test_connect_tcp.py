"""What a TCP connection to a server is like, and what is none."""

import errno
import os
import socket
from typing import Any

import pytest

from reverb_tui.connection.connect import CannotConnect, connect
from reverb_tui.connection.targets import Target

LINUX = {
    "TCP_KEEPIDLE": 60,
    "TCP_KEEPINTVL": 10,
    "TCP_KEEPCNT": 6,
    "TCP_USER_TIMEOUT": 120_000,
}


async def options_of(target: Target, patience: float) -> dict[str, int]:
    """Connect, and return what the kernel was told of the connection."""
    stream = await connect(target, patience)
    with socket.socket(fileno=os.dup(stream.fileno())) as sock:
        stream.close()
        found = {"SO_KEEPALIVE": sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)}
        for name in LINUX:
            if hasattr(socket, name):
                found[name] = sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
    return found


@pytest.mark.parametrize("patience", [0, 60])
async def test_a_server_that_is_gone_without_a_word_is_found_out(patience: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = await options_of(Target(*listener.getsockname()), patience)
    assert found.pop("SO_KEEPALIVE")
    expected = {name: value for name, value in LINUX.items() if hasattr(socket, name)}
    if not patience:  # it may read nothing for as long as its echoes take
        expected = {**expected, "TCP_USER_TIMEOUT": 0}
    assert {name: expected[name] for name in found} == found


class SelfMade(socket.socket):
    """One whose own port is by chance the one that it connects to."""

    def connect_ex(self, address: object) -> int:
        self.bind(address)  # type: ignore[arg-type]
        return super().connect_ex(address)  # type: ignore[arg-type]


async def test_a_connection_to_itself_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        target = Target(*sock.getsockname())
    monkeypatch.setattr(socket, "socket", SelfMade)
    with pytest.raises(CannotConnect, match="nothing is listening there"):
        await connect(target)


class Reset(socket.socket):
    """A socket to a server that listens on IPv4 alone, and resets what it took at once."""

    def connect_ex(self, address: Any) -> int:
        return errno.ECONNRESET if self.family == socket.AF_INET else errno.ECONNREFUSED


async def test_a_server_that_resets_at_once_is_not_said_to_be_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "socket", Reset)
    with pytest.raises(CannotConnect, match="the other side reset the connection at once"):
        await connect(Target("localhost", 1))
