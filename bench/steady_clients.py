"""Clients that shout steadily while servers are restarted, and count what they get.

``python -m bench.steady_clients PORT ONCE OBEYING IGNORING`` has so many of each kind, until its
standard input ends; then it prints what was sent and what came whole, as JSON.
"""

import json
import sys
from collections import Counter
from typing import Final

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup

from reverb_server.core.control import request

PAUSE: Final = 0.05
"""Seconds between two shouts of a client."""


class Clients:
    """Clients that shout at a port until they are told to stop, and count.

    Args:
        port: The balancer's.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._number = 0
        self.stopped = False
        self.sent: Counter[str] = Counter()
        """Shouts, by the kind of their client."""
        self.whole: Counter[str] = Counter()
        """Shouts of which all echoes came."""

    def lost(self, kind: str) -> int:
        return self.sent[kind] - self.whole[kind]

    async def shout_once_per_connection(self) -> None:
        """Connect, shout, wait for the echoes, and close, over and over."""
        while not self.stopped:
            await anyio.sleep(PAUSE)
            call = Call(self._port, self._number)
            self._number += 1
            await call.shout()
            await call.listen(enough=3)
            self._count("once", call)

    async def shout_on(self, *, obey: bool) -> None:
        """Shout over a connection for as long as it goes; over another one if told to obey."""
        async with anyio.create_task_group() as group:
            while not self.stopped:
                await self._shout_over_one(group, obey=obey)

    async def _shout_over_one(self, group: TaskGroup, *, obey: bool) -> None:
        call = Call(self._port, self._number)
        self._number += 1_000_000
        await call.connect()
        await call.send(request(1))
        ended = anyio.Event()

        async def listen() -> None:
            await call.listen()
            ended.set()
            self._count("obeying" if obey else "ignoring", call)

        group.start_soon(listen)
        while not self.stopped and not (call.draining if obey else ended.is_set()):
            await call.shout()
            await anyio.sleep(PAUSE)
        if self.stopped:
            await call.hang_up()

    def _count(self, kind: str, call: "Call") -> None:
        self.sent[kind] += call.sent
        self.whole[kind] += call.whole


class Call:
    """A connection to the balancer.

    Args:
        port: Its port.
        number: That of the first shout.
    """

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._next = number
        self._stream: anyio.abc.SocketStream | None = None
        self._echoes: Counter[bytes] = Counter()
        self.sent = 0
        self.draining = False

    @property
    def whole(self) -> int:
        return sum(count == 3 for count in self._echoes.values())

    async def connect(self) -> None:
        self._stream = await anyio.connect_tcp("127.0.0.1", self._port)

    async def send(self, data: bytes) -> None:
        if self._stream is None:
            await self.connect()
        assert self._stream is not None
        try:
            await self._stream.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return  # it counts as sent

    async def shout(self) -> None:
        """Shout a number: the same loud, normal and quiet."""
        self.sent += 1
        await self.send(b"%d\n" % self._next)
        self._next += 1

    async def hang_up(self) -> None:
        assert self._stream is not None
        try:
            await self._stream.send_eof()
        except (anyio.BrokenResourceError, OSError):
            return

    async def listen(self, enough: int = 0) -> None:
        """Count what comes, until the end, or until there are so many lines."""
        assert self._stream is not None
        unread = b""
        came = 0
        async with self._stream:
            while not enough or came < enough:
                try:
                    unread += await self._stream.receive()
                except (anyio.EndOfStream, anyio.BrokenResourceError):
                    return
                *lines, unread = unread.split(b"\n")
                for line in lines:
                    came += 1
                    if line.startswith(b"\t "):
                        self._echoes[line] += 1
                    self.draining |= b'"draining"' in line


async def shout_until_told(port: int, once: int, obeying: int, ignoring: int) -> Clients:
    """Have so many clients of each kind until standard input ends; return them."""
    clients = Clients(port)

    async def shout_on(obey: bool) -> None:
        await clients.shout_on(obey=obey)

    async with anyio.create_task_group() as group:
        for _ in range(once):
            group.start_soon(clients.shout_once_per_connection)
        for number in range(obeying + ignoring):
            group.start_soon(shout_on, number < obeying)
            await anyio.sleep(PAUSE / (obeying + ignoring))  # not all at the same instants
        await anyio.to_thread.run_sync(sys.stdin.read)
        clients.stopped = True
    return clients


if __name__ == "__main__":
    port, once, obeying, ignoring = map(int, sys.argv[1:])
    done = anyio.run(shout_until_told, port, once, obeying, ignoring)
    print(json.dumps({"sent": done.sent, "whole": done.whole}))
