"""HTTP/1.1 and 1.0 on one connection: h11 parses, and what is here reads, writes and has limits.

Requests are GET or HEAD and have no body. A client has PATIENCE seconds for a request, and as long
to take the answer; one that sends more than HEADERS_MAX before its request is whole is refused.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

import anyio
import h11
from anyio.lowlevel import checkpoint

from reverb_server.net.connection_log import cause
from reverb_server.net.lingering_close import close_lingering
from reverb_server.net.stream import Gone, Stream

HEADERS_MAX: Final = 16_384
"""Bytes of a request, its headers included."""

READ_SIZE: Final = 4096
"""Bytes asked for by one read: a usual request, and few that come behind it."""

PATIENCE: Final = 10.0
"""Seconds for a request, and for taking an answer."""

TEXT: Final = "text/plain; charset=utf-8"

METHODS: Final = ("GET", "HEAD")

NOT_ALLOWED: Final = HTTPStatus.METHOD_NOT_ALLOWED
TOO_LARGE: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

log = logging.getLogger("reverb_server")


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is to be answered: GET, or HEAD for the same without its body."""

    path: str
    """Path of the target, without a query."""
    accept: str
    """All that the client says of the types it accepts; empty if nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; a body of unknown length is an asynchronous generator."""

    status: HTTPStatus
    body: bytes | Callable[[], AsyncGenerator[bytes, None]]
    content_type: str = TEXT
    more_headers: tuple[tuple[str, str], ...] = ()


Respond = Callable[[Request], Awaitable[Answer]]


def sentence(status: HTTPStatus, text: str, *more_headers: tuple[str, str]) -> Answer:
    """Return an answer that is one line of text."""
    return Answer(status, f"{text}\n".encode(), more_headers=more_headers)


async def converse(stream: Stream, respond: Respond) -> None:
    """Answer one request after the other until either side ends the connection, then close it.

    Raises Gone.
    """
    conversation = Conversation(stream, respond)
    try:
        while await conversation.take_turn():
            await checkpoint()  # a client that sends many at once would starve others
        await close_lingering(stream)
    finally:
        stream.close()


class Conversation:
    """The requests and answers of one connection."""

    def __init__(self, stream: Stream, respond: Respond) -> None:
        self._stream = stream
        self._respond = respond
        self._http = h11.Connection(h11.SERVER, HEADERS_MAX)
        self._bodiless = False  # an answer to HEAD

    async def take_turn(self) -> bool:
        """Answer one request; return whether another may follow. Raises Gone."""
        try:
            with anyio.fail_after(PATIENCE):
                request = await self._next_request()
        except TimeoutError:
            if not self._http.trailing_data[0]:  # it was between two requests
                return False
            late = sentence(HTTPStatus.REQUEST_TIMEOUT, f"no request came in {PATIENCE:g} seconds")
            return await self._send(late)
        except h11.RemoteProtocolError as error:
            # Its text may repeat what came.
            return await self._send(_refusal(HTTPStatus(error.error_status_hint)))
        return request is not None and await self._send(await self._answer(request))

    async def _next_request(self) -> h11.Request | None:
        """Wait for a request; return None if the client has ended the connection."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = self._stream.receive_now(READ_SIZE)
            if data is None:
                data = await self._stream.receive(READ_SIZE)
            self._http.receive_data(data)
        return event if isinstance(event, h11.Request) else None

    async def _answer(self, request: h11.Request) -> Answer:
        """Return the answer to a request, or a refusal."""
        self._bodiless = request.method == b"HEAD"
        try:
            has_body = not isinstance(self._http.next_event(), h11.EndOfMessage)
        except h11.RemoteProtocolError:  # a body that is none
            has_body = True
        if request.method.decode("ascii") not in METHODS:
            allowed = ", ".join(METHODS)
            return sentence(NOT_ALLOWED, f"only {allowed} can be asked for", ("Allow", allowed))
        if has_body:
            return sentence(TOO_LARGE, "a request has no body here")
        accept = b",".join(value for name, value in request.headers if name == b"accept")
        asked = Request(_path(request.target.decode("ascii")), accept.decode("latin-1"))
        try:
            return await self._respond(asked)
        except Exception as error:
            log.error("an error of the admin address:\n%s", cause(error))
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _send(self, answer: Answer) -> bool:
        """Send an answer; return whether another request may follow. Raises Gone."""
        with anyio.move_on_after(PATIENCE) as waiting:
            await self._send_parts(answer)
        if waiting.cancelled_caught:
            self._stream.reset_on_close()  # else the kernel would keep what nobody reads
            raise Gone(f"the answer was not taken in {PATIENCE:g} seconds")
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    async def _send_parts(self, answer: Answer) -> None:
        headers = [
            ("Date", formatdate(usegmt=True)),
            ("Content-Type", answer.content_type),
            ("Cache-Control", "no-store"),
            *answer.more_headers,
        ]
        if isinstance(answer.body, bytes):
            headers.append(("Content-Length", str(len(answer.body))))
        if self._http.their_state in (h11.IDLE, h11.SEND_BODY, h11.ERROR):
            headers.append(("Connection", "close"))  # no request was read whole, and none will be
        reason = answer.status.phrase.encode()
        head = h11.Response(status_code=answer.status, reason=reason, headers=headers)
        unsent = self._http.send(head) or b""
        if self._bodiless:
            pass
        elif isinstance(answer.body, bytes):
            unsent += self._http.send(h11.Data(data=answer.body)) or b""
        else:
            async with aclosing(answer.body()) as parts:
                async for part in parts:
                    await self._send_all(unsent)
                    unsent = self._http.send(h11.Data(data=part)) or b""
        await self._send_all(unsent + (self._http.send(h11.EndOfMessage()) or b""))

    async def _send_all(self, data: bytes) -> None:
        rest = memoryview(data)[self._stream.send_now(data) :]
        while rest:
            await self._stream.wait_writable()
            rest = rest[self._stream.send_now(rest) :]


def _refusal(status: HTTPStatus) -> Answer:
    return sentence(status, status.phrase.lower())


def _path(target: str) -> str:
    """Return the path of a request's target, which a proxy may have sent as a whole URL."""
    place = target.partition("?")[0]
    scheme, separator, rest = place.partition("://")
    return f"/{rest.partition('/')[2]}" if separator and scheme.isalpha() else place
