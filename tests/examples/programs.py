"""The programs of ``examples/book``, and what is said to them and heard from them."""

import importlib
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, cast

import anyio
from anyio.abc import SocketAttribute, SocketStream

BOOK = Path(__file__).parents[2] / "examples" / "book"
RIGHT = sorted(path.stem for path in BOOK.glob("*.py"))
WRONG = sorted(path.stem for path in (BOOK / "wrong").glob("*.py") if path.stem != "right")

Heard = tuple[float, str]
"""A line that came, with its LF, and the second at which it did."""
Step = tuple[float, bytes | None]
"""Bytes to send and the second to do so; None ends the output."""


class Server(Protocol):
    """What the servers have in common."""

    PORT: int
    DELAY: float

    async def handle_conn(self, conn: SocketStream) -> None: ...

    async def main(self) -> None: ...


def server(name: str) -> Server:
    """Import one of the servers, as a program would that has their folders in its path."""
    folders = [str(BOOK), str(BOOK / "wrong")]
    sys.path[:0] = folders
    try:
        return cast("Server", importlib.import_module(name))
    finally:
        for folder in folders:
            sys.path.remove(folder)


def breaks(name: str) -> str:
    """Return the one promise that a wrong program says it breaks."""
    (promise,) = re.findall(r"^Breaks: ([a-z-]+)$", server(name).__doc__ or "", re.MULTILINE)
    return str(promise)


@asynccontextmanager
async def serving(handle: Callable[[SocketStream], Awaitable[None]]) -> AsyncIterator[int]:
    """Serve on a free port while the block runs; yield the port."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, handle)
        yield listener.extra(SocketAttribute.local_port)
        tasks.cancel_scope.cancel()


async def listen(conn: SocketStream, begin: float, heard: list[Heard]) -> None:
    """Hear line by line until the server ends the connection; then the end itself, as ``""``."""
    rest = b""
    async for data in conn:
        *lines, rest = (rest + data).split(b"\n")
        now = round(anyio.current_time() - begin, 6)
        heard.extend((now, f"{line.decode(errors='backslashreplace')}\n") for line in lines)
    assert not rest
    heard.append((round(anyio.current_time() - begin, 6), ""))


async def talk(port: int, *steps: Step) -> list[Heard]:
    """Connect, do the steps, each at its time; return all that is heard until the server's end."""
    heard: list[Heard] = []
    begin = anyio.current_time()
    async with await anyio.connect_tcp("127.0.0.1", port) as conn, anyio.create_task_group() as it:
        it.start_soon(listen, conn, begin, heard)
        for at, data in steps:
            await anyio.sleep_until(begin + at)
            await (conn.send_eof() if data is None else conn.send(data))
    return heard


async def conversation(program: Server, *steps: Step) -> list[Heard]:
    """Talk to a server that serves no other client."""
    async with serving(program.handle_conn) as port:
        return await talk(port, *steps)


def said(heard: list[Heard]) -> list[str]:
    """Return the texts alone, without the end."""
    assert heard[-1][1] == "", "the server has not ended the connection"
    return [text for _, text in heard[:-1]]


def echoes(*shouts: str) -> list[str]:
    """Return the echoes of shouts, one shout after the other."""
    return [f"\t {text}\n" for each in shouts for text in (each.upper(), each, each.lower())]
