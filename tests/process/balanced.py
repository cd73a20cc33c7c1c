"""Servers behind a balancer, restarted under load: processes, and clients of three kinds."""

import re
import signal
import subprocess
from collections import Counter
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from reverb_server.core.control import request
from tests.client.watcher import nobody
from tests.process.commands import COMMAND, TIMEOUT, environment
from tests.process.waiting import wait_for

DELAY = 0.1
"""Seconds between the echoes of a shout."""

PAUSE = 0.05
"""Seconds between two shouts of a client."""


class Ports:
    """Free ports in the place of those of a page; each stays the same."""

    def __init__(self) -> None:
        self._free: dict[str, int] = {}

    def __getitem__(self, port: str) -> int:
        if port not in self._free:
            self._free[port] = nobody().port
        return self._free[port]

    def put_into(self, text: str) -> str:
        """Replace every port of the page in a text."""
        return re.sub(r"\b[89]00[0-9]\b", lambda found: str(self[found[0]]), text)


class RestartedServer:
    """A server that can be restarted; its log goes on in a file.

    Args:
        arguments: Its arguments.
        log: The file.
    """

    def __init__(self, arguments: list[str], log: Path) -> None:
        self._command = [*COMMAND, *arguments]
        self._path = log
        self._log = log.open("ab")
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        seen = self.log.count("listening on")
        process = subprocess.Popen(self._command, env=environment(), stderr=self._log)
        wait_for(lambda: self.log.count("listening on") > seen, lambda: self.log)
        return process

    @property
    def log(self) -> str:
        return self._path.read_text()

    @property
    def heard(self) -> int:
        """Shouts that it heard on connections that have ended."""
        return sum(map(int, re.findall(r" shouts=(\d+) echoes=\d+ in=", self.log)))

    def restart(self) -> None:
        """Stop it, and start it again; every echo must have been sent."""
        self.stop()
        self.process = self._start()

    def wait_for_a_client(self) -> None:
        """Wait until it has served somebody since it was started."""
        wait_for(lambda: "shouts=1 " in self.log.rpartition("listening on")[2], lambda: self.log)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(TIMEOUT) == 0

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()


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
