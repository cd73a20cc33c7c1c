"""The last moments of a listener: who has connected is served, and nobody else connects."""

import errno
import select
import socket
import sys
from pathlib import Path

import pytest

from reverb_server.net.listeners import UnixListener, listen
from reverb_server.net.withdrawing import HANDSHAKE, withdraw

AT_ONCE = 0.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs the packet filter of Linux")


def calling(listener: socket.socket) -> socket.socket:
    """Begin to connect to a listener, and wait for nothing."""
    sock = socket.socket(listener.family)
    sock.setblocking(False)
    assert sock.connect_ex(listener.getsockname()) in (0, errno.EINPROGRESS)
    return sock


def connected(sock: socket.socket) -> bool:
    return bool(select.select([], [sock], [], 0)[1])


@pytest.mark.parametrize(
    ("host", "seconds"), [("127.0.0.1", 0), ("::1", 0), ("0.0.0.0", HANDSHAKE), ("::", HANDSHAKE)]
)
async def test_nobody_connects_any_more_and_who_waits_can_be_accepted(
    host: str, seconds: float
) -> None:
    (listener,) = await listen(host, 0)
    with listener:
        before = [calling(listener) for _ in range(3)]
        assert all(map(connected, before))
        assert withdraw([listener]) == seconds
        after = calling(listener)
        assert not connected(after)
        for _ in before:
            sock, _ = listener.accept()
            sock.sendall(b"served")
            sock.close()
        with pytest.raises(BlockingIOError):
            listener.accept()
    for sock in before:
        sock.setblocking(True)
        assert sock.recv(100) == b"served"
    for sock in (*before, after):
        sock.close()


async def test_a_unix_socket_loses_its_path_first(tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    with UnixListener(path) as listener, socket.socket(socket.AF_UNIX) as sock:
        listener.listen()
        sock.connect(str(path))
        assert withdraw([listener]) == AT_ONCE
        assert not path.exists()
        listener.accept()[0].close()
        assert sock.recv(1) == b""
