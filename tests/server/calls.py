"""Who calls the server in these tests: a raw socket, so that nothing is read or kept unasked."""

import json
import socket
import struct
from collections.abc import Iterator
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
def call(
    server: Server, *, send_buffer: int | None = None, receive_buffer: int | None = None
) -> Iterator[Caller]:
    """Connect over TCP; buffer sizes in bytes, as the kernel understands them."""
    host, port = server.addresses[0]
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        if send_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.connect((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Caller(sock)


@contextmanager
def joined(server: Server) -> Iterator[Caller]:
    """Let the server adopt one end of a socket pair, and call from the other."""
    ours, theirs = socket.socketpair()
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
