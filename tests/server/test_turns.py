"""A connection that is busy leaves the others their turns."""

import socket
import statistics
import time
from typing import Any

import anyio

from reverb_server import Settings, running
from tests.server.calls import joined
from tests.virtual import anyio_backend as anyio_backend


async def test_reading_from_a_busy_socket_starves_nobody() -> None:
    async with running(Settings(port=0, mode="plain")) as server:
        with joined(server) as busy, joined(server) as other:
            stop = False

            async def flood() -> None:
                while not stop:
                    await busy.send_some(b"x" * 65_536)

            async def swallow() -> None:
                while True:
                    await busy.read()

            async with anyio.create_task_group() as group:
                group.start_soon(flood)
                group.start_soon(swallow)
                took = []
                for _ in range(100):
                    begin = time.monotonic()
                    await other.shout(b"ping")
                    assert await other.read() == b"ping"
                    took.append(time.monotonic() - begin)
                assert statistics.median(took) < 0.5  # one alone may wait for the machine
                group.cancel_scope.cancel()


class Endless:
    """A stand-in for a socket that always has data; counts what is read of it."""

    def __init__(self) -> None:
        self.reads = 0
        self._real, self._peer = socket.socketpair()
        self._peer.send(b"x")
        self.family, self.type = self._real.family, self._real.type

    def recv(self, limit: int) -> bytes:
        self.reads += 1
        return b"x" * limit

    def send(self, data: bytes | memoryview) -> int:
        return len(data)

    def setblocking(self, flag: bool) -> None:
        pass

    def fileno(self) -> int:
        return self._real.fileno()

    def getpeername(self) -> str:
        return ""

    def getsockname(self) -> str:
        return ""

    def close(self) -> None:
        self._real.close()
        self._peer.close()


async def test_a_socket_that_always_has_data_gives_others_a_turn_after_each_read() -> None:
    endless: Any = Endless()
    async with running(Settings(mode="plain"), accepting=False) as server:
        server.adopt(endless)
        turns = 0
        while endless.reads < 50:
            await anyio.lowlevel.checkpoint()
            turns += 1
    assert turns >= 40
