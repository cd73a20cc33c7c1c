"""A visitor: one browser's WebSocket, and the process of the client that draws for it."""

import asyncio
import json
import os
from asyncio import StreamWriter, create_task
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiohttp import WSMsgType
from aiohttp.web import WebSocketResponse

from reverb_tui.terminal.web_driver import drawn, environment, told, typed

LEAVE_WITHIN: Final = 2.0
"""Seconds for a client to end after its visitor; then it is killed."""

WIDTH: Final = range(1, 501)
HEIGHT: Final = range(1, 301)
"""Columns and rows that a browser can ask for: memory and time grow with them."""


async def serve_visitor(
    socket: WebSocketResponse,
    command: Sequence[str],
    size: tuple[int, int],
    stopping: asyncio.Event,
) -> None:
    """Run a client for a browser, until either ends or ``stopping`` is set. Raises OSError."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, **environment(_within(WIDTH, size[0]), _within(HEIGHT, size[1]))},
        start_new_session=True,  # Ctrl-C is for this process, which ends the clients
    )
    tasks = [
        create_task(_show(process, socket)),
        create_task(_pass_on(socket, process)),
        create_task(stopping.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _end(process)


async def _show(process: Process, socket: WebSocketResponse) -> None:
    """Send to the browser what the client draws; a slow browser slows its client."""
    if process.stdout is not None:
        async for data in drawn(process.stdout):
            await socket.send_bytes(data)


async def _pass_on(socket: WebSocketResponse, process: Process) -> None:
    """Send to the client what the browser says, until it leaves."""
    async for message in socket:
        if message.type == WSMsgType.TEXT and process.stdin is not None:
            await _tell(message.data, process.stdin, socket)


async def _tell(text: str, client: StreamWriter, socket: WebSocketResponse) -> None:
    """Act on one message of the browser; what is none is ignored."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return
    match message:
        case ["stdin", str(keys)]:
            client.write(typed(keys))
        case ["resize", {"width": int(width), "height": int(height)}]:
            size = {"width": _within(WIDTH, width), "height": _within(HEIGHT, height)}
            client.write(told("resize", **size))
        case ["focus" | "blur" as kind, *_]:
            client.write(told(kind))
        case ["ping", data]:
            await socket.send_json(["pong", data])
    await client.drain()


async def _end(process: Process) -> None:
    """End a client by the end of its input, or by a signal if that takes too long."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        # Its output is read to the end: a client that can't write can't end.
        await asyncio.wait_for(process.communicate(), LEAVE_WITHIN)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def _within(allowed: range, number: int) -> int:
    return max(allowed[0], min(allowed[-1], number))
