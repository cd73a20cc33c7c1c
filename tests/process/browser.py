"""The real command ``reverb-tui --web``, and visitors by plain HTTP and WebSockets."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.process.forking import Process, start
from tests.process.waiting import wait_for

COMMAND: Final = [sys.executable, "-m", "reverb_tui"]
TIMEOUT: Final = 30
"""Real seconds after which a process hangs."""


class Serving:
    """The command, running and ready."""

    def __init__(self, process: Process) -> None:
        self.process = process
        assert process.stderr is not None
        ready = process.stderr.readline()
        found = re.fullmatch(r"reverb-tui: serving (http://\S+/) \(Ctrl-C ends\)\n", ready)
        assert found, ready
        self.url = found[1]

    def clients(self) -> list[int]:
        """Return the visitors' processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()]

    def wait_for_clients(self, number: int) -> list[int]:
        """Wait until there are so many, and return them."""
        found: list[int] = []

        def complete() -> bool:
            found[:] = self.clients()
            return len(found) == number

        wait_for(complete, lambda: found)
        return found


@contextmanager
def serving(*arguments: str, web: str = "0") -> Iterator[Serving]:
    """Serve, usually on a free port, and kill the process if it still runs afterwards."""
    with start(
        [*COMMAND, "--web", web, *arguments],
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Serving(process)
        finally:
            process.kill()


class Visitor:
    """A browser without a screen: what it was sent is kept as text."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.drawn = ""

    async def type(self, keys: str) -> None:
        await self.socket.send_json(["stdin", keys])

    async def wait_for(self, text: str) -> None:
        """Wait until a text was drawn since the last wait."""
        while text not in self.drawn:
            message = await self.socket.receive(TIMEOUT)
            assert message.type == WSMsgType.BINARY, f"{message} before {text!r}: {self.drawn!r}"
            self.drawn += message.data.decode()
        self.drawn = ""

    async def wait_for_end(self) -> None:
        while (await self.socket.receive(TIMEOUT)).type == WSMsgType.BINARY:
            pass


@asynccontextmanager
async def visiting(
    serving: Serving, *said: str, until: str = "connected"
) -> AsyncIterator[Visitor]:
    """Visit, say something at once, and wait until a text was drawn."""
    async with (
        ClientSession() as session,
        session.ws_connect(f"{serving.url}ws?width=100&height=30") as socket,
    ):
        visitor = Visitor(socket)
        for each in said:
            await socket.send_json([each])
        await visitor.wait_for(until)
        yield visitor
