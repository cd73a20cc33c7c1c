"""TCP on localhost, as Go's net has it."""

from contextlib import suppress
from typing import Final

import anyio
from anyio.abc import ByteStream, Listener, SocketStream

from golang import log

ERRORS: Final = (anyio.BrokenResourceError, anyio.ClosedResourceError)
"""Errors of one connection: the peer has reset it, or this side has closed it."""


async def listen(port: int) -> Listener[SocketStream]:
    """Listen on localhost; of its addresses Go takes 127.0.0.1 alone."""
    try:
        return await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
    except OSError as error:
        log.fatal(f"cannot listen on localhost:{port} ({error.strerror}): stop what uses it")


async def dial(port: int) -> SocketStream:
    """Connect to localhost."""
    try:
        return await anyio.connect_tcp("localhost", port)
    except OSError:
        log.fatal(f"nothing is listening on localhost:{port}: start a server first")


async def close_write(conn: ByteStream) -> None:
    """End the output and leave the input open, as (*TCPConn).CloseWrite does; ignore errors."""
    with suppress(*ERRORS):
        await conn.send_eof()
