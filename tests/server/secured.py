"""Who calls a server that speaks TLS: with a certificate for it, and a context that trusts it."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import anyio
import trustme

from reverb_server import Server
from tests.server.calls import Caller, call

Connect = Callable[[Server], AbstractContextManager[Caller]]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
AUTHORITY = trustme.CA()


def trusting(version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """What a client agrees on: just this version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)
    context.minimum_version = context.maximum_version = version
    return context


class TLSCaller(Caller):
    """A client's end, encrypted by the standard library's own sockets."""

    socket: ssl.SSLSocket

    async def _do(self, step: Any, *arguments: Any) -> Any:
        while True:
            try:
                return step(*arguments)
            except ssl.SSLWantReadError:
                await anyio.wait_readable(self.socket)
            except ssl.SSLWantWriteError:
                await anyio.wait_writable(self.socket)

    async def handshake(self) -> None:
        await self._do(self.socket.do_handshake)

    async def send_some(self, data: bytes | memoryview) -> int:
        return int(await self._do(self.socket.send, data))

    async def read(self, limit: int = 262_144) -> bytes:
        try:
            return bytes(await self._do(self.socket.recv, limit))
        except ssl.SSLZeroReturnError:  # the other side's close_notify, after ours
            return b""

    def hang_up(self) -> None:
        """Send close_notify; everything must be read, for OpenSSL takes data for an error then."""
        with suppress(ssl.SSLWantReadError):
            self.socket.unwrap()


@contextmanager
def calling(
    server: Server, context: ssl.SSLContext, connect: Connect = call
) -> Iterator[TLSCaller]:
    with connect(server) as caller:
        wrapped = context.wrap_socket(
            caller.socket,
            server_hostname="localhost",
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        )
        with wrapped:
            yield TLSCaller(wrapped)
