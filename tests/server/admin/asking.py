"""Who asks an admin address in these tests: raw requests, and answers as h11 reads them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import anyio
import h11

from reverb_server.admin.http import Answer, Request, Respond, converse, sentence
from reverb_server.net.stream import Gone, SocketStream
from tests.server.calls import Caller, unix_pair


@dataclass
class Response:
    """An answer that was read whole."""

    status: int
    headers: dict[str, str]
    body: bytes


def request(path: str = "/health", method: str = "GET", *headers: str) -> bytes:
    """Write a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


class Asking:
    """A client of an admin address, on a connection that it keeps."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self._http = h11.Connection(h11.CLIENT)

    async def answer(self, method: str = "GET") -> Response:
        """Read the answer to a request that was sent."""
        if self._http.our_state is h11.IDLE:
            self._http.send(h11.Request(method=method, target="/", headers=[("Host", "localhost")]))
            self._http.send(h11.EndOfMessage())
        response: h11.Response | None = None
        body = b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self.caller.read())
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                raise AssertionError(f"no answer came, but {event!r}")
        assert response is not None
        if self._http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self._http.start_next_cycle()
        headers = {name.decode(): value.decode() for name, value in response.headers}
        return Response(response.status_code, headers, body)

    async def ask(self, path: str, method: str = "GET", *headers: str) -> Response:
        """Send a request, and read its answer."""
        await self.caller.shout(request(path, method, *headers))
        return await self.answer(method)


async def echo_path(asked: Request) -> Answer:
    """Answer with the path."""
    return sentence(HTTPStatus.OK, asked.path)


Ended = Callable[[], Awaitable[None]]


@asynccontextmanager
async def conversation(respond: Respond = echo_path) -> AsyncIterator[tuple[Asking, Ended]]:
    """Converse with a client over a pair of sockets; the second value waits for the end."""
    ours, theirs = unix_pair()
    ended = anyio.Event()

    async def run() -> None:
        try:
            await converse(SocketStream(theirs), respond)
        except Gone:
            pass
        finally:
            ended.set()

    with ours:
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            yield Asking(Caller(ours)), ended.wait
            group.cancel_scope.cancel()
