"""A worker: an ordinary server with given sockets, that obeys its parent."""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

import anyio
from anyio.abc import TaskGroup

from reverb_server.errors import ReverbError
from reverb_server.net.figures import ConnectionState
from reverb_server.net.listeners import CannotListen
from reverb_server.net.server import Server, serving
from reverb_server.net.stream import Gone
from reverb_server.settings import Settings
from reverb_server.workers.link import Link, Message, pack_figures, pack_states

LISTS_AT_ONCE: Final = 32
"""Lists of connections that the parent reads at a time; the oldest is forgotten for one more."""

log = logging.getLogger("reverb_server")


async def work(
    settings: Settings, parent: socket.socket, on_stop: Callable[[Callable[[], None]], None]
) -> int:
    """Serve for the parent at the other end of a socket until it says stop, or ends.

    ``on_stop`` is given what to call when a signal stops this process. Returns the exit status.
    """
    link = Link(parent)
    refusal: ReverbError | None = None
    server: Server | None = None
    async with anyio.create_task_group() as group:
        try:
            async with serving(settings) as server:
                worker = Worker(link, server, group)
                on_stop(worker.stop.set)
                await worker.tell({"ready": True})
                group.start_soon(worker.obey)
                await worker.stop.wait()
                await worker.tell({"leaving": True})
                await server.drain()
            await worker.tell({"figures": pack_figures(server.figures()), "lost": server.lost})
        except ReverbError as problem:
            refusal = problem
        group.cancel_scope.cancel()
    if refusal is not None:
        with suppress(Gone):
            await link.send({"refused": str(refusal)})
        return 1
    return 1 if server is not None and server.lost else 0


class Worker:
    """The parent's view of a server: answers and orders."""

    def __init__(self, link: Link, server: Server, group: TaskGroup) -> None:
        self.stop = anyio.Event()
        """Whether it is to drain and end."""
        self._link = link
        self._server = server
        self._group = group
        self._lists: dict[int, Iterator[ConnectionState]] = {}

    async def tell(self, message: Message) -> None:
        """Send a message, if the parent is still there."""
        with suppress(Gone):
            await self._link.send(message)

    async def obey(self) -> None:
        """Do what the parent asks for; stop when it has ended."""
        with suppress(Gone):
            while (message := await self._link.receive()) is not None:
                self._group.start_soon(self._answer, message)  # reading a certificate takes time
        if not self.stop.is_set():
            log.error("stopping: the parent of this worker has ended")
            self.stop.set()

    async def _answer(self, message: Message) -> None:
        answer: object = None
        match message.get("ask"):
            case "figures":
                answer = pack_figures(await self._server.figures_in_turns())
            case "connections":
                answer = pack_states(self._next_states(message["list"], message["most"]))
            case "reload":
                try:
                    await self._server.reload_certificate()
                except CannotListen as problem:
                    answer = str(problem)
            case "announce":
                self._server.announce()
            case "leave":
                await self._server.leave()
            case "stop":
                self.stop.set()
            case "cut":
                self._server.cut()
        if "id" in message:
            await self.tell({"id": message["id"], "answer": answer})

    def _next_states(self, number: int, most: int) -> list[ConnectionState]:
        """Return the next part of a list; empty at its end."""
        states = self._lists.pop(number, None) or self._server.connection_states()
        batch = list(islice(states, most))
        if batch:
            self._lists[number] = states
        while len(self._lists) > LISTS_AT_ONCE:
            del self._lists[next(iter(self._lists))]
        return batch
