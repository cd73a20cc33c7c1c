"""Messages between a parent and a worker: JSON objects, a line each, over a pair of sockets.

Each side believes the other, which may be of another version: keys that it does not know are left
alone.
"""

import json
import socket
from dataclasses import asdict, fields
from typing import Any

import anyio

from reverb_server.core.lateness import Histogram
from reverb_server.net.connection_log import End
from reverb_server.net.figures import ConnectionState, Figures
from reverb_server.net.stream import SocketStream

Message = dict[str, Any]


class Link:
    """One end; it owns its socket. Receiving and sending raise Gone."""

    def __init__(self, sock: socket.socket) -> None:
        self._stream = SocketStream(sock)
        self._sending = anyio.Lock()
        self._received = b""

    async def send(self, message: Message) -> None:
        """Send a message, as soon as those before it are sent."""
        async with self._sending:
            rest = memoryview(json.dumps(message).encode("ascii") + b"\n")
            while rest := rest[self._stream.send_now(rest) :]:
                await self._stream.wait_writable()

    async def receive(self) -> Message | None:
        """Return the next message; None if the other side has ended."""
        while b"\n" not in self._received:
            data = await self._stream.receive()
            if not data:
                return None
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        message: Message = json.loads(line)
        return message

    def close(self) -> None:
        """Close this end."""
        self._stream.close()


def pack_figures(figures: Figures) -> Message:
    """Return figures as a part of a message."""
    late = figures.lateness
    return {
        **{field.name: getattr(figures, field.name) for field in fields(Figures)},
        "ended": dict(figures.ended),
        "lateness": {"counts": late.counts, "sum": late.sum},
    }


def unpack_figures(packed: Message) -> Figures:
    """Return the figures that were packed."""
    ended = {end: packed["ended"].get(end, 0) for end in End}
    late = Histogram(packed["lateness"]["counts"], packed["lateness"]["sum"])
    known = {field.name: packed.get(field.name, 0) for field in fields(Figures)}
    return Figures(**{**known, "ended": ended, "lateness": late})


def pack_states(states: list[ConnectionState]) -> list[Message]:
    """Return what connections do as a part of a message."""
    return [asdict(state) for state in states]


def unpack_states(packed: list[Message]) -> list[ConnectionState]:
    """Return the states that were packed."""
    names = [field.name for field in fields(ConnectionState)]
    known: list[Message] = [{name: each.get(name) for name in names} for each in packed]
    return [ConnectionState(**each) for each in known]
