"""Who calls the server in these tests: a raw socket, so that nothing is read or kept unasked."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio

from reverb_server import Server


class Caller:
    """A client's end of a connection; what it has received waits in ``unread``."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.socket = sock
        self.unread = b""

    async def shout(self, data: bytes) -> None:
        """Send all of ``data``, however long it takes."""
        rest = memoryview(data)
        while rest:
            rest = rest[await self.send_some(rest) :]

    async def send_some(self, data: bytes | memoryview) -> int:
        """Send what goes, waiting until something does."""
        while True:
            try:
                return self.socket.send(data)
            except BlockingIOError:
                await anyio.wait_writable(self.socket)

    async def fill(self, data: bytes) -> None:
        """Send again and again, and read nothing, until nothing goes any more; in virtual time."""
        with anyio.move_on_after(1):
            while True:
                await self.send_some(data)

    async def read(self, limit: int = 262_144) -> bytes:
        """Read what is there, waiting until something is; ``b""`` at the end."""
        while True:
            try:
                return self.socket.recv(limit)
            except BlockingIOError:
                await anyio.wait_readable(self.socket)

    async def line(self) -> bytes:
        """Read one line, its LF included; what there is of it at the end."""
        while b"\n" not in self.unread:
            data = await self.read()
            if not data:
                break
            self.unread += data
        line, end, self.unread = self.unread.partition(b"\n")
        return line + end

    async def lines(self, count: int) -> list[bytes]:
        """Read as many lines."""
        return [await self.line() for _ in range(count)]

    async def timed_lines(self, count: int) -> list[tuple[float, bytes]]:
        """Read as many lines, each with the instant at which it was there."""
        timed = []
        for _ in range(count):
            line = await self.line()
            timed.append((anyio.current_time(), line))
        return timed

    async def rest(self) -> bytes:
        """Read everything up to the end."""
        chunks = [self.unread]
        self.unread = b""
        while data := await self.read():
            chunks.append(data)
        return b"".join(chunks)

    async def silence(self, seconds: float = 10) -> None:
        """Wait in virtual time, and see that nothing comes."""
        with anyio.move_on_after(seconds) as waiting:
            data = await self.read()
            assert not data, "it was not silent"
            raise AssertionError("the connection ended")
        assert waiting.cancelled_caught

    def hang_up(self) -> None:
        """Half-close: nothing more will be sent, receiving goes on."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Go away at once, with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@contextmanager
def call(server: Server) -> Iterator[Caller]:
    """Connect over TCP, with whatever buffers the machine gives."""
    with socket.create_connection(server.addresses[0]) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Caller(sock)


BUFFER = 106_496
"""Bytes asked of the kernel for each buffer: as large on every machine, and soon full."""


def unix_pair() -> tuple[socket.socket, socket.socket]:
    """Return two ends of a connection that holds as much on every machine."""
    pair = socket.socketpair()
    for end in pair:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    return pair


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Return two ends of a TCP connection that holds as much on every machine."""
    with socket.socket() as listener:
        ours = socket.socket()
        for sock in (listener, ours):
            for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                sock.setsockopt(socket.SOL_SOCKET, buffer, BUFFER)  # of what it accepts, too
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ours.connect(listener.getsockname())
        ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return ours, listener.accept()[0]


PAIRS = [unix_pair, tcp_pair]


@contextmanager
def joined(
    server: Server, pair: Callable[[], tuple[socket.socket, socket.socket]] = unix_pair
) -> Iterator[Caller]:
    """Let the server adopt one end of a pair, and call from the other."""
    ours, theirs = pair()
    server.adopt(theirs)
    with ours:
        yield Caller(ours)


def echoes(*shouts: bytes) -> list[bytes]:
    """All echoes of ASCII shouts, sorted, each with its LF."""
    return sorted(
        b"\t %s\n" % voiced for shout in shouts for voiced in (shout.upper(), shout, shout.lower())
    )


async def served(caller: Caller) -> None:
    """See that a client is served; the delay must be 0, or time virtual."""
    await caller.shout(b"Hello?\n")
    assert sorted(await caller.lines(3)) == echoes(b"Hello?")


def codes(data: bytes) -> list[str]:
    """The codes of the error lines in what came."""
    lines = [line for line in data.split(b"\n") if line.startswith(b"\x10")]
    return [json.loads(line[1:]).get("code", "") for line in lines]


def code(line: bytes) -> str:
    """The code of an error line, which must be one."""
    assert line.startswith(b"\x10"), line
    assert line.endswith(b"}\n"), line
    message: dict[str, Any] = json.loads(line[1:])
    assert message.keys() == {"reverb", "code", "error"}
    return str(message["code"])
